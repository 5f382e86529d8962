/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From configured drivers to units, see override.h
 */

#include "output.h"

/* Finds the unit that gives a device its driver. Returns false, and "", if no file in the directory of
 * overrides, open at dirfd, or negative, names one. */
bool drivers_find_unit(int dirfd, const char *device, char ret[static UNIT_NAME_SIZE]);

/* Writes the drop-in and the link of each file in the directory of overrides, open at dirfd. Logs and skips
 * an unusable file. Returns 0, or the first error of writing. */
int drivers_generate(const struct output *output, int dirfd);
