/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The steps that change the driver of a device, each in a sandbox of its own
 */

#include "bus-device.h"
#include "note.h"

/* Binds note->driver to the device, and updates the note before the first step and after the last one. Logs
 * any failure but -EINTR, if the start is cancelled. Returns 0, -EOPNOTSUPP if the driver does not bind,
 * -ENODEV if the device is gone, -EROFS if the note cannot be written. */
int binding_apply(
        const struct root *root, const char *name, const struct bus_device *device, struct note *note);

/* Makes the device as it was before: with the override and the driver in the note, else with the driver
 * that the kernel chooses. Changes nothing that somebody else has changed in the meantime. Logs the outcome.
 * -EIO if a device that had a driver is left without one. */
int binding_give_back(
        const struct root *root, const char *name, const struct bus_device *device, const struct note *note);
