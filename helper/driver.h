/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The operations of mdev-driver-helper, and what they share
 *
 * They are those of operation.h, for the driver of a device; see override.h. A name is
 * <bus>-<device>.
 */

#include "bus-device.h"
#include "note.h"

/* Binds a driver to the device, the configured one if driver is NULL. If that fails, driver_clean_up() gives
 * the device back. */
int driver_start(const struct root *root, const char *name, const char *driver);

/* Gives the device back to the driver it had before, unless a process has it open. Needs no file. With a
 * driver, takes the device from that one even if somebody else bound it. */
int driver_stop(const struct root *root, const char *name, const char *driver);

/* Runs after every stop and every failed start: gives the device back after an unfinished one. */
int driver_clean_up(const struct root *root, const char *name);

/* Opens the device. Logs a failure of which nobody could guess the cause. -ENODEV if the device is absent.
 */
int driver_device_open(const struct root *root, const struct override *override, struct bus_device *ret);

/* Gives the device back, unless a process has it open, and removes the note. Logs the outcome. -EBUSY if the
 * device is in use. */
int driver_give_back(
        const struct root *root, const char *name, const struct bus_device *device, struct note *note);
