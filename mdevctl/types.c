/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands.h"
#include "json-writer.h"
#include "name.h"
#include "parent.h"
#include "report.h"
#include "sysfs.h"

/* A file in sysfs has a page at most. */
#define VALUE_SIZE 4097

/* What a driver says about one type. */
struct type {
        char available[32], api[256], name[256], description[2 * VALUE_SIZE];
};

static int read_value(int fd, const char *name, char *ret, size_t size)
{
        const char *begin;
        int r = sysfs_read(fd, name, ret, size);

        if (r < 0) {
                ret[0] = '\0';
                return r;
        }
        begin = ret + strspn(ret, " \t\r\n");
        memmove(ret, begin, strlen(begin) + 1);
        return 0;
}

/* Copies text and makes one line of its lines. */
static void join_lines(const char *text, char ret[static 2 * VALUE_SIZE])
{
        for (; *text; text++)
                if (*text == '\n') {
                        *ret++ = ',';
                        *ret++ = ' ';
                } else
                        *ret++ = *text;
        *ret = '\0';
}

static int type_read(int fd, struct type *ret)
{
        char description[VALUE_SIZE];
        int r = read_value(fd, "available_instances", ret->available, sizeof(ret->available));

        if (r >= 0)
                r = read_value(fd, "device_api", ret->api, sizeof(ret->api));
        /* Not every driver has these. */
        (void) read_value(fd, "name", ret->name, sizeof(ret->name));
        (void) read_value(fd, "description", description, sizeof(description));
        join_lines(description, ret->description);
        return r;
}

static void type_print(const char *name, const struct type *type, long available)
{
        printf("  %s\n    Available instances: %ld\n    Device API: %s\n", name, available, type->api);
        if (type->name[0] != '\0')
                printf("    Name: %s\n", type->name);
        if (type->description[0] != '\0')
                printf("    Description: %s\n", type->description);
}

static void type_write(struct json_writer *json, const char *name, const struct type *type, long available)
{
        json_writer_open(json, '{');
        json_writer_key(json, name);
        json_writer_open(json, '{');
        json_writer_key(json, "available_instances");
        json_writer_number(json, available);
        json_writer_key(json, "device_api");
        json_writer_string(json, type->api);
        if (type->name[0] != '\0') {
                json_writer_key(json, "name");
                json_writer_string(json, type->name);
        }
        if (type->description[0] != '\0') {
                json_writer_key(json, "description");
                json_writer_string(json, type->description);
        }
        json_writer_close(json, '}');
        json_writer_close(json, '}');
}

/* Types go to stdout as text, as they come, or into JSON unless that is NULL. */
static void output_type(struct json_writer *json, int types_fd, const char *parent, const char *name)
{
        _cleanup_close_ int fd = openat(types_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct type type;
        char *end;
        long available;
        int r;

        if (fd < 0)
                return; /* gone with its parent, or no directory */
        r = type_read(fd, &type);
        available = strtol(type.available, &end, 10);
        if (r >= 0 && (end == type.available || *end != '\0'))
                r = -EINVAL;
        if (r < 0) {
                report_warning(
                        "parent %s, type %s: cannot be read, ignoring: %s", parent, name, strerror(-r));
                return;
        }
        if (!json)
                type_print(name, &type, available);
        else
                type_write(json, name, &type, available);
}

static int is_type(const struct dirent *entry)
{
        return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static int is_parent(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static void output_parent(const struct env *env, struct json_writer *json, const char *parent)
{
        _cleanup_close_ int parent_fd = parent_open(env, parent), types_fd = -1;
        struct dirent **entries;
        int n = parent_fd;

        if (n >= 0)
                n = types_fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (n >= 0)
                n = scandirat(types_fd, ".", &entries, is_type, compare_entries);
        if (n < 0) {
                report_warning("parent %s: cannot be read, ignoring: %s", parent, strerror(errno));
                return;
        }

        if (!json)
                puts(parent);
        else {
                json_writer_key(json, parent);
                json_writer_open(json, '[');
        }
        for (int i = 0; i < n; i++) {
                output_type(json, types_fd, parent, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        if (json)
                json_writer_close(json, ']');
}

static int output_parents(const struct env *env, struct json_writer *json, const char *only)
{
        struct dirent **entries;
        char path[PATH_MAX];
        bool found = false;
        int r, n;

        r = env_path(env, path, PARENTS_DIR);
        if (r < 0)
                return report_error(r, "MDEVCTL_ENV_ROOT: %m");
        n = scandir(path, &entries, is_parent, compare_entries);
        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0)
                return report_error(-errno, "cannot read %s: %m", path);
        for (int i = 0; i < n; i++) {
                if (!only || strcmp(entries[i]->d_name, only) == 0) {
                        /* Without any parent there is no object either. */
                        if (json && !found)
                                json_writer_open(json, '{');
                        found = true;
                        output_parent(env, json, entries[i]->d_name);
                }
                free(entries[i]);
        }
        free(entries);
        if (json && found)
                json_writer_close(json, '}');
        return 0;
}

static int print_json(const struct env *env, const char *parent)
{
        _cleanup_json_writer_ struct json_writer writer = {};
        _cleanup_free_ char *text = NULL;
        size_t length;
        int r;

        json_writer_open(&writer, '[');
        r = output_parents(env, &writer, parent);
        if (r < 0)
                return r;
        json_writer_close(&writer, ']');
        r = json_writer_take(&writer, &text, &length);
        if (r < 0)
                return report_error(r, "%m");
        fwrite(text, 1, length, stdout);
        return 0;
}

static int run(const struct env *env, const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT];

        return arguments_have(arguments, OPTION_DUMPJSON) ? print_json(env, parent)
                                                          : output_parents(env, NULL, parent);
}

const struct command command_types = {
        .name = "types",
        .summary = "List the types of device that parents can make",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_PARENT, "Only the types of this parent"},
                        {OPTION_DUMPJSON, "Print JSON"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
};
