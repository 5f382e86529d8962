/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "definitions.h"
#include "device.h"
#include "inventory.h"
#include "nodes.h"
#include "report.h"
#include "stored.h"

static void mdev_done(struct mdev *mdev)
{
        free(mdev->parent);
        free(mdev->fault);
        free(mdev->group);
        free(mdev->cdev);
        definition_done(&mdev->definition);
}

void inventory_done(struct inventory *inventory)
{
        for (size_t i = 0; i < inventory->n; i++)
                mdev_done(&inventory->mdevs[i]);
        free(inventory->mdevs);
        for (size_t i = 0; i < inventory->n_faults; i++) {
                free(inventory->faults[i].path);
                free(inventory->faults[i].parent);
                free(inventory->faults[i].reason);
        }
        free(inventory->faults);
        *inventory = (struct inventory){};
}

static int compare_mdevs(const void *a, const void *b)
{
        const struct mdev *left = a, *right = b;
        int order = strcmp(left->parent, right->parent);

        if (order == 0)
                order = strcmp(left->uuid, right->uuid);
        return order ? order : left->is_active - right->is_active;
}

static int inventory_sort(struct inventory *inventory)
{
        if (inventory->n > 0)
                qsort(inventory->mdevs, inventory->n, sizeof(struct mdev), compare_mdevs);
        return 0;
}

/* Adds an empty entry. NULL if there is no memory. */
static struct mdev *inventory_add(struct inventory *inventory, const char *parent, const char *uuid)
{
        struct mdev *mdev;

        if (inventory->n == inventory->size) {
                size_t size = inventory->size ? 2 * inventory->size : 64;
                struct mdev *mdevs = realloc(inventory->mdevs, size * sizeof(struct mdev));

                if (!mdevs)
                        return NULL;
                inventory->mdevs = mdevs;
                inventory->size = size;
        }
        mdev = &inventory->mdevs[inventory->n];
        *mdev = (struct mdev){.parent = strdup(parent), .iommu_group = -1};
        if (!mdev->parent)
                return NULL;
        strcpy(mdev->uuid, uuid);
        inventory->n++;
        return mdev;
}

/* Adds a definition that cannot be read, or warns of it. */
static int add_unreadable(const struct root *root, const struct definitions_walk *walk,
        const struct inventory_filter *filter, const struct reason *reason, struct inventory *inventory)
{
        struct mdev *mdev;

        if (!filter->keep_faults) {
                report_warning(
                        "%s" DEFINITIONS_DIR "%s: %s, ignoring", root->path, walk->path, reason->text);
                return 0;
        }
        mdev = inventory_add(inventory, walk->parent, walk->uuid);
        if (!mdev)
                return report_error(-ENOMEM, "%m");
        mdev->is_defined = true;
        mdev->fault = strdup(reason->text);
        return mdev->fault ? 0 : report_error(-ENOMEM, "%m");
}

static int add_definition(const struct root *root, const struct definitions_walk *walk,
        const struct inventory_filter *filter, const struct enablement *enablement,
        struct inventory *inventory)
{
        struct definition definition;
        struct reason reason;
        struct mdev *mdev;
        struct stat st;
        int r;

        r = definition_load(walk->dirfd, walk->uuid, &definition, &reason);
        if (r == -ENOENT && fstatat(walk->dirfd, walk->uuid, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0; /* undefined since the directory was read */
        if (r < 0)
                return add_unreadable(root, walk, filter, &reason, inventory);
        /* Attributes take most of the memory of a definition. */
        if (filter->without_attributes)
                definition_drop_attributes(&definition);
        mdev = inventory_add(inventory, walk->parent, walk->uuid);
        if (!mdev) {
                definition_done(&definition);
                return report_error(-ENOMEM, "%m");
        }
        mdev->definition = definition;
        mdev->is_defined = true;
        mdev->autostart = definition.autostart || enablement_get(enablement, root, walk->parent, walk->uuid);
        return 0;
}

int inventory_load_enablement(const struct root *root, struct enablement *ret)
{
        int r = enablement_load(root, ret);

        if (r == -ENOMEM)
                return report_error(r, "%m");
        if (r < 0)
                report_warning("Failed to find out which units are enabled: %s", strerror(-r));
        return 0;
}

/* Adds what the walk skips, or warns of it. */
static int add_fault(const struct root *root, const struct definitions_walk *walk,
        const struct inventory_filter *filter, const struct reason *reason, struct inventory *inventory)
{
        struct inventory_fault *faults, *fault;

        if (!filter->keep_faults) {
                report_warning("%s" DEFINITIONS_DIR "%s: %s", root->path, walk->path, reason->text);
                return 0;
        }
        faults = realloc(inventory->faults, (inventory->n_faults + 1) * sizeof(*faults));
        if (!faults)
                return report_error(-ENOMEM, "%m");
        inventory->faults = faults;
        fault = &faults[inventory->n_faults++];
        *fault = (struct inventory_fault){.reason = strdup(reason->text)};
        if (asprintf(&fault->path, "%s" DEFINITIONS_DIR "%s", root->path, walk->path) < 0)
                fault->path = NULL;
        if (walk->files)
                fault->parent = strdup(walk->parent);
        return fault->path && fault->reason && (fault->parent || !walk->files) ? 0
                                                                               : report_error(-ENOMEM, "%m");
}

int inventory_add_defined(const struct root *root, const struct inventory_filter *filter,
        const struct enablement *enablement, struct inventory *inventory)
{
        _cleanup_definitions_ struct definitions_walk walk = DEFINITIONS_WALK_NONE;
        struct reason reason;
        int r, k;

        r = definitions_open(root, DEFINITIONS_DIR, &walk);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return report_error(r, "Failed to read %s" DEFINITIONS_DIR ": %m", root->path);
        walk.only_parent = filter->parent;
        walk.only_uuid = filter->uuid;
        while (r >= 0 && (k = definitions_next(&walk, &reason)) != 0)
                if (k < 0)
                        r = add_fault(root, &walk, filter, &reason, inventory);
                else
                        r = add_definition(root, &walk, filter, enablement, inventory);
        return r < 0 ? r : inventory_sort(inventory);
}

/* Whether the definition of an active device starts it automatically; false for an invalid definition. */
static bool starts_by_itself(
        const struct root *root, const struct enablement *enablement, const char *parent, const char *uuid)
{
        _cleanup_definition_ struct definition definition = {};
        struct reason reason;
        char path[PATH_MAX];

        if (definition_load_of(root, DEFINITIONS_DIR, parent, uuid, path, &definition, &reason) < 0)
                return false;
        return definition.autostart || enablement_get(enablement, root, parent, uuid);
}

static int mdev_add_attributes(struct mdev *mdev, struct callouts *callouts)
{
        struct definition active = {};
        struct reason reason;
        int r;

        /* A list shows the attributes that the script reports, and does not fail if the script does. */
        (void) callout_get_attributes(
                callouts, mdev->uuid, mdev->parent, mdev->definition.type, &active.json, &reason);
        active.attributes = active.json;
        r = active.json ? definition_copy_attributes(&mdev->definition, &active) : 0;
        definition_done(&active);
        return r < 0 ? report_error(r, "%m") : 0;
}

/* Copies the path of a node that exists. */
static int copy_node(const char *path, char **ret)
{
        if (path[0] == '\0' || access(path, F_OK) < 0)
                return 0;
        *ret = strdup(path);
        return *ret ? 0 : -ENOMEM;
}

static int mdev_add_nodes(struct mdev *mdev, const struct root *root, const struct device *device)
{
        struct nodes nodes;
        int r = nodes_find(root, device, &nodes);

        if (r < 0 && device_is_there(root, device))
                report_warning("device %s: its nodes cannot be found out: %s", mdev->uuid, strerror(-r));
        mdev->iommu_group = nodes.iommu_group;
        r = copy_node(nodes.group, &mdev->group);
        if (r >= 0)
                r = copy_node(nodes.cdev, &mdev->cdev);
        return r < 0 ? report_error(r, "%m") : 0;
}

/* False if the link of a device names another parent than the filter: to open the device takes ten times as
 * long, and there may be thousands. */
static bool may_match(int devices_fd, const char *uuid, const struct inventory_filter *filter)
{
        char target[PATH_MAX], *last;
        ssize_t n;

        if (!filter->parent)
                return true;
        n = readlinkat(devices_fd, uuid, target, sizeof(target) - 1);
        if (n < 0)
                return true;
        target[n] = '\0';
        last = strrchr(target, '/');
        if (!last)
                return true;
        *last = '\0';
        last = strrchr(target, '/');
        return strcmp(last ? last + 1 : target, filter->parent) == 0;
}

static int add_device(const struct root *root, const char *uuid, const struct inventory_filter *filter,
        const struct enablement *enablement, struct callouts *callouts, struct inventory *inventory)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct mdev *mdev;
        int r;

        /* Skip a device that is being created or removed. */
        r = device_find(root, uuid, &device);
        if (r < 0 && device_exists(root, uuid))
                report_warning("device %s: cannot be read, ignoring: %s", uuid, strerror(-r));
        if (r <= 0 || device.type[0] == '\0' ||
                (filter->parent && strcmp(device.parent, filter->parent) != 0))
                return 0;
        mdev = inventory_add(inventory, device.parent, uuid);
        if (!mdev)
                return report_error(-ENOMEM, "%m");
        mdev->is_active = true;
        mdev->inode = device.inode;
        mdev->is_defined = !filter->without_definition && stored_exists(root, device.parent, uuid);
        mdev->autostart = mdev->is_defined && starts_by_itself(root, enablement, device.parent, uuid);
        r = definition_new(device.type, mdev->autostart, &mdev->definition);
        if (r < 0)
                return report_error(r, "%m");
        r = filter->with_nodes ? mdev_add_nodes(mdev, root, &device) : 0;
        if (r < 0)
                return r;
        return callouts ? mdev_add_attributes(mdev, callouts) : 0;
}

int inventory_add_active(const struct root *root, const struct inventory_filter *filter,
        const struct enablement *enablement, struct callouts *callouts, struct inventory *inventory)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;
        int r;

        r = root_path(root, path, DEVICES_DIR);
        if (r < 0)
                return report_error(r, "MDEVCTL_ENV_ROOT: %m");
        if (filter->uuid)
                return add_device(root, filter->uuid, filter, enablement, callouts, inventory);
        dir = opendir(path);
        if (!dir && errno != ENOENT)
                return report_error(-errno, "Failed to read %s: %m", path);
        while (r >= 0 && dir && (entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                if (!uuid_is_canonical(entry->d_name))
                        report_warning("%s/%s: not a UUID, ignoring", path, entry->d_name);
                else if (may_match(dirfd(dir), entry->d_name, filter))
                        r = add_device(root, entry->d_name, filter, enablement, callouts, inventory);
        }
        return r < 0 ? r : inventory_sort(inventory);
}
