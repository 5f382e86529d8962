/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Starting and stopping a device by its unit
 *
 * So that systemd knows of the device: its state, its log, its dependencies.
 * How it went is judged by the device, and what the helper had to say is
 * handed on. Every function reports its errors. None waits for a job that may
 * be waiting for the caller, see job.h and scope.h: where systemd cannot do the
 * work now, the caller does it itself, and the unit follows.
 */

#include "definition.h"
#include "device.h"

/* Starts the unit of a UUID whose device is not active. With a definition, that is what the device becomes,
 * whatever is stored: it is written down for as long as the device lives. Returns 1, or 0 without a message
 * if the caller is to make the device. */
int unit_start(
        const struct env *env, const char *uuid, const char *parent, const struct definition *transient);

/* Stops an active device by its unit. Returns 1, or 0 without a message if the caller is to remove the
 * device, which then is as it was. */
int unit_stop(const struct env *env, const struct device *device);
