/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Starting and stopping a device in this process
 *
 * For where systemd is not running or cannot do it now, and for --force, which
 * no unit can be told of. Every function reports its errors.
 */

#include "callout.h"
#include "device.h"

/* True if there is a device of that UUID, as commands count it. */
bool device_is_active(const struct env *env, const char *uuid);

/* Returns 0 if a device can be made just now, as far as sysfs tells: the UUID is free, the parent
 * is there, has the type and has an instance left. */
int device_check_start(const struct env *env, const char *uuid, const char *parent, const char *type);

/* Returns 0 if nobody has the device open. */
int device_check_stop(const struct env *env, const struct device *device);

/* Creates a device and writes its attributes; what fails is undone. The scripts are asked before anything
 * is checked, and told if it fails. */
int device_start(const struct env *env, struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition, bool force);

/* Removes an active device. */
int device_stop(const struct env *env, struct callouts *callouts, const struct device *device, bool force);
