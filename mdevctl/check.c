/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "commands.h"
#include "definitions.h"
#include "parent.h"
#include "report.h"
#include "sysfs.h"
#include "type.h"

const struct check_code check_codes[_FINDING_CODES] = {
        [FINDING_AP_QUEUE_ABSENT] = {"ap-queue-absent", FINDING_WARNING, check_ap_queue_absent, false},
        [FINDING_AP_QUEUE_HOST] = {"ap-queue-host", FINDING_ERROR, check_ap_queue_host, false},
        [FINDING_AP_QUEUE_SHARED] = {"ap-queue-shared", FINDING_ERROR, check_ap_queue_shared, true},
        [FINDING_ATTRIBUTE_UNKNOWN] = {"attribute-unknown", FINDING_WARNING, check_attribute_unknown, false},
        [FINDING_DEFINITION_UNREADABLE] = {"definition-unreadable", FINDING_ERROR,
                check_definition_unreadable, false},
        [FINDING_DRIVER_DIFFERS] = {"driver-differs", FINDING_WARNING, check_driver_differs, false},
        [FINDING_ENABLEMENT_STALE] = {"enablement-stale", FINDING_WARNING, check_enablement_stale, false},
        [FINDING_IN_USE_UNDEFINED] = {"in-use-undefined", FINDING_NOTE, check_in_use_undefined, false},
        [FINDING_INSTANCES_EXCEEDED] = {"instances-exceeded", FINDING_ERROR, check_instances_exceeded, true},
        [FINDING_NAME_NOT_UUID] = {"name-not-uuid", FINDING_WARNING, check_name_not_uuid, false},
        [FINDING_NOT_APPLIED] = {"not-applied", FINDING_NOTE, check_not_applied, false},
        [FINDING_OTHER_AUTOSTART] = {"other-autostart", FINDING_WARNING, check_other_autostart, false},
        [FINDING_PARENT_ABSENT] = {"parent-absent", FINDING_WARNING, check_parent_absent, false},
        [FINDING_TYPE_UNSUPPORTED] = {"type-unsupported", FINDING_ERROR, check_type_unsupported, false},
        [FINDING_UNIT_DIFFERS] = {"unit-differs", FINDING_ERROR, check_unit_differs, false},
        [FINDING_UUID_AMBIGUOUS] = {"uuid-ambiguous", FINDING_WARNING, check_uuid_ambiguous, false},
        [FINDING_VALUE_DIFFERS] = {"value-differs", FINDING_NOTE, check_value_differs, false},
        [FINDING_VGPU_ABSENT] = {"vgpu-absent", FINDING_WARNING, check_vgpu_absent, false},
        [FINDING_VGPU_DIFFERS] = {"vgpu-differs", FINDING_ERROR, check_vgpu_differs, false},
        [FINDING_VGPU_EXCEEDED] = {"vgpu-exceeded", FINDING_ERROR, check_vgpu_exceeded, true},
        [FINDING_VGPU_NOT_CREATABLE] = {"vgpu-not-creatable", FINDING_ERROR, check_vgpu_not_creatable,
                false},
        [FINDING_VGPU_UNDEFINED] = {"vgpu-undefined", FINDING_NOTE, check_vgpu_undefined, false},
};

static void check_done(struct check *check)
{
        free(check->by_uuid);
        findings_done(&check->findings);
}
#define _cleanup_check_ __attribute__((cleanup(check_done)))

static int compare_devices(const void *a, const void *b)
{
        const struct survey_device *left = *(const struct survey_device *const *) a,
                                   *right = *(const struct survey_device *const *) b;
        const int order = strcmp(left->uuid, right->uuid);

        return order ? order : strcmp(left->parent, right->parent);
}

/* Which codes to look for. */
enum check_scope {
        CHECK_EACH = 1 << 0,    /* those about a device alone */
        CHECK_BETWEEN = 1 << 1, /* those that compare devices */
};

/* Looks for findings from a level on. Reports its errors. */
static int check_run(struct check *check, enum finding_level level, unsigned int scope)
{
        const struct survey *survey = check->survey;

        check->by_uuid = calloc(survey->n_devices + 1, sizeof(void *));
        if (!check->by_uuid)
                return report_error(-ENOMEM, "%m");
        for (size_t i = 0; i < survey->n_devices; i++)
                check->by_uuid[i] = &survey->devices[i];
        qsort(check->by_uuid, survey->n_devices, sizeof(void *), compare_devices);
        for (size_t i = 0; i < _FINDING_CODES; i++)
                if (check_codes[i].level >= level &&
                        scope & (check_codes[i].compares_devices ? CHECK_BETWEEN : CHECK_EACH))
                        check_codes[i].function(check);
        if (check->findings.is_incomplete)
                return report_error(-ENOMEM, "%m");
        findings_sort(&check->findings);
        return 0;
}

size_t check_find(const struct check *check, const char *uuid, const struct survey_device *const **ret)
{
        size_t from = 0, to = check->survey->n_devices, n = 0;

        while (from < to) {
                const size_t middle = from + (to - from) / 2;

                if (strcmp(check->by_uuid[middle]->uuid, uuid) < 0)
                        from = middle + 1;
                else
                        to = middle;
        }
        *ret = &check->by_uuid[from];
        while (from + n < check->survey->n_devices && strcmp(check->by_uuid[from + n]->uuid, uuid) == 0)
                n++;
        return n;
}

static int compare_parent(const void *name, const void *parent)
{
        return strcmp(name, ((const struct survey_parent *) parent)->name);
}

const struct survey_parent *check_get_parent(const struct check *check, const char *parent)
{
        const struct survey *survey = check->survey;

        return survey->n_parents == 0 ? NULL
                                      : bsearch(parent, survey->parents, survey->n_parents,
                                                sizeof(struct survey_parent), compare_parent);
}

bool check_is_as_defined(const struct survey_device *device)
{
        return device->is_active && device->definition.type && device->running_type &&
               strcmp(device->running_type, device->definition.type) == 0;
}

bool check_starts_by_itself(const struct check *check, const struct survey_device *device)
{
        /* systemctl masks the unit. A link to /dev/null also keeps only the parent from starting it. */
        return device->definition.type && device->autostart &&
               !(device->enablement && strncmp(device->enablement, "masked", strlen("masked")) == 0) &&
               !enablement_is_masked(&check->survey->enablement, device->parent, device->uuid);
}

struct finding *check_add(struct check *check, enum finding_code code, const struct survey_device *device)
{
        struct finding *finding =
                findings_add(&check->findings, code, device->file, device->uuid, device->parent);

        finding_about(finding, "device %s", device->uuid);
        return finding;
}

/* Counts the definitions of a parent, except those that have an active device of the type. */
static long count_without_instance(
        const struct check *check, const char *parent, int parent_fd, const char *type)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;
        long n = 0;

        if (root_path(check->root, path, DEFINITIONS_DIR "/%s", parent) >= 0)
                dir = opendir(path);
        while (dir && (entry = readdir(dir))) {
                char link[UUID_LENGTH + sizeof("/mdev_type")], active[NAME_MAX + 1];

                if (!uuid_is_canonical(entry->d_name))
                        continue;
                snprintf(link, sizeof(link), "%.*s/mdev_type", UUID_LENGTH, entry->d_name);
                n += sysfs_read_link(parent_fd, link, active, sizeof(active)) < 0 ||
                     strcmp(active, type) != 0;
        }
        return n;
}

/* True if the type of an automatic device may have fewer instances than definitions of the parent need. Only
 * the definitions themselves tell, and reading all takes longer than all the rest of a command that writes
 * one. */
static bool may_lack_instances(const struct check *check, const struct survey_device *device)
{
        _cleanup_close_ int parent_fd = -1, type_fd = -1;
        struct type type;

        if (!check_starts_by_itself(check, device))
                return false;
        parent_fd = parent_open(check->root, device->parent);
        type_fd = parent_fd < 0 ? -1 : parent_open_type(parent_fd, device->definition.type);
        if (type_fd < 0)
                return false;
        type_read(type_fd, &type);
        return type.available_error >= 0 && type.available < count_without_instance(check, device->parent,
                                                                     parent_fd, device->definition.type);
}

/* True if other devices may be part of a finding about this one. */
static bool may_conflict(const struct check *check)
{
        for (size_t i = 0; i < check->survey->n_devices; i++)
                if (check_has_queues(&check->survey->devices[i]) ||
                        may_lack_instances(check, &check->survey->devices[i]))
                        return true;
        return false;
}

static void warn_of_findings(const struct check *check, const struct finding_filter *filter)
{
        for (size_t i = 0; i < check->findings.n; i++) {
                const struct finding *finding = &check->findings.list[i];
                _cleanup_free_ char *line = NULL;

                if (!finding_is_selected(finding, filter))
                        continue;
                line = finding_format(finding);
                if (line)
                        report_warning("%s", line);
        }
}

void check_warn(const struct root *root, const char *uuid, const char *parent)
{
        _cleanup_parent_names_ char **parents = NULL;
        _cleanup_survey_ struct survey one = {}, siblings = {};
        _cleanup_check_ struct check alone = {.root = root, .survey = &one},
                                     together = {.root = root, .survey = &siblings};
        struct inventory_filter filter = {.uuid = uuid};
        struct finding_filter about = {.uuid = uuid};

        if (!parent && definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents) == 1)
                parent = parents[0];
        about.parent = parent;
        if (survey_make(root, &filter, 0, &one) < 0 || check_run(&alone, FINDING_WARNING, CHECK_EACH) < 0)
                return;
        warn_of_findings(&alone, &about);
        if (!may_conflict(&alone))
                return;
        filter = (struct inventory_filter){.parent = parent};
        if (survey_make(root, &filter, SURVEY_TYPES, &siblings) >= 0 &&
                check_run(&together, FINDING_WARNING, CHECK_BETWEEN) >= 0)
                warn_of_findings(&together, &about);
}

void check_warn_of_vgpu(const struct root *root, const char *function)
{
        const struct finding_filter about = {.parent = function};
        _cleanup_vgpus_ struct vgpus vgpus = {};
        const struct survey none = {};
        _cleanup_check_ struct check check = {.root = root, .survey = &none, .vgpus = &vgpus};

        if (vgpus_load(root, 0, &vgpus) < 0)
                return;
        check_vgpu_absent(&check);
        check_vgpu_differs(&check);
        check_vgpu_exceeded(&check);
        check_vgpu_not_creatable(&check);
        findings_sort(&check.findings);
        warn_of_findings(&check, &about);
}

static bool has_problem(const struct findings *findings, const struct finding_filter *filter)
{
        for (size_t i = 0; i < findings->n; i++)
                if (findings->list[i].level >= FINDING_WARNING &&
                        finding_is_selected(&findings->list[i], filter))
                        return true;
        return false;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const struct finding_filter filter = {
                .uuid = arguments_have(arguments, OPTION_UUID) ? arguments->uuid : NULL,
                .parent = arguments->values[OPTION_PARENT],
        };
        const struct inventory_filter all = {};
        _cleanup_survey_ struct survey survey = {};
        _cleanup_vgpus_ struct vgpus vgpus = {};
        _cleanup_check_ struct check check = {.root = root, .survey = &survey, .vgpus = &vgpus};
        int r;

        r = survey_make(root, &all, SURVEY_TYPES | SURVEY_NODES | SURVEY_UNITS | SURVEY_HOLDERS, &survey);
        if (r >= 0)
                r = vgpus_load(root, 0, &vgpus);
        if (r >= 0)
                r = check_run(&check, FINDING_NOTE, CHECK_EACH | CHECK_BETWEEN);
        if (r < 0)
                return r;
        r = arguments_have(arguments, OPTION_JSON) ? findings_print_json(&check.findings, &filter)
                                                   : findings_print(&check.findings, &filter);
        if (r < 0)
                return report_error(r, "%m");
        return has_problem(&check.findings, &filter) ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_check = {
        .name = "check",
        .summary = "Find mistakes and conflicts before they happen",
        .details =
                "Compares definitions, kernel and systemd. Prints one finding a line; mdevctl(8) explains\n"
                "their codes. Fails if there is an error or a warning.",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "Print only what concerns this device"},
                        {OPTION_PARENT, "Print only what concerns this parent"},
                        {OPTION_JSON, "Print JSON"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
        .has_status = true,
};
