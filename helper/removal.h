/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removing a device without permission to do anything else
 */

#include "device.h"

/* Removes the device, in a sandbox of its own. Returns the errors of device_remove() and sandbox_run(). */
int removal_run(const struct root *root, const struct device *device);
