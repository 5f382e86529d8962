/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "root.h"

/* Prints the devices of a bus with their drivers, as driverctl does: those with an override, or all that can
 * have one. Reports its errors. */
int driver_list(const struct root *root, const char *bus, bool all);
