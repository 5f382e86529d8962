/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removing a device without the power to do anything else
 */

#include "device.h"

/* Removes the device, in a sandbox of its own. Errors are those of device_remove() and
 * sandbox_run(). */
int removal_run(const struct env *env, const struct device *device);
