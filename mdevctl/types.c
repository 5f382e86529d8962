/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "commands.h"
#include "device-operation.h"
#include "json.h"
#include "parent.h"
#include "report.h"
#include "terminal.h"
#include "type.h"
#include "xml.h"

#define DIGITS_MAX (3 * sizeof(long) + 2)

/* What is printed; a JSON document is collected first. */
struct output {
        bool xml;
        cJSON *json;  /* the object that has a member per parent */
        cJSON *array; /* the member of the current parent */
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

/* Reports its errors. A file that not every driver provides may be missing. */
static int type_read_all(const struct type_place *place, struct type *ret)
{
        int r = 0, k = 0;

        type_read(place->fd, ret);
        if (ret->available_error == -EBADMSG)
                return report_error(-EINVAL, "parent %s, type %s: available_instances is not a number: %s",
                        place->parent, place->name, ret->available_text);
        if (ret->available_error < 0)
                return report_unreadable(place, "available_instances", ret->available_error);
        if (ret->api_error < 0)
                return report_unreadable(place, "device_api", ret->api_error);
        if (ret->name_error < 0 && ret->name_error != -ENOENT)
                r = report_unreadable(place, "name", ret->name_error);
        if (ret->description_error < 0 && ret->description_error != -ENOENT)
                k = report_unreadable(place, "description", ret->description_error);
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

static void type_print_xml(const char *name, const struct type *type)
{
        char digits[DIGITS_MAX];

        xml_print(2, "<type id='%s'>", name);
        if (type->name[0] != '\0')
                xml_print(4, "<name>%s</name>", type->name);
        xml_print(4, "<deviceAPI>%s</deviceAPI>", type->api);
        snprintf(digits, sizeof(digits), "%ld", type->available);
        xml_print(4, "<availableInstances>%s</availableInstances>", digits);
        xml_print(2, "</type>");
}

static cJSON *type_to_json(const struct type *type)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        char digits[DIGITS_MAX];

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

/* Adds the type to the JSON array, or prints it at once. Reports its errors. */
static int output_type(const struct output *output, int types_fd, const char *parent, const char *name)
{
        _cleanup_close_ int fd = openat(types_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        const struct type_place place = {parent, name, types_fd, fd};
        struct type type = {};
        int r;

        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
                return 0; /* disappeared with its parent, or not a directory */
        if (fd < 0)
                return report_error(-errno, "parent %s, type %s: cannot be read: %m", parent, name);
        r = type_read_all(&place, &type);
        if (r == -ENODEV)
                return 0;
        if (r < 0)
                return r;
        if (output->json)
                return add_type(output->array, name, &type);
        if (output->xml)
                type_print_xml(name, &type);
        else
                type_print(name, &type);
        return 0;
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
static int output_parent(const struct root *root, struct output *output, const char *parent)
{
        _cleanup_close_ int parent_fd = parent_open(root, parent), types_fd = -1;
        _cleanup_type_names_ char **names = NULL;
        int n, r = 0, k;

        if (parent_fd < 0)
                return report_error(parent_fd, "parent %s: cannot be read: %m", parent);
        types_fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n = types_fd < 0 ? -errno : type_list(types_fd, &names);
        if (n < 0)
                return report_error(n, "parent %s: Failed to read " TYPES_DIR ": %m", parent);

        if (output->json) {
                output->array = cJSON_CreateArray();
                r = json_add(output->json, parent, output->array);
        } else if (!output->xml)
                puts(parent);
        for (int i = 0; names && i < n; i++) {
                k = output_type(output, types_fd, parent, names[i]);
                if (r >= 0)
                        r = k;
        }
        return r;
}

/* Lists all readable parents. Reports its errors and returns the first. */
static int output_parents(const struct root *root, struct output *output, const char *only)
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
                        k = output_parent(root, output, entries[i]->d_name);
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
        r = output_parents(root, &(struct output){.json = object}, parent);
        /* Without parents the array stays empty. */
        if (!object->child || json_append(json, TAKE_PTR(object)) >= 0)
                text = json_print(json);
        if (!text)
                return report_error(-ENOMEM, "%m");
        fputs(text, stdout);
        return r;
}

/* An XML document has one element, so the parent must exist. */
static int print_xml(const struct root *root, const char *parent)
{
        _cleanup_close_ int fd = parent_open(root, parent);
        int r;

        if (fd < 0)
                return device_report_no_parent(root, parent, fd);
        xml_print(0, "<capability type='mdev_types'>");
        r = output_parent(root, &(struct output){.xml = true}, parent);
        xml_print(0, "</capability>");
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT];

        if (arguments_have(arguments, OPTION_DUMPXML))
                return print_xml(root, parent);
        if (arguments_have(arguments, OPTION_DUMPJSON))
                return print_json(root, parent);
        return output_parents(root, &(struct output){}, parent);
}

const struct command command_types = {
        .name = "types",
        .summary = "List the types of device that parents can make",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_PARENT, "Only the types of this parent"},
                        {OPTION_DUMPJSON, "Print JSON"},
                        {OPTION_DUMPXML, "Print libvirt's XML of the types; needs --parent"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_DUMPXML, OPTION_BIT(OPTION_DUMPJSON)},
                        {OPTION_COUNT, 0},
                },
        .needs =
                (const struct option_rule[]){
                        {OPTION_DUMPXML, OPTION_BIT(OPTION_PARENT)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
