/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Drivers that an administrator chooses for devices
 *
 * A file /etc/driverctl.d/<bus>-<device> holds the name of the driver that a device gets instead of the one
 * that the kernel would choose; its name and its format are driverctl's. Where driverctl is installed, it
 * applies the files itself. Otherwise each file becomes a unit, mdev-driver@<bus>-<device>.service.
 */

#include <limits.h>
#include <stdbool.h>

#include "reason.h"
#include "root.h"

#define OVERRIDES_BASE_DIR "/etc"
#define OVERRIDES_NAME "driverctl.d"
#define OVERRIDES_DIR OVERRIDES_BASE_DIR "/" OVERRIDES_NAME

/* What driverctl writes for a device that no driver may bind to. */
#define DRIVER_NONE "none"

/* The buses whose devices have the attribute driver_override, separated by ", ". */
#define OVERRIDE_BUSES "pci, css, platform, amba, fsl-mc, vmbus"

/* The bus of a device for which the administrator names none. */
#define OVERRIDE_BUS_DEFAULT "pci"

struct override {
        char name[NAME_MAX + 1]; /* of the file, <bus>-<device> */
        char bus[NAME_MAX + 1];
        char device[NAME_MAX + 1];
        char driver[NAME_MAX + 1]; /* empty until override_load() reads it */
};

/* Splits the name of a file into bus and device. A device's name may contain "-", and so may the bus
 * "fsl-mc". -EOPNOTSUPP with a reason if devices of the bus have no driver_override, -EINVAL if the name has
 * another form. */
int override_parse(const char *name, struct override *ret, struct reason *reason);

/* Makes an override without a driver from bus and device. Errors as above, and -ENAMETOOLONG. */
int override_from_device(const char *bus, const char *device, struct override *ret, struct reason *reason);

/* Opens the directory of the files. Returns a file descriptor, or a negative errno, -ENOENT without one. */
int overrides_open(const struct root *root);

/* Reads a file of that directory. -ENOENT if it is missing, another negative errno with a reason if it
 * cannot be used. */
int override_load(int dirfd, const char *name, struct override *ret, struct reason *reason);

/* Checks the name of a driver. Returns NULL, or a text that follows the name in a message. */
const char *driver_name_check(const char *driver);

/* True if the override is in effect on a device that has this driver, "" if it has none. */
bool override_is_bound(const struct override *override, const char *driver);

/* Finds the file for a device, whose bus the caller does not know. False if no bus has one. */
bool override_find(int dirfd, const char *device, char ret[static NAME_MAX + 1]);

/* True if udev runs driverctl, which then applies the files. */
bool driverctl_is_in_charge(const struct root *root);
