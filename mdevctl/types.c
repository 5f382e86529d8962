/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "commands.h"
#include "json.h"
#include "name.h"
#include "parent.h"
#include "report.h"
#include "sysfs.h"
#include "terminal.h"

/* A sysfs file has at most one page, and each byte may be replaced by three. */
#define PAGE_SIZE 4096
#define VALUE_SIZE (3 * PAGE_SIZE + 1)

/* The properties of one type, as its driver reports them. */
struct type {
        long available;
        char api[256], name[256], description[2 * VALUE_SIZE];
};

/* The place of a type, for messages. */
struct type_place {
        const char *parent, *name;
        int types_fd, fd;
};

/* A type that disappeared with its parent is not an error. */
static int report_unreadable(const struct type_place *place, const char *file, int r)
{
        struct stat st;

        if (fstatat(place->types_fd, place->name, &st, 0) < 0)
                return -ENODEV;
        return report_error(
                r, "parent %s, type %s: Failed to read %s: %m", place->parent, place->name, file);
}

/* Reads a value without the white space around it. */
static int read_value(const struct type_place *place, const char *file, char *ret, size_t size)
{
        char text[PAGE_SIZE + 1];
        int r = sysfs_read(place->fd, file, text, sizeof(text));

        if (r < 0) {
                ret[0] = '\0';
                return r;
        }
        utf8_replace_invalid(text + strspn(text, " \t\r\n"), ret, size);
        return 0;
}

static int read_required(const struct type_place *place, const char *file, char *ret, size_t size)
{
        int r = read_value(place, file, ret, size);

        return r < 0 ? report_unreadable(place, file, r) : 0;
}

/* Reads a file that not every driver provides. */
static int read_optional(const struct type_place *place, const char *file, char *ret, size_t size)
{
        int r = read_value(place, file, ret, size);

        return r < 0 && r != -ENOENT ? report_unreadable(place, file, r) : 0;
}

/* Copies text and joins its lines into one. */
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

/* Reports its errors. */
static int type_read(const struct type_place *place, struct type *ret)
{
        char description[VALUE_SIZE], available[32], *end;
        int r, k;

        r = read_required(place, "available_instances", available, sizeof(available));
        if (r < 0)
                return r;
        ret->available = strtol(available, &end, 10);
        if (end == available || *end != '\0')
                return report_error(-EINVAL, "parent %s, type %s: available_instances is not a number: %s",
                        place->parent, place->name, available);
        r = read_required(place, "device_api", ret->api, sizeof(ret->api));
        if (r < 0)
                return r;
        r = read_optional(place, "name", ret->name, sizeof(ret->name));
        k = read_optional(place, "description", description, sizeof(description));
        join_lines(description, ret->description);
        return r < 0 ? r : k;
}

static void line_print(const char *label, const char *value)
{
        printf("    %s: ", label);
        terminal_print(value);
        putchar('\n');
}

static void type_print(const char *name, const struct type *type)
{
        printf("  %s\n    Available instances: %ld\n", name, type->available);
        line_print("Device API", type->api);
        if (type->name[0] != '\0')
                line_print("Name", type->name);
        if (type->description[0] != '\0')
                line_print("Description", type->description);
}

static cJSON *type_to_json(const struct type *type)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        char digits[3 * sizeof(type->available) + 2];

        /* cJSON stores doubles and prints them in exponential form from 10^15 on. */
        snprintf(digits, sizeof(digits), "%ld", type->available);
        if (!cJSON_AddRawToObject(json, "available_instances", digits) ||
                !cJSON_AddStringToObject(json, "device_api", type->api))
                return NULL;
        if (type->name[0] != '\0' && !cJSON_AddStringToObject(json, "name", type->name))
                return NULL;
        if (type->description[0] != '\0' && !cJSON_AddStringToObject(json, "description", type->description))
                return NULL;
        return TAKE_PTR(json);
}

static int add_type(cJSON *array, const char *name, const struct type *type)
{
        cJSON *object = cJSON_CreateObject();
        int r = json_append(array, object);

        if (r >= 0)
                r = json_add(object, name, type_to_json(type));
        return r < 0 ? report_error(r, "%m") : 0;
}

/* Adds the type to the JSON array, or prints it as text at once if that is NULL. Reports its errors. */
static int output_type(cJSON *array, int types_fd, const char *parent, const char *name)
{
        _cleanup_close_ int fd = openat(types_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        const struct type_place place = {parent, name, types_fd, fd};
        struct type type = {};
        int r;

        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0; /* disappeared with its parent, or not a directory */
        if (fd < 0)
                return report_error(-errno, "parent %s, type %s: cannot be read: %m", parent, name);
        r = type_read(&place, &type);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return r;
        if (array)
                return add_type(array, name, &type);
        type_print(name, &type);
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

/* Lists all readable types. Reports its errors and returns the first. */
static int output_parent(const struct root *root, cJSON *json, const char *parent)
{
        _cleanup_close_ int parent_fd = parent_open(root, parent), types_fd = -1;
        struct dirent **entries;
        cJSON *array = NULL;
        int n, r = 0, k;

        if (parent_fd < 0)
                return report_error(parent_fd, "parent %s: cannot be read: %m", parent);
        types_fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n = types_fd < 0 ? -1 : scandirat(types_fd, ".", &entries, is_type, compare_entries);
        if (n < 0)
                return report_error(-errno, "parent %s: Failed to read " TYPES_DIR ": %m", parent);

        if (!json)
                puts(parent);
        else {
                array = cJSON_CreateArray();
                r = json_add(json, parent, array);
        }
        for (int i = 0; i < n; i++) {
                k = output_type(array, types_fd, parent, entries[i]->d_name);
                if (r >= 0)
                        r = k;
                free(entries[i]);
        }
        free(entries);
        return r;
}

/* Lists all readable parents. Reports its errors and returns the first. */
static int output_parents(const struct root *root, cJSON *json, const char *only)
{
        struct dirent **entries;
        char path[PATH_MAX];
        int r, k, n;

        r = root_path(root, path, PARENTS_DIR);
        if (r < 0)
                return report_error(r, "MDEVCTL_ENV_ROOT: %m");
        n = scandir(path, &entries, is_parent, compare_entries);
        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0)
                return report_error(-errno, "Failed to read %s: %m", path);
        for (int i = 0; i < n; i++) {
                if (!only || strcmp(entries[i]->d_name, only) == 0) {
                        k = output_parent(root, json, entries[i]->d_name);
                        if (r >= 0)
                                r = k;
                }
                free(entries[i]);
        }
        free(entries);
        return r;
}

static int print_json(const struct root *root, const char *parent)
{
        _cleanup_json_ cJSON *json = cJSON_CreateArray(), *object = cJSON_CreateObject();
        _cleanup_free_ char *text = NULL;
        int r;

        if (!json || !object)
                return report_error(-ENOMEM, "%m");
        r = output_parents(root, object, parent);
        /* Without parents the array stays empty. */
        if (!object->child || json_append(json, TAKE_PTR(object)) >= 0)
                text = json_print(json);
        if (!text)
                return report_error(-ENOMEM, "%m");
        fputs(text, stdout);
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT];

        return arguments_have(arguments, OPTION_DUMPJSON) ? print_json(root, parent)
                                                          : output_parents(root, NULL, parent);
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
