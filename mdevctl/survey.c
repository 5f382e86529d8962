/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bus-device.h"
#include "cleanup.h"
#include "journal.h"
#include "manager.h"
#include "parent.h"
#include "report.h"
#include "survey.h"
#include "sysfs.h"
#include "type.h"

/* The kernel's number of the PID namespace that sees every process. */
#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu

static void device_free(struct survey_device *device)
{
        free(device->file);
        definition_done(&device->definition);
        free(device->fault);
        free(device->running_type);
        free(device->nodes[0]);
        free(device->nodes[1]);
}

static void type_free(struct survey_type *type)
{
        free(type->id);
        free(type->name);
        free(type->device_api);
        free(type->description);
}

static void parent_free(struct survey_parent *parent)
{
        free(parent->name);
        free(parent->path);
        free(parent->driver);
        free(parent->other_driver);
        for (size_t i = 0; i < parent->n_types; i++)
                type_free(&parent->types[i]);
        free(parent->types);
}

void survey_done(struct survey *survey)
{
        for (size_t i = 0; i < survey->n_parents; i++)
                parent_free(&survey->parents[i]);
        free(survey->parents);
        for (size_t i = 0; i < survey->n_devices; i++)
                device_free(&survey->devices[i]);
        free(survey->devices);
        for (size_t i = 0; i < survey->n_failures; i++)
                free(survey->failures[i]);
        free(survey->failures);
        inventory_done(&survey->inventory);
        enablement_done(&survey->enablement);
        unit_list_done(&survey->units);
        holder_list_done(&survey->holders);
        *survey = (struct survey){};
}

/* Moves what the inventory has about a definition to the device. */
static int device_add_definition(struct survey_device *device, const struct root *root, struct mdev *mdev)
{
        device->is_defined = true;
        device->autostart = mdev->autostart;
        device->fault = TAKE_PTR(mdev->fault);
        device->definition = mdev->definition;
        mdev->definition = (struct definition){};
        if (asprintf(&device->file, "%s" DEFINITIONS_DIR "/%s/%s", root->path, mdev->parent, mdev->uuid) >=
                0)
                return 0;
        device->file = NULL;
        return -ENOMEM;
}

/* The same about an active device. */
static int device_add_active(struct survey_device *device, struct mdev *mdev)
{
        device->is_active = true;
        device->inode = mdev->inode;
        device->iommu_group = mdev->iommu_group;
        device->nodes[0] = TAKE_PTR(mdev->group);
        device->nodes[device->nodes[0] ? 1 : 0] = TAKE_PTR(mdev->cdev);
        device->running_type = strdup(mdev->definition.type);
        return device->running_type ? 0 : -ENOMEM;
}

/* Makes one device of a definition and an active device of the same parent and UUID, which follow each other
 * in the inventory. */
static int join_devices(struct survey *survey, const struct root *root)
{
        struct inventory *inventory = &survey->inventory;
        struct survey_device *device = NULL;
        int r = 0;

        survey->devices = calloc(inventory->n + 1, sizeof(*survey->devices));
        if (!survey->devices)
                return -ENOMEM;
        for (struct mdev *mdev = inventory->mdevs; r >= 0 && mdev < inventory->mdevs + inventory->n;
                mdev++) {
                if (!device || strcmp(device->parent, mdev->parent) != 0 ||
                        strcmp(device->uuid, mdev->uuid) != 0) {
                        device = &survey->devices[survey->n_devices++];
                        *device = (struct survey_device){.parent = mdev->parent, .iommu_group = -1};
                        strcpy(device->uuid, mdev->uuid);
                        unit_name_of_definition(device->unit_name, device->uuid);
                }
                r = mdev->is_active ? device_add_active(device, mdev)
                                    : device_add_definition(device, root, mdev);
        }
        return r;
}

static int list_devices(struct survey *survey, const struct root *root, const struct inventory_filter *only,
        unsigned int parts)
{
        const struct inventory_filter filter = {
                .uuid = only->uuid,
                .parent = only->parent,
                .keep_faults = true,
                .with_nodes = parts & SURVEY_NODES,
                .without_definition = true,
        };
        int r;

        r = inventory_load_enablement(root, &survey->enablement);
        if (r >= 0)
                r = inventory_add_defined(root, &filter, &survey->enablement, &survey->inventory);
        if (r >= 0)
                r = inventory_add_active(root, &filter, &survey->enablement, NULL, &survey->inventory);
        if (r < 0)
                return r;
        survey->faults = survey->inventory.faults;
        survey->n_faults = survey->inventory.n_faults;
        r = join_devices(survey, root);
        return r < 0 ? report_error(r, "%m") : 0;
}

static int compare_by_uuid(const void *a, const void *b)
{
        const struct survey_device *const *left = a, *const *right = b;

        return strcmp((*left)->uuid, (*right)->uuid);
}

/* Says what systemctl is-enabled says of the unit of devices[0] to devices[n - 1], which have the same UUID.
 * The generator enables what starts by itself, and gives an [Install] section to everything that is defined.
 */
static void set_enablement(const struct enablement *enablement, struct survey_device **devices, size_t n)
{
        const char *state = enablement_get_state(enablement, devices[0]->uuid);
        bool is_automatic = false, is_defined = false;

        for (size_t i = 0; i < n; i++) {
                is_automatic =
                        is_automatic || (devices[i]->definition.type && devices[i]->definition.autostart);
                is_defined = is_defined || devices[i]->definition.type;
        }
        if (!state)
                state = is_automatic ? "enabled-runtime" : is_defined ? "disabled" : "static";
        for (size_t i = 0; i < n; i++)
                devices[i]->enablement = state;
}

static int set_all_enablement(struct survey *survey)
{
        _cleanup_free_ struct survey_device **devices = calloc(survey->n_devices + 1, sizeof(void *));

        if (!devices)
                return report_error(-ENOMEM, "%m");
        for (size_t i = 0; i < survey->n_devices; i++)
                devices[i] = &survey->devices[i];
        qsort(devices, survey->n_devices, sizeof(void *), compare_by_uuid);
        for (size_t i = 0, n; i < survey->n_devices; i += n) {
                for (n = 1;
                        i + n < survey->n_devices && strcmp(devices[i + n]->uuid, devices[i]->uuid) == 0;)
                        n++;
                set_enablement(&survey->enablement, devices + i, n);
        }
        return 0;
}

/* Copies a value unless reading it has failed. */
static int copy_value(int error, const char *value, char **ret)
{
        if (error < 0 || value[0] == '\0')
                return 0;
        *ret = strdup(value);
        return *ret ? 0 : -ENOMEM;
}

static int add_type(struct survey_parent *parent, int types_fd, const char *name)
{
        _cleanup_close_ int fd = openat(types_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct survey_type *ret = &parent->types[parent->n_types];
        struct type type;
        int r;

        if (fd < 0)
                return 0; /* disappeared with its parent, or not a directory */
        type_read(fd, &type);
        *ret = (struct survey_type){
                .id = strdup(name),
                .available = type.available_error < 0 ? -1 : type.available,
        };
        parent->n_types++;
        r = ret->id ? copy_value(type.api_error, type.api, &ret->device_api) : -ENOMEM;
        if (r >= 0)
                r = copy_value(type.name_error, type.name, &ret->name);
        if (r >= 0)
                r = copy_value(type.description_error, type.description, &ret->description);
        return r;
}

static int add_types(struct survey_parent *parent, int parent_fd)
{
        _cleanup_close_ int fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_type_names_ char **names = NULL;
        int n, r = 0;

        n = fd < 0 ? -errno : type_list(fd, &names);
        if (n == -ENOMEM)
                return n;
        if (n < 0 || !names) {
                report_warning("parent %s: Failed to read " TYPES_DIR ": %s", parent->name, strerror(-n));
                return 0;
        }
        parent->types = calloc((size_t) n + 1, sizeof(*parent->types));
        if (!parent->types)
                return -ENOMEM;
        for (int i = 0; r >= 0 && i < n; i++)
                r = add_type(parent, fd, names[i]);
        return r;
}

/* Adds the configured driver if another one is bound, or none. */
static int read_override(struct survey_parent *parent, const struct root *root)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        _cleanup_close_ int fd = overrides_open(root);
        char name[NAME_MAX + 1], driver[NAME_MAX + 1];
        struct override override;
        struct reason reason;

        if (fd < 0 || !override_find(fd, parent->name, name) ||
                override_load(fd, name, &override, &reason) < 0 ||
                bus_device_open(root, &override, &device) < 0 ||
                bus_device_get_driver(&device, driver) < 0 || override_is_bound(&override, driver))
                return 0;
        parent->other_driver = strdup(override.driver);
        return parent->other_driver ? 0 : -ENOMEM;
}

/* Adds what the kernel knows of a parent. A parent whose name cannot be one of a definition is not opened.
 */
static int read_parent(struct survey_parent *parent, const struct root *root, unsigned int parts)
{
        _cleanup_close_ int fd = parent_open(root, parent->name);
        char driver[NAME_MAX + 1];
        int r;

        r = read_override(parent, root);
        if (r < 0 || fd < 0)
                return r;
        parent->is_registered = true;
        if (asprintf(&parent->path, "%s" PARENTS_DIR "/%s", root->path, parent->name) < 0) {
                parent->path = NULL;
                return -ENOMEM;
        }
        if (sysfs_read_link(fd, "driver", driver, sizeof(driver)) >= 0) {
                parent->driver = strdup(driver);
                if (!parent->driver)
                        return -ENOMEM;
        }
        return parts & SURVEY_TYPES ? add_types(parent, fd) : 0;
}

static int is_parent(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* Lists the registered parents in the order of strcmp(3). */
static int list_registered(const struct root *root, struct dirent ***ret)
{
        char path[PATH_MAX];
        int n, r = root_path(root, path, PARENTS_DIR);

        *ret = NULL;
        if (r < 0)
                return report_error(r, "MDEVCTL_ENV_ROOT: %m");
        n = scandir(path, ret, is_parent, compare_entries);
        if (n >= 0)
                return n;
        return errno == ENOENT ? 0 : report_error(-errno, "Failed to read %s: %m", path);
}

/* Returns the parent of the next device, or NULL after the last one. */
static const char *get_next_parent(const struct survey *survey, size_t next)
{
        return next < survey->n_devices ? survey->devices[next].parent : NULL;
}

/* True if the next device belongs to a parent. */
static bool has_device(const struct survey *survey, size_t next, const char *parent)
{
        const char *name = get_next_parent(survey, next);

        return name && strcmp(name, parent) == 0;
}

/* Adds a parent and moves the devices of its name to it. */
static int add_parent(
        struct survey *survey, const struct root *root, const char *name, unsigned int parts, size_t *next)
{
        struct survey_parent *parent = &survey->parents[survey->n_parents];
        int r;

        *parent = (struct survey_parent){.name = strdup(name), .devices = survey->devices + *next};
        if (!parent->name)
                return -ENOMEM;
        survey->n_parents++;
        r = read_parent(parent, root, parts);
        for (; has_device(survey, *next, name); ++*next)
                parent->n_devices++;
        return r;
}

/* Merges the registered parents with those that only devices name; both lists are sorted. */
static int merge_parents(struct survey *survey, const struct root *root, const struct inventory_filter *only,
        unsigned int parts, struct dirent **registered, size_t n)
{
        size_t i = 0, next = 0;
        int r = 0;

        survey->parents = calloc(n + survey->n_devices + 1, sizeof(*survey->parents));
        if (!survey->parents)
                return -ENOMEM;
        while (r >= 0) {
                const char *defined = get_next_parent(survey, next);
                const char *known = registered && i < n ? registered[i]->d_name : NULL;
                const char *name = defined && (!known || strcmp(defined, known) <= 0) ? defined : known;

                if (!name)
                        break;
                if (known && strcmp(known, name) == 0)
                        i++;
                if (has_device(survey, next, name) ||
                        (!only->uuid && (!only->parent || strcmp(only->parent, name) == 0)))
                        r = add_parent(survey, root, name, parts, &next);
        }
        return r;
}

static int list_parents(struct survey *survey, const struct root *root, const struct inventory_filter *only,
        unsigned int parts)
{
        struct dirent **registered = NULL;
        int r, n = list_registered(root, &registered);

        if (n < 0)
                return n;
        r = merge_parents(survey, root, only, parts, registered, (size_t) n);
        for (int i = 0; registered && i < n; i++)
                free(registered[i]);
        free(registered);
        return r < 0 ? report_error(r, "%m") : 0;
}

/* True if this process sees all processes of the host in /proc. */
static bool sees_all_processes(void)
{
        struct stat st;

        return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == INITIAL_PID_NAMESPACE;
}

static int compare_holders(const void *a, const void *b)
{
        const struct holder *left = a, *right = b;

        if (left->device != right->device)
                return left->device < right->device ? -1 : 1;
        return (left->pid > right->pid) - (left->pid < right->pid);
}

/* Gives each device its part of the sorted list, without those that only look at its group. */
static void distribute_holders(struct survey *survey)
{
        struct holder_list *list = &survey->holders;
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++)
                if (list->holders[i].is_use)
                        list->holders[n++] = list->holders[i];
        list->n = n;
        if (n > 0)
                qsort(list->holders, n, sizeof(*list->holders), compare_holders);
        for (size_t i = 0; i < n; i++) {
                struct survey_device *device = &survey->devices[list->holders[i].device];

                if (device->n_holders++ == 0)
                        device->holders = &list->holders[i];
        }
}

static int find_holders(struct survey *survey)
{
        _cleanup_free_ struct holder_node *nodes = calloc(2 * survey->n_devices + 1, sizeof(*nodes));
        size_t n = 0;
        int r;

        if (!nodes)
                return report_error(-ENOMEM, "%m");
        for (size_t i = 0; i < survey->n_devices; i++)
                for (size_t k = 0; k < 2 && survey->devices[i].nodes[k]; k++)
                        nodes[n++] = (struct holder_node){
                                .path = survey->devices[i].nodes[k],
                                .device = i,
                                .is_group = !strstr(survey->devices[i].nodes[k], "/vfio/devices/"),
                        };
        r = holders_list(nodes, n, &survey->holders);
        if (r == -ENOMEM)
                return report_error(r, "%m");
        distribute_holders(survey);
        for (size_t i = 0; i < survey->n_devices; i++)
                survey->devices[i].holders_are_known = survey->devices[i].is_active && r >= 0 &&
                                                       survey->holders.is_complete && sees_all_processes();
        return 0;
}

static int find_units(struct survey *survey, const struct inventory_filter *only, unsigned int parts)
{
        const unsigned int extras = (parts & SURVEY_FAILURES ? (unsigned int) UNITS_FAILURES : 0) |
                                    (parts & SURVEY_SINCE ? (unsigned int) UNITS_SINCE : 0);
        int r = unit_list_load(only->uuid, extras, &survey->units);

        if (r < 0)
                return report_error(r, "%m");
        for (size_t i = 0; i < survey->n_devices; i++)
                survey->devices[i].unit = unit_list_find(&survey->units, survey->devices[i].uuid);
        return 0;
}

static bool has_failed(const struct survey_device *device)
{
        return device->unit && strcmp(device->unit->active, "failed") == 0;
}

static int compare_ids(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(sd_id128_t));
}

/* Sorts the identifiers and returns the number of different ones: a unit may belong to two parents'
 * definitions. */
static size_t sort_ids(sd_id128_t *ids, size_t n)
{
        size_t kept = 0;

        qsort(ids, n, sizeof(*ids), compare_ids);
        for (size_t i = 0; i < n; i++)
                if (kept == 0 || compare_ids(&ids[kept - 1], &ids[i]) != 0)
                        ids[kept++] = ids[i];
        return kept;
}

static int find_failures(struct survey *survey)
{
        _cleanup_free_ sd_id128_t *ids = calloc(survey->n_devices + 1, sizeof(*ids));
        size_t n = 0;
        int r;

        survey->failures = calloc(survey->n_devices + 1, sizeof(*survey->failures));
        if (!ids || !survey->failures)
                return report_error(-ENOMEM, "%m");
        for (size_t i = 0; i < survey->n_devices; i++)
                if (has_failed(&survey->devices[i]))
                        ids[n++] = survey->devices[i].unit->invocation;
        n = sort_ids(ids, n);
        survey->n_failures = n;
        r = journal_find_errors(ids, n, survey->failures);
        if (r < 0)
                return report_error(r, "%m");
        for (size_t i = 0; i < survey->n_devices; i++) {
                const sd_id128_t *id = NULL;

                if (has_failed(&survey->devices[i]))
                        id = bsearch(
                                &survey->devices[i].unit->invocation, ids, n, sizeof(*ids), compare_ids);
                if (id)
                        survey->devices[i].failure = survey->failures[id - ids];
        }
        return 0;
}

int survey_make(const struct root *root, const struct inventory_filter *filter, unsigned int parts,
        struct survey *ret)
{
        int r;

        *ret = (struct survey){};
        r = list_devices(ret, root, filter, parts);
        if (r >= 0)
                r = set_all_enablement(ret);
        if (r >= 0)
                r = list_parents(ret, root, filter, parts);
        if (!root_is_live(root))
                return r;
        if (r >= 0 && parts & SURVEY_UNITS && manager_is_running(root))
                r = find_units(ret, filter, parts);
        if (r >= 0 && parts & SURVEY_HOLDERS)
                r = find_holders(ret);
        if (r >= 0 && parts & SURVEY_FAILURES)
                r = find_failures(ret);
        return r;
}

void survey_warn(const struct survey *survey)
{
        for (size_t i = 0; i < survey->n_faults; i++)
                report_warning("%s: %s", survey->faults[i].path, survey->faults[i].reason);
        for (size_t i = 0; i < survey->n_devices; i++)
                if (survey->devices[i].fault)
                        report_warning(
                                "%s: %s, ignoring", survey->devices[i].file, survey->devices[i].fault);
}

const char *survey_device_get_type(const struct survey_device *device)
{
        return device->running_type ? device->running_type : device->definition.type;
}
