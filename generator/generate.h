/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From definitions, of mediated devices and of vGPUs, and configured drivers to units
 *
 * mdev-generator runs this for systemd. mdev-monitor runs it to see whether the
 * result differs from the one at the last reload.
 */

#include "root.h"

/* Writes drop-ins and links for all of them into the two directories. Logs and
 * skips unusable ones. Handles all even after an error, then returns the first error of reading or writing.
 */
int units_generate(const struct root *root, const char *normal, const char *early);
