/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of definitions by themselves, and against each other */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "cleanup.h"
#include "definitions.h"
#include "parent.h"
#include "text.h"
#include "unit-name.h"
#include "uuid.h"

/* Room for a list of devices in a message. */
#define LIST_SIZE 4096
#define OTHERS_MAX 5 /* named in a message, because hundreds may share the fault */

static const char *get_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* A file that only root may read may be right. */
static void advise_to_correct(struct finding *finding, const char *reason, const char *what)
{
        if (geteuid() != 0 && strstr(reason, strerror(EACCES)))
                finding_advise(finding, "run mdevctl check as root");
        else
                finding_advise(finding, "%s", what);
}

/* True for a file in the directory of a parent; only its name can be wrong. */
static bool is_name_fault(const struct inventory_fault *fault)
{
        return fault->parent;
}

static bool is_directory(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_unreadable(struct check *check, const struct survey_device *device, const char *reason)
{
        struct finding *finding = check_add(check, FINDING_DEFINITION_UNREADABLE, device);
        char what[128 + UUID_LENGTH + NAME_MAX];

        finding_say(finding, "%s", reason);
        if (is_directory(device->file)) {
                finding_advise(finding, "remove the directory");
                return;
        }
        snprintf(what, sizeof(what),
                "correct the definition, or remove it with \"mdevctl undefine -u %s -p %s\"", device->uuid,
                device->parent);
        advise_to_correct(finding, reason, what);
}

static void add_skipped(struct check *check, const struct inventory_fault *fault)
{
        const size_t above = strlen(check->root->path) + strlen(DEFINITIONS_DIR);
        const bool is_parent = strlen(fault->path) > above;
        struct finding *finding = findings_add(&check->findings, FINDING_DEFINITION_UNREADABLE, fault->path,
                NULL, is_parent ? get_name(fault->path) : NULL);

        finding_say(finding, "%s", fault->reason);
        advise_to_correct(finding, fault->reason, "correct or remove it");
}

void check_definition_unreadable(struct check *check)
{
        const struct survey *survey = check->survey;
        char unit[UNIT_NAME_SIZE];

        for (size_t i = 0; i < survey->n_faults; i++)
                if (!is_name_fault(&survey->faults[i]))
                        add_skipped(check, &survey->faults[i]);
        for (size_t i = 0; i < survey->n_devices; i++) {
                const struct survey_device *device = &survey->devices[i];

                if (!device->is_defined)
                        continue;
                if (device->fault)
                        add_unreadable(check, device, device->fault);
                else if (unit_name_of_parent(unit, device->parent) < 0 ||
                         unit_name_of_registration(unit, device->parent) < 0)
                        add_unreadable(
                                check, device, "the parent's name is too long for the name of a unit");
        }
        check_vgpu_unreadable(check);
}

void check_name_not_uuid(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_faults; i++) {
                const struct inventory_fault *fault = &check->survey->faults[i];
                char uuid[UUID_LENGTH + 1];
                struct finding *finding;

                if (!is_name_fault(fault))
                        continue;
                finding = findings_add(
                        &check->findings, FINDING_NAME_NOT_UUID, fault->path, NULL, fault->parent);
                finding_say(finding, "the name is not a UUID in lower case with hyphens");
                if (uuid_parse(get_name(fault->path), uuid) >= 0)
                        finding_advise(finding, "rename it to %s", uuid);
                else
                        finding_advise(finding, "rename it to a UUID, or remove it");
        }
}

static bool is_registered(const struct check *check, const struct survey_device *device)
{
        const struct survey_parent *parent = check_get_parent(check, device->parent);

        return parent && parent->is_registered;
}

/* The definitions of one UUID. */
static void check_same_uuid(struct check *check, const struct survey_device *const *devices, size_t n)
{
        size_t n_defined = 0, n_registered = 0;

        for (size_t i = 0; i < n; i++) {
                n_defined += devices[i]->is_defined;
                n_registered += devices[i]->is_defined && is_registered(check, devices[i]);
        }
        for (size_t i = 0; n_defined > 1 && i < n; i++) {
                char others[LIST_SIZE] = "";
                struct finding *finding;

                if (!devices[i]->is_defined)
                        continue;
                for (size_t k = 0; k < n; k++)
                        if (k != i && devices[k]->is_defined)
                                text_list(others, sizeof(others), devices[k]->parent);
                finding = check_add(check, FINDING_UUID_AMBIGUOUS, devices[i]);
                finding_say(finding, "the UUID is also defined under parent %s", others);
                finding_advise(finding, "keep one definition, or give the others new UUIDs");
                if (n_registered > 1)
                        finding->level = FINDING_ERROR;
        }
}

void check_uuid_ambiguous(struct check *check)
{
        const struct survey_device *const *devices;
        size_t n;

        for (size_t i = 0; i < check->survey->n_devices; i += n) {
                n = check_find(check, check->by_uuid[i]->uuid, &devices);
                check_same_uuid(check, devices, n);
        }
}

static void say_absent(const struct check *check, struct finding *finding, const char *parent)
{
        char nearest[NAME_MAX + 1], registered[LIST_SIZE] = "";

        finding_say(finding, "parent '%s' is not registered", parent);
        if (parent_find_nearest(check->root, parent, nearest) >= 0) {
                finding_advise(finding, "did you mean '%s'?", nearest);
                return;
        }
        for (size_t i = 0; i < check->survey->n_parents; i++)
                if (check->survey->parents[i].is_registered)
                        text_list(registered, sizeof(registered), check->survey->parents[i].name);
        if (registered[0] != '\0')
                finding_advise(finding, "load its driver, or use one of %s", registered);
        else
                finding_advise(finding, "load its driver");
}

void check_parent_absent(struct check *check)
{
        char path[PATH_MAX];

        /* A tree without this directory says nothing about parents. A kernel without it has none. */
        if (!root_is_live(check->root) &&
                (root_path(check->root, path, PARENTS_DIR) < 0 || access(path, F_OK) < 0))
                return;
        for (size_t i = 0; i < check->survey->n_devices; i++) {
                const struct survey_device *device = &check->survey->devices[i];

                if (device->is_defined && !is_registered(check, device))
                        say_absent(check, check_add(check, FINDING_PARENT_ABSENT, device), device->parent);
        }
}

static void check_type(struct check *check, const struct survey_device *device)
{
        _cleanup_close_ int parent_fd = parent_open(check->root, device->parent), type_fd = -1;
        struct finding *finding;
        char types[LIST_SIZE];

        type_fd = parent_fd < 0 ? -EIO : parent_open_type(parent_fd, device->definition.type);
        if (type_fd != -ENOENT || parent_list_types(parent_fd, types, sizeof(types)) < 0)
                return;
        finding = check_add(check, FINDING_TYPE_UNSUPPORTED, device);
        finding_say(finding, "parent %s does not support type %s", device->parent, device->definition.type);
        if (types[0] != '\0')
                finding_advise(finding,
                        "change the type with \"mdevctl modify -u %s -p %s --type TYPE\"; the parent "
                        "supports %s",
                        device->uuid, device->parent, types);
        else
                finding_advise(finding, "check the parent's driver, which offers no type");
}

void check_type_unsupported(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_devices; i++)
                if (check->survey->devices[i].definition.type)
                        check_type(check, &check->survey->devices[i]);
}

static bool needs_instance(
        const struct check *check, const struct survey_device *device, const struct survey_type *type)
{
        return check_starts_by_itself(check, device) && strcmp(device->definition.type, type->id) == 0;
}

/* Lists the first devices that need an instance of the type, without one. */
static void list_others(const struct check *check, const struct survey_parent *parent,
        const struct survey_type *type, size_t without, char *ret, size_t size)
{
        size_t n = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < parent->n_devices && n <= OTHERS_MAX; i++)
                if (i != without && needs_instance(check, &parent->devices[i], type))
                        text_list(ret, size, n++ < OTHERS_MAX ? parent->devices[i].uuid : "...");
}

static void check_instances(
        struct check *check, const struct survey_parent *parent, const struct survey_type *type)
{
        long needed = 0, held = 0;

        for (size_t i = 0; i < parent->n_devices; i++)
                if (needs_instance(check, &parent->devices[i], type)) {
                        needed++;
                        held += check_is_as_defined(&parent->devices[i]);
                }
        if (needed <= type->available + held)
                return;
        for (size_t i = 0; i < parent->n_devices; i++) {
                char others[LIST_SIZE];
                struct finding *finding;

                if (!needs_instance(check, &parent->devices[i], type))
                        continue;
                list_others(check, parent, type, i, others, sizeof(others));
                finding = check_add(check, FINDING_INSTANCES_EXCEEDED, &parent->devices[i]);
                finding_say(finding,
                        "%ld definitions of type %s on parent %s start by themselves, but only %ld "
                        "instances "
                        "are available to them%s%s",
                        needed, type->id, parent->name, type->available + held,
                        others[0] ? "; the others are " : "", others);
                finding_advise(finding,
                        "make some of them manual, such as this one with \"mdevctl modify -u %s -p %s "
                        "--manual\"",
                        parent->devices[i].uuid, parent->name);
        }
}

void check_instances_exceeded(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_parents; i++) {
                const struct survey_parent *parent = &check->survey->parents[i];

                for (size_t k = 0; k < parent->n_types; k++)
                        if (parent->types[k].available >= 0)
                                check_instances(check, parent, &parent->types[k]);
        }
}
