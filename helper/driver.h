/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the operations on drivers share
 */

#include "bus-device.h"
#include "note.h"

/* Opens the device. Logs a failure of which nobody could guess the cause. -ENODEV if the device is absent.
 */
int driver_device_open(const struct root *root, const struct override *override, struct bus_device *ret);

/* Gives the device back, unless a process has it open, and removes the note. Logs the outcome. -EBUSY if the
 * device is in use. */
int driver_give_back(
        const struct root *root, const char *name, const struct bus_device *device, struct note *note);
