/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Active devices
 *
 * Finds, creates and removes devices through the sysfs files of the kernel's
 * mdev framework. A device is complete when its "mdev_type" link exists. The
 * kernel makes that link last, after the uevents "add" and "bind"; only then
 * does the write that creates the device return.
 */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "name.h"
#include "root.h"

/* One link per active device, named by its UUID. */
#define DEVICES_DIR "/sys/bus/mdev/devices"

struct device {
        int fd;         /* its directory in sysfs, -1 if there is none */
        uint64_t inode; /* of that directory; a later device of the same UUID has another */
        char uuid[UUID_LENGTH + 1];
        char parent[NAME_MAX + 1];
        char type[NAME_MAX + 1]; /* empty until the device is complete */
};

/* Looks up an active device. Returns 1 and sets *ret, which the caller ends with device_done(), or 0 if
 * no device has that UUID. */
int device_find(const struct root *root, const char *uuid, struct device *ret);

/* True if an active device has that UUID. */
bool device_exists(const struct root *root, const char *uuid);

/* True if the device still exists. A later device of the same UUID does not count. */
bool device_is_there(const struct root *root, const struct device *device);

/* As device_find(), but waits up to a second for a device that is being created. It polls, because the
 * kernel sends no event when a device is complete. */
int device_find_complete(const struct root *root, const char *uuid, struct device *ret);

/* Closes the directory. */
void device_done(struct device *device);

/* Asks the driver for a new device; returns when it is complete. -EEXIST if the UUID is in use anywhere
 * on the host, -EUSERS or -ENOSPC if the parent has no instance left, -ENODEV if the parent is being
 * unregistered, or another error of the driver. */
int device_create(int type_fd, const char *uuid);

/* Removes the device. Succeeds if the device disappeared in the meantime. Blocks uninterruptibly while a
 * process has the device open; see holders_find(). -EAGAIN if the device is not complete: the kernel would
 * refuse, and would remove the file that a second try needs. -ENODEV if a removal by another process does
 * not finish. */
int device_remove(const struct device *device);

/* Gets the st_mode of an attribute's file; a driver sets in it what can be read or written. An error of
 * open_beneath(). */
int device_get_attribute_mode(const struct device *device, const char *name, mode_t *ret);

/* Writes one attribute; see sysfs_write(). The name must have passed attribute_name_check(). */
int device_write_attribute(const struct device *device, const char *name, const char *value);

#define _cleanup_device_ __attribute__((cleanup(device_done)))
#define DEVICE_NONE                                                                                         \
        {                                                                                                   \
                .fd = -1                                                                                    \
        }
