/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Active devices
 *
 * What the kernel's mdev framework shows in sysfs and how it is told to make
 * and remove devices. A device is complete when its "mdev_type" link exists;
 * the kernel makes that link last, after the uevents "add" and "bind", and the
 * write that creates the device returns after it.
 */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "name.h"

/* One link per active device, named by its UUID. */
#define DEVICES_DIR "/sys/bus/mdev/devices"

struct device {
        int fd;         /* its directory in sysfs, -1 if there is none */
        uint64_t inode; /* of that directory: tells it from another device of the same UUID */
        char uuid[UUID_LENGTH + 1];
        char parent[NAME_MAX + 1];
        char type[NAME_MAX + 1]; /* empty until the device is complete */
};

/* Looks up an active device. Returns 1 and sets *ret, to be ended with device_done(), or 0 if
 * there is no device of that UUID. */
int device_find(const struct env *env, const char *uuid, struct device *ret);

/* True if there is an active device of that UUID. */
bool device_exists(const struct env *env, const char *uuid);

/* True if the device still exists. Another one of its UUID does not count. */
bool device_is_there(const struct env *env, const struct device *device);

/* As device_find(), and waits up to a second for a device that is being created to be
 * complete. No event tells of it. */
int device_find_complete(const struct env *env, const char *uuid, struct device *ret);

/* Closes the directory. */
void device_done(struct device *device);

/* Asks the driver for a new device; returns when it is complete. -EEXIST if the UUID is in
 * use anywhere on the host, -EUSERS or -ENOSPC if the parent has no instance left, -ENODEV if
 * the parent is being unregistered, or what the driver says. */
int device_create(int type_fd, const char *uuid);

/* Removes the device. A device that went by itself in the meantime is a success. Blocks, and
 * cannot be stopped any more, while somebody has the device open: see holders_find(). -EAGAIN
 * for a device that is not complete: the kernel would refuse, and would take away the means to
 * try again. -ENODEV if somebody else's removal does not come to an end. */
int device_remove(const struct device *device);

/* Writes one attribute; see sysfs_write(). The name must have passed attribute_name_check(). */
int device_write_attribute(const struct device *device, const char *name, const char *value);

#define _cleanup_device_ __attribute__((cleanup(device_done)))
#define DEVICE_NONE                                                                                         \
        {                                                                                                   \
                .fd = -1                                                                                    \
        }
