/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-device.h"

/* Loads the module of a driver unless the bus has the driver already. Logs any failure but -EINTR, if the
 * start is cancelled. -ENODEV if the bus does not get the driver. */
int driver_module_load(
        const struct root *root, const char *name, const struct bus_device *device, const char *driver);
