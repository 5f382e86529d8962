/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Functions whose vGPU is defined after they appeared
 *
 * udev tags a function for systemd only if its definition exists at the time of an
 * event. So the monitor makes an event for a function that a new definition names,
 * as "mdevctl vgpu define" does.
 */

#include <systemd/sd-bus.h>

#include "root.h"

/* Announces the present functions with a definition and without a device unit to udev, and waits a moment
 * for these units. Call it before a reload: what systemd learns of a wanted unit afterwards starts nothing,
 * as with the definition of a mediated device. Logs failures. */
void functions_announce(const struct root *root, sd_bus *bus);

/* Starts the device units of the present functions with a definition, and thereby the units that they want.
 * The jobs of those that udev has not announced yet wait for it. */
void functions_start_wanted(const struct root *root, sd_bus *bus);
