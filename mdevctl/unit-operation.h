/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Starting and stopping a device by its unit
 *
 * systemd then knows the device: its state, its log, its dependencies. The
 * device decides whether the request succeeded, and the helper's errors are
 * passed on. Every function reports its errors. No function waits for a job
 * that may be waiting for the caller, see job.h and scope.h: if systemd cannot
 * do the work now, the caller does it, and the unit follows.
 */

#include "definition.h"
#include "device.h"

/* Starts the unit of a UUID whose device is not active. A transient definition overrides the stored one and
 * is kept as long as the device exists. Returns 1, or 0 without a message if the caller must create the
 * device. */
int unit_start(
        const struct root *root, const char *uuid, const char *parent, const struct definition *transient);

/* Stops an active device by its unit. Returns 1, or 0 without a message if the caller must remove the
 * device, which is then unchanged. */
int unit_stop(const struct root *root, const struct device *device);
