/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Starting and stopping a device in this process
 *
 * Commands use this where systemd is not running or cannot do the work now, and
 * for --force, which cannot be passed to a unit. Every function reports its
 * errors.
 */

#include "callout.h"
#include "device.h"

/* True if a device with this UUID exists. Outside a live system, a device without a type does not count. */
bool device_is_active(const struct root *root, const char *uuid);

/* Reports that a parent cannot be opened, -ENOENT if it is not registered. Returns r. */
int device_report_no_parent(const struct root *root, const char *parent, int r);

/* Opens the directory of a parent's type and returns the file descriptor, which the caller closes. */
int device_open_type(const struct root *root, const char *parent, const char *type);

/* Returns 0 if sysfs shows that the device can be created now: the UUID is free, and the parent exists,
 * supports the type and has an instance left. */
int device_check_start(const struct root *root, const char *uuid, const char *parent, const char *type);

/* Returns 0 if no process has the device open, else -EBUSY. */
int device_check_stop(const struct root *root, const struct device *device);

/* Creates a device and writes its attributes; removes the device again if an attribute fails. The scripts
 * run before any check, and learn of a failure. */
int device_start(const struct root *root, struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition, bool force);

/* Removes an active device, unless a process has it open (-EBUSY). The scripts run before that check. */
int device_stop(const struct root *root, struct callouts *callouts, const struct device *device, bool force);
