/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "command-callouts.h"
#include "definition-edit.h"
#include "device-operation.h"
#include "holders.h"
#include "parent.h"
#include "report.h"
#include "sysfs.h"

int device_report_no_parent(const struct root *root, const char *parent, int r)
{
        char similar[NAME_MAX + 1];

        if (r != -ENOENT)
                return report_error(r, "Failed to open parent device '%s': %m", parent);
        if (parent_find_similar(root, parent, similar) >= 0)
                return report_error(
                        r, "Unable to find parent device '%s'. Did you mean '%s'?", parent, similar);
        return report_error(r, "Unable to find parent device '%s'", parent);
}

static int report_no_type(int parent_fd, const char *parent, const char *type)
{
        char cause[1024] = "it supports ";
        const size_t length = strlen(cause);

        parent_list_types(parent_fd, cause + length, sizeof(cause) - length);
        if (cause[length] == '\0')
                strcpy(cause, "it supports no type at present");
        return report_error_caused(-ENOENT, cause, "Parent %s does not support mdev type %s", parent, type);
}

/* In a simulated tree, a device without a type is not a device; on a live system it is being created. */
static int find_active(const struct root *root, const char *uuid, struct device *ret)
{
        int r = device_find(root, uuid, ret);

        if (r <= 0 || ret->type[0] != '\0' || root_is_live(root))
                return r;
        device_done(ret);
        return 0;
}

bool device_is_active(const struct root *root, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;

        return find_active(root, uuid, &device) > 0;
}

static int check_not_active(const struct root *root, const char *uuid, const char *parent, const char *type)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        int r = find_active(root, uuid, &device);

        if (r < 0)
                report_warning("Failed to look up device %s: %s", uuid, strerror(-r));
        if (r <= 0)
                return 0;
        if (strcmp(device.parent, parent) != 0)
                return report_error(-EEXIST, "Device %s is active already, on parent %s instead of %s", uuid,
                        device.parent, parent);
        if (device.type[0] == '\0')
                return report_error(-EBUSY, "Device %s is being created just now", uuid);
        if (strcmp(device.type, type) != 0)
                return report_error(-EEXIST, "Device %s is active already, with type %s instead of %s", uuid,
                        device.type, type);
        return report_error(-EEXIST, "Device already exists");
}

static int check_instances(int type_fd, const char *parent, const char *type)
{
        char text[32], *end;
        long available;
        int r;

        r = sysfs_read(type_fd, "available_instances", text, sizeof(text));
        if (r < 0)
                return report_error(
                        r, "Failed to read available_instances of type %s on parent %s: %m", type, parent);
        available = strtol(text, &end, 10);
        if (end == text || *end != '\0')
                return report_error(-EINVAL, "available_instances of type %s on parent %s is no number: %s",
                        type, parent, text);
        if (available == 0)
                return report_error(-ENOSPC,
                        "parent %s has no instance of type %s left; stop another device of it first", parent,
                        type);
        return 0;
}

int device_open_type(const struct root *root, const char *parent, const char *type)
{
        _cleanup_close_ int parent_fd = parent_open(root, parent);
        int fd;

        if (parent_fd < 0)
                return device_report_no_parent(root, parent, parent_fd);
        fd = parent_open_type(parent_fd, type);
        return fd < 0 ? report_no_type(parent_fd, parent, type) : fd;
}

int device_check_start(const struct root *root, const char *uuid, const char *parent, const char *type)
{
        _cleanup_close_ int type_fd = -1;
        int r;

        r = check_not_active(root, uuid, parent, type);
        if (r < 0)
                return r;
        type_fd = device_open_type(root, parent, type);
        return type_fd < 0 ? type_fd : check_instances(type_fd, parent, type);
}

int device_check_stop(const struct root *root, const struct device *device)
{
        struct holders holders;

        holders_find(root, device, &holders);
        if (!holders.in_use)
                return 0;
        return report_error(-EBUSY, "Device %s is in use by %s; stop that first", device->uuid,
                holders.text[0] ? holders.text : "a process that cannot be seen from here");
}

/* A simulated tree may lack the control files that the kernel provides. */
static void control_ensure(const struct root *root, int dirfd, const char *name)
{
        _cleanup_close_ int fd = -1;

        if (!root_is_live(root))
                fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

static int remove_device(const struct root *root, const struct device *device)
{
        control_ensure(root, device->fd, "remove");
        /* A simulated tree does not show when a device is complete. */
        if (!root_is_live(root) && device->type[0] == '\0')
                return sysfs_write_once(device->fd, "remove", "1");
        return device_remove(device);
}

static int write_attributes(const struct device *device, const struct definition *definition)
{
        const cJSON *position = NULL;
        const char *name, *value;

        while (definition_next_attribute(definition, &position, &name, &value)) {
                int r = device_write_attribute(device, name, value);

                if (r == -ENOENT)
                        return report_error(r, "Device %s has no attribute '%s'", device->uuid, name);
                if (r == -EXDEV)
                        return report_error(r, "Attribute '%s' leads out of the directory of device %s",
                                name, device->uuid);
                if (r < 0)
                        return report_error_caused(r, strerror(-r),
                                "Device %s did not take the value '%s' of attribute '%s'", device->uuid,
                                value, name);
        }
        return 0;
}

static int configure(const struct root *root, const char *uuid, const struct definition *definition)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        int r, k;

        r = device_find(root, uuid, &device);
        if (r <= 0) {
                /* A simulated tree does not create devices. */
                if (!root_is_live(root) && definition_count_attributes(definition) == 0)
                        return 0;
                return report_error(r < 0 ? r : -ENODEV, "Device %s vanished when it was created", uuid);
        }
        r = write_attributes(&device, definition);
        if (r < 0) {
                k = remove_device(root, &device);
                if (k < 0)
                        report_error(k, "Device %s could not be removed either: %m", uuid);
        }
        return r;
}

/* EROFS comes from the mount, not from the driver. */
static const char *advice(int r)
{
        return r == -EROFS ? "/sys is mounted read-only here, as in many containers"
                           : "the kernel log may say why";
}

static int create(
        const struct root *root, const char *uuid, const char *parent, const struct definition *definition)
{
        _cleanup_close_ int type_fd = device_open_type(root, parent, definition->type);
        int r;

        if (type_fd < 0)
                return type_fd;
        control_ensure(root, type_fd, "create");
        r = device_create(type_fd, uuid);
        if (r < 0)
                return report_error_caused(r, strerror(-r),
                        "Parent %s did not create device %s of type %s; %s", parent, uuid, definition->type,
                        advice(r));
        return configure(root, uuid, definition);
}

int device_start(const struct root *root, struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition, bool force)
{
        struct command_callout operation;
        int r;

        r = command_callout_begin(&operation, callouts, CALLOUT_START, uuid, parent, definition, force);
        if (r < 0)
                return r;
        /* Check only now: the state may have changed while the scripts ran. */
        r = device_check_start(root, uuid, parent, definition->type);
        if (r >= 0)
                r = create(root, uuid, parent, definition);
        command_callout_end(&operation, r >= 0);
        return r;
}

/* The scripts get the actual device, not its definition. */
int device_stop(const struct root *root, struct callouts *callouts, const struct device *device, bool force)
{
        _cleanup_definition_ struct definition definition = {};
        struct command_callout operation;
        int r;

        r = definition_new(device->type, false, &definition);
        if (r < 0)
                return report_error(r, "%m");
        r = command_callout_begin(
                &operation, callouts, CALLOUT_STOP, device->uuid, device->parent, &definition, force);
        if (r < 0)
                return r;
        /* Check only now: the state may have changed while the scripts ran. */
        r = device_check_stop(root, device);
        if (r < 0) {
                command_callout_end(&operation, false);
                return r;
        }
        r = remove_device(root, device);
        if (r < 0)
                report_error_caused(
                        r, strerror(-r), "Parent %s did not remove device %s", device->parent, device->uuid);
        command_callout_end(&operation, r >= 0);
        return r;
}
