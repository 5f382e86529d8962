/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removing a device so that systemd has seen it
 *
 * The template unit follows its device: when udev reports the device gone,
 * systemd stops the unit. That report comes some time after the removal. If
 * the unit has been started again by then, the report about the old device
 * would stop the new one. So a removal is over only when udev has told its
 * listeners, systemd among them; until then the unit is still stopping, and
 * a stop of a stopping unit is nothing. systemd runs no queued job before it
 * has worked off udev's messages, so a start that waits comes after it.
 */

#include "device.h"

/* Removes the device and waits, for a bounded time, until udev has reported it. Errors are
 * those of device_remove(); a missing report is only logged. */
int removal_run(const struct env *env, const struct device *device);

/* The second half for a device that is gone already, if udev still knows it. */
void removal_settle(const struct env *env, const char *uuid);
