/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removal of a device
 */

#include "device.h"

/* Removes the device, in a sandbox of its own. Returns the errors of device_remove() and sandbox_run(). */
int removal_run(const struct root *root, const struct device *device);

/* Removes a complete device, with the callouts of a stop around the removal. They get its type and parent
 * from the kernel, and its definition if there is one. Logs the result or why it failed. -EBUSY if the
 * device is in use, -EPERM if a callout script refused, -EIO if the parent did not remove it. */
int removal_run_between_callouts(const struct root *root, const struct device *device);
