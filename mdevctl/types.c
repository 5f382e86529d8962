/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands.h"
#include "json.h"
#include "name.h"
#include "parent.h"
#include "report.h"
#include "sysfs.h"

/* A file in sysfs has a page at most, of which each byte may have to be replaced by three. */
#define PAGE_SIZE 4096
#define VALUE_SIZE (3 * PAGE_SIZE + 1)

/* What a driver says about one type. */
struct type {
        char available[32], api[256], name[256], description[2 * VALUE_SIZE];
};

static int read_value(int fd, const char *name, char *ret, size_t size)
{
        char text[PAGE_SIZE + 1];
        int r = sysfs_read(fd, name, text, sizeof(text));

        if (r < 0) {
                ret[0] = '\0';
                return r;
        }
        utf8_replace_invalid(text + strspn(text, " \t\r\n"), ret, size);
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

static cJSON *type_to_json(const struct type *type, long available)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        char digits[3 * sizeof(available) + 2];

        /* cJSON's numbers are floating-point numbers, and from 10^15 on they are printed as such. */
        snprintf(digits, sizeof(digits), "%ld", available);
        if (!cJSON_AddRawToObject(json, "available_instances", digits) ||
                !cJSON_AddStringToObject(json, "device_api", type->api))
                return NULL;
        if (type->name[0] != '\0' && !cJSON_AddStringToObject(json, "name", type->name))
                return NULL;
        if (type->description[0] != '\0' && !cJSON_AddStringToObject(json, "description", type->description))
                return NULL;
        return TAKE_PTR(json);
}

static int add_type(cJSON *array, const char *name, const struct type *type, long available)
{
        cJSON *object = cJSON_CreateObject();
        int r = json_append(array, object);

        return r < 0 ? r : json_add(object, name, type_to_json(type, available));
}

/* Types go to stdout as text, as they come, or into a JSON array unless that is NULL. */
static int output_type(cJSON *array, int types_fd, const char *parent, const char *name)
{
        _cleanup_close_ int fd = openat(types_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct type type;
        char *end;
        long available;
        int r;

        if (fd < 0)
                return 0; /* gone with its parent, or no directory */
        r = type_read(fd, &type);
        available = strtol(type.available, &end, 10);
        if (r >= 0 && (end == type.available || *end != '\0'))
                r = -EINVAL;
        if (r < 0) {
                report_warning(
                        "parent %s, type %s: cannot be read, ignoring: %s", parent, name, strerror(-r));
                return 0;
        }
        if (array)
                return add_type(array, name, &type, available);
        type_print(name, &type, available);
        return 0;
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

/* Parents go the same two ways: json is an object, or NULL. */
static int output_parent(const struct env *env, cJSON *json, const char *parent)
{
        _cleanup_close_ int parent_fd = parent_open(env, parent), types_fd = -1;
        cJSON *array = NULL;
        struct dirent **entries;
        int n = parent_fd, r = 0;

        if (n >= 0)
                n = types_fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (n >= 0)
                n = scandirat(types_fd, ".", &entries, is_type, compare_entries);
        if (n < 0) {
                report_warning("parent %s: cannot be read, ignoring: %s", parent, strerror(errno));
                return 0;
        }

        if (!json)
                puts(parent);
        else {
                array = cJSON_CreateArray();
                r = json_add(json, parent, array);
        }
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = output_type(array, types_fd, parent, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return r;
}

/* Returns the number of parents. Errors have been reported. */
static int output_parents(const struct env *env, cJSON *json, const char *only)
{
        struct dirent **entries;
        char path[PATH_MAX];
        int r, n, found = 0;

        r = env_path(env, path, PARENTS_DIR);
        if (r < 0)
                return report_error(r, "MDEVCTL_ENV_ROOT: %m");
        n = scandir(path, &entries, is_parent, compare_entries);
        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0)
                return report_error(-errno, "cannot read %s: %m", path);
        for (int i = 0; i < n; i++) {
                if (r >= 0 && (!only || strcmp(entries[i]->d_name, only) == 0)) {
                        found++;
                        r = output_parent(env, json, entries[i]->d_name);
                }
                free(entries[i]);
        }
        free(entries);
        return r < 0 ? report_error(r, "%m") : found;
}

static int print_json(const struct env *env, const char *parent)
{
        _cleanup_json_ cJSON *json = cJSON_CreateArray(), *object = cJSON_CreateObject();
        _cleanup_free_ char *text = NULL;
        int r;

        if (!json || !object)
                return report_error(-ENOMEM, "%m");
        r = output_parents(env, object, parent);
        if (r < 0)
                return r;
        /* Without any parent there is no object either. */
        if (r == 0 || json_append(json, TAKE_PTR(object)) >= 0)
                text = json_print(json);
        if (!text)
                return report_error(-ENOMEM, "%m");
        fputs(text, stdout);
        return 0;
}

static int run(const struct env *env, const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT];
        int r;

        if (arguments_have(arguments, OPTION_DUMPJSON))
                return print_json(env, parent);
        r = output_parents(env, NULL, parent);
        return r < 0 ? r : 0;
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
