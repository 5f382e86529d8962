/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "override.h"

/* Binds override->driver to the device at once, by its unit or, where there is none, without systemd. saved
 * is false if no file has the driver. Reports its errors. */
int driver_apply(const struct root *root, const struct override *override, bool saved);

/* Gives the device back to the driver of the kernel's choice at once. Reports its errors. */
int driver_release(const struct root *root, const struct override *override);

/* Makes systemd notice a file that was written or removed. Reports its errors. */
int driver_reload(const struct root *root);
