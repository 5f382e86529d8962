/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bus-device.h"
#include "candidates.h"
#include "cleanup.h"
#include "commands.h"
#include "device.h"
#include "override.h"
#include "survey.h"
#include "text.h"

/* A description, which the shell shortens to its line. */
#define DESCRIPTION_SIZE 256

void candidates_done(struct candidates *candidates)
{
        for (size_t i = 0; i < candidates->n_printed; i++)
                free(candidates->printed[i]);
        free(candidates->printed);
}

/* False if it was printed before, or without memory. */
static bool remember(struct candidates *candidates, const char *candidate)
{
        char **printed, *copy;

        for (size_t i = 0; i < candidates->n_printed; i++)
                if (strcmp(candidates->printed[i], candidate) == 0)
                        return false;
        printed = reallocarray(candidates->printed, candidates->n_printed + 1, sizeof(char *));
        if (!printed)
                return false;
        candidates->printed = printed;
        copy = strdup(candidate);
        if (!copy)
                return false;
        printed[candidates->n_printed++] = copy;
        return true;
}

static bool has_control_character(const char *text)
{
        for (; *text; text++)
                if (text_control_length(text) > 0)
                        return true;
        return false;
}

void candidates_add(struct candidates *candidates, const char *candidate, const char *description)
{
        char text[DESCRIPTION_SIZE];

        /* Each line is one candidate. */
        if (strncmp(candidate, candidates->word, strlen(candidates->word)) != 0 ||
                has_control_character(candidate) || !remember(candidates, candidate))
                return;
        printf("%.*s%s", (int) candidates->prefix_length, candidates->prefix, candidate);
        if (description && text_escape(description, text, sizeof(text)) > 0)
                printf("\t%s", text);
        putchar('\n');
}

/* Adds the words of a text that ", " and " or " separate. */
static void add_list(struct candidates *candidates, const char *list)
{
        while (*list) {
                const size_t length = strcspn(list, ", ");
                char word[64];

                snprintf(word, sizeof(word), "%.*s", (int) length, list);
                if (length > 0 && strcmp(word, "or") != 0)
                        candidates_add(candidates, word, NULL);
                list += length + strspn(list + length, ", ");
        }
}

/* True if the command can do something about a device in this state. */
static bool device_is_wanted(const struct candidates *candidates, const struct survey_device *device)
{
        const struct command *command = candidates->command;
        const struct arguments *arguments = &candidates->arguments;

        if (command == &command_start)
                return device->is_defined && !device->is_active;
        if (command == &command_define)
                return device->is_active && !device->is_defined;
        if (command == &command_stop)
                return device->is_active;
        if (command == &command_undefine)
                return device->is_defined;
        if (command == &command_modify)
                return arguments_have(arguments, OPTION_LIVE) ? device->is_active : device->is_defined;
        if (command == &command_list)
                return arguments_have(arguments, OPTION_DEFINED) ? device->is_defined : device->is_active;
        return true;
}

/* Describes a device under each parent that has it. */
static void describe_device(
        const struct survey *survey, size_t index, char ret[static DESCRIPTION_SIZE], const char *uuid)
{
        ret[0] = '\0';
        for (size_t i = index; i < survey->n_devices; i++) {
                const char *type = survey_device_get_type(&survey->devices[i]);
                char text[DESCRIPTION_SIZE];

                if (strcmp(survey->devices[i].uuid, uuid) != 0)
                        continue;
                snprintf(text, sizeof(text), "%s %s", survey->devices[i].parent,
                        type ? type : "(unreadable)");
                text_list(ret, DESCRIPTION_SIZE, text);
        }
}

static void add_uuids(struct candidates *candidates)
{
        const struct inventory_filter filter = {.parent = candidates->arguments.values[OPTION_PARENT]};
        _cleanup_survey_ struct survey survey = {};

        if (survey_make(candidates->root, &filter, 0, &survey) < 0)
                return;
        for (size_t i = 0; i < survey.n_devices; i++) {
                char description[DESCRIPTION_SIZE];

                if (!device_is_wanted(candidates, &survey.devices[i]))
                        continue;
                describe_device(&survey, i, description, survey.devices[i].uuid);
                candidates_add(candidates, survey.devices[i].uuid, description);
        }
}

/* With a UUID, undefine and modify have only the parents that define it. */
static void add_parents(struct candidates *candidates)
{
        const bool stored =
                candidates->command == &command_undefine || candidates->command == &command_modify;
        const char *uuid = candidates->arguments.uuid;
        const struct inventory_filter filter = {.uuid = stored && uuid[0] != '\0' ? uuid : NULL};
        _cleanup_survey_ struct survey survey = {};

        if (survey_make(candidates->root, &filter, 0, &survey) < 0)
                return;
        for (size_t i = 0; i < survey.n_parents; i++) {
                const struct survey_parent *parent = &survey.parents[i];
                char description[DESCRIPTION_SIZE] = "not registered";

                if (stored && parent->n_devices == 0)
                        continue;
                if (parent->is_registered)
                        snprintf(description, sizeof(description), "%s%s", parent->driver ? "driver " : "",
                                parent->driver ? parent->driver : "");
                candidates_add(candidates, parent->name, description);
        }
        /* These take the functions of vGPUs, too; status also takes cards. */
        if (candidates->command == &command_status || candidates->command == &command_check)
                candidates_add_vgpus(candidates, candidates->command == &command_status);
}

static void add_type(struct candidates *candidates, const struct survey_type *type)
{
        char description[DESCRIPTION_SIZE] = "", text[64];

        if (type->available >= 0) {
                snprintf(text, sizeof(text), "%ld free", type->available);
                text_list(description, sizeof(description), text);
        }
        if (type->name)
                text_list(description, sizeof(description), type->name);
        candidates_add(candidates, type->id, description);
}

/* Without --parent, a UUID names the parents, if any has it. */
static void add_types(struct candidates *candidates)
{
        const struct arguments *arguments = &candidates->arguments;
        struct inventory_filter filter = {.parent = arguments->values[OPTION_PARENT]};
        _cleanup_survey_ struct survey survey = {};

        if (!filter.parent && candidates->command == &command_modify && arguments->uuid[0] != '\0')
                filter.uuid = arguments->uuid;
        if (survey_make(candidates->root, &filter, SURVEY_TYPES, &survey) < 0)
                return;
        for (size_t i = 0; i < survey.n_parents; i++)
                for (size_t j = 0; j < survey.parents[i].n_types; j++)
                        add_type(candidates, &survey.parents[i].types[j]);
}

static DIR *open_directory(int at_fd, const char *name)
{
        _cleanup_close_ int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (dir)
                TAKE_FD(fd);
        return dir;
}

/* Adds a writable file of the directory; the prefix ends with "/" below the device. */
static void add_file(
        struct candidates *candidates, DIR *dir, const char *prefix, const char *file, const char *except)
{
        char name[2 * NAME_MAX + 2];
        struct stat st;

        snprintf(name, sizeof(name), "%s%s", prefix, file);
        if (file[0] != '.' && fstatat(dirfd(dir), file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(st.st_mode) && st.st_mode & S_IWUSR && !attribute_name_check(name) &&
                strcmp(name, except) != 0)
                candidates_add(candidates, name, NULL);
}

void candidates_add_files(struct candidates *candidates, int device_fd, const char *except)
{
        _cleanup_closedir_ DIR *dir = open_directory(device_fd, ".");
        const struct dirent *entry, *below;

        while (dir && (entry = readdir(dir))) {
                _cleanup_closedir_ DIR *group =
                        entry->d_name[0] == '.' ? NULL : open_directory(dirfd(dir), entry->d_name);
                char prefix[NAME_MAX + 2];

                add_file(candidates, dir, "", entry->d_name, except);
                snprintf(prefix, sizeof(prefix), "%s/", entry->d_name);
                while (group && (below = readdir(group)))
                        add_file(candidates, group, prefix, below->d_name, except);
        }
}

/* Adds the attributes that devices of the same type have, or get from their definitions. */
static void add_attributes(struct candidates *candidates)
{
        const struct inventory_filter filter = {};
        _cleanup_survey_ struct survey survey = {};
        const char *type = NULL;

        if (survey_make(candidates->root, &filter, 0, &survey) < 0)
                return;
        for (size_t i = 0; i < survey.n_devices && !type; i++)
                if (strcmp(survey.devices[i].uuid, candidates->arguments.uuid) == 0)
                        type = survey_device_get_type(&survey.devices[i]);
        for (size_t i = 0; i < survey.n_devices && type; i++) {
                const struct survey_device *other = &survey.devices[i];
                _cleanup_device_ struct device device = DEVICE_NONE;
                const char *other_type = survey_device_get_type(other), *name, *value;
                const cJSON *position = NULL;

                if (!other_type || strcmp(other_type, type) != 0)
                        continue;
                if (other->is_active && device_find(candidates->root, other->uuid, &device) > 0)
                        candidates_add_files(candidates, device.fd, "");
                while (definition_next_attribute(&other->definition, &position, &name, &value))
                        candidates_add(candidates, name, NULL);
        }
}

static void add_indices(struct candidates *candidates)
{
        const struct arguments *arguments = &candidates->arguments;
        const struct inventory_filter filter = {
                .uuid = arguments->uuid, .parent = arguments->values[OPTION_PARENT]};
        _cleanup_survey_ struct survey survey = {};
        const char *name, *value;
        const cJSON *position = NULL;

        if (arguments->uuid[0] == '\0' || survey_make(candidates->root, &filter, 0, &survey) < 0 ||
                survey.n_devices != 1)
                return;
        for (size_t i = 0;
                definition_next_attribute(&survey.devices[0].definition, &position, &name, &value); i++) {
                char index[32], description[DESCRIPTION_SIZE];

                snprintf(index, sizeof(index), "%zu", i);
                snprintf(description, sizeof(description), "%s=%s", name, value);
                candidates_add(candidates, index, description);
        }
}

static void add_buses(struct candidates *candidates)
{
        add_list(candidates, OVERRIDE_BUSES);
}

static void add_vgpu_values(struct candidates *candidates, enum option option)
{
        if (option == OPTION_TYPE)
                candidates_add_vgpu_types(candidates);
        else if (option == OPTION_ADDATTR)
                candidates_add_vgpu_attributes(candidates);
}

bool candidates_add_values(struct candidates *candidates, enum option option)
{
        static void (*const functions[OPTION_COUNT])(struct candidates * candidates) = {
                [OPTION_UUID] = add_uuids,
                [OPTION_PARENT] = add_parents,
                [OPTION_TYPE] = add_types,
                [OPTION_ADDATTR] = add_attributes,
                [OPTION_INDEX] = add_indices,
                [OPTION_BUS] = add_buses,
        };

        if (candidates->command == &command_vgpu)
                add_vgpu_values(candidates, option);
        else if (functions[option])
                functions[option](candidates);
        return option != OPTION_JSONFILE;
}

/* Calls a function for each name in a directory, in order. */
static void for_each_name(struct candidates *candidates, const char *path, const char *bus,
        void (*function)(struct candidates *candidates, const char *bus, const char *name))
{
        struct dirent **entries;
        char full[PATH_MAX];
        int n = root_path(candidates->root, full, "%s", path) < 0 ? -1
                                                                  : scandir(full, &entries, NULL, alphasort);

        for (int i = 0; i < n; i++) {
                if (entries[i]->d_name[0] != '.')
                        function(candidates, bus, entries[i]->d_name);
                free(entries[i]);
        }
        if (n >= 0)
                free(entries);
}

static void add_bus_device(struct candidates *candidates, const char *bus, const char *name)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char driver[NAME_MAX + 1];
        struct override override;
        struct reason reason;

        if (override_from_device(bus, name, &override, &reason) >= 0 &&
                bus_device_open(candidates->root, &override, &device) >= 0 &&
                bus_device_get_driver(&device, driver) >= 0)
                candidates_add(candidates, name, driver);
}

static void add_overridden(struct candidates *candidates, const char *bus, const char *name)
{
        _cleanup_close_ int fd = overrides_open(candidates->root);
        struct override override;
        struct reason reason;

        if (override_parse(name, &override, &reason) >= 0 && strcmp(override.bus, bus) == 0)
                candidates_add(candidates, override.device,
                        fd >= 0 && override_load(fd, name, &override, &reason) >= 0 ? override.driver
                                                                                    : NULL);
}

static void add_driver(struct candidates *candidates, const char *bus, const char *name)
{
        (void) bus;
        candidates_add(candidates, name, NULL);
}

/* Adds what follows "driver set" and "driver unset". */
static void add_driver_operands(struct candidates *candidates)
{
        const struct arguments *arguments = &candidates->arguments;
        const char *bus =
                arguments_have(arguments, OPTION_BUS) ? arguments->values[OPTION_BUS] : OVERRIDE_BUS_DEFAULT;
        const bool is_set = strcmp(arguments->operand, "set") == 0;
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "/sys/bus/%s/%s", bus, arguments->more[0] ? "drivers" : "devices");
        if (is_set && !arguments->more[0])
                for_each_name(candidates, path, bus, add_bus_device);
        else if (is_set && !arguments->more[1]) {
                for_each_name(candidates, path, bus, add_driver);
                candidates_add(candidates, DRIVER_NONE, "no driver may bind");
        } else if (strcmp(arguments->operand, "unset") == 0 && !arguments->more[0])
                for_each_name(candidates, OVERRIDES_DIR, bus, add_overridden);
}

bool candidates_add_operands(struct candidates *candidates)
{
        const char *operand = candidates->command->operand;

        if (!operand)
                return true;
        if (candidates->arguments.operand) {
                if (candidates->command == &command_driver)
                        add_driver_operands(candidates);
                else if (candidates->command == &command_vgpu)
                        candidates_add_vgpu_operands(candidates);
        } else if (strcmp(operand, "<FILE>") == 0)
                return false;
        else if (strcmp(operand, "<PARENT>") == 0)
                add_parents(candidates);
        else
                add_list(candidates, operand);
        return true;
}
