/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "root.h"

/* Prints the definitions of vGPUs to stdout, as lines or as a document for "mdevctl apply". Reports its
 * errors; an unreadable definition is only a warning. */
int vgpu_list(const struct root *root, bool json);

/* Prints the types that each function, or the one given, could get now. Reports its errors. */
int vgpu_types(const struct root *root, const char *function, bool json);
