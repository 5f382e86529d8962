/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Devices of buses that let an administrator choose the driver
 *
 * The kernel binds only the driver in a device's driver_override to it, unless that is empty. Drivers are
 * directories below /sys/bus/<bus>/drivers, whose files "bind" and "unbind" take the name of a device.
 */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "holders.h"
#include "override.h"
#include "root.h"

struct bus_device {
        int fd;         /* its directory in sysfs */
        int bus_fd;     /* /sys/bus/<bus> */
        uint64_t inode; /* of its directory; a device that returns has another */
        char name[NAME_MAX + 1];
};

/* Opens a device; the caller ends it with bus_device_done(). -ENODEV if it is absent, -EOPNOTSUPP if it has
 * no driver_override. */
int bus_device_open(const struct root *root, const struct override *override, struct bus_device *ret);

/* Closes the directories. */
void bus_device_done(struct bus_device *device);

/* Gets the name of the driver that is bound to the device, or "". */
int bus_device_get_driver(const struct bus_device *device, char ret[static NAME_MAX + 1]);

/* Gets driver_override, "" if none is set. */
int bus_device_get_override(const struct bus_device *device, char ret[static NAME_MAX + 1]);

/* Sets driver_override; "" clears it. Errors are those of sysfs_write(). */
int bus_device_set_override(const struct bus_device *device, const char *driver);

/* True if the bus has the driver; its module may have another name. */
bool bus_device_has_driver(const struct bus_device *device, const char *driver);

/* Unbinds a driver. Success if that driver is not bound. Blocks, even for SIGKILL, while a process has the
 * device open through VFIO; see bus_device_find_holders(). */
int bus_device_unbind(const struct bus_device *device, const char *driver);

/* Binds a driver, and returns when its probe has ended: with an error of the driver, -ENODEV if the driver
 * does not match the device, or 0. A driver may refuse to be bound this way (-ENOENT). */
int bus_device_bind(const struct bus_device *device, const char *driver);

/* Lets the kernel choose among the drivers that may bind to the device. It does not report a failure. */
int bus_device_probe(const struct bus_device *device);

/* Makes udev look at the device again. */
int bus_device_announce(const struct bus_device *device);

/* Finds the processes that use the device itself or one of its mediated devices through VFIO. */
void bus_device_find_holders(const struct root *root, const struct bus_device *device, struct holders *ret);

#define _cleanup_bus_device_ __attribute__((cleanup(bus_device_done)))
#define BUS_DEVICE_NONE                                                                                     \
        {                                                                                                   \
                .fd = -1, .bus_fd = -1                                                                      \
        }
