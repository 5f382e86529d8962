/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From configured drivers to units, see override.h
 */

#include "output.h"

/* Writes the drop-in and the link of each file in the directory of overrides, open at dirfd. Logs and skips
 * an unusable file. Returns 0, or the first error of writing. */
int drivers_generate(const struct output *output, int dirfd);
