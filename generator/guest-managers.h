/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "root.h"

/* Fits the names of all these services, each with a space before it. */
#define GUEST_MANAGERS_SIZE 256

/* Writes the names of the installed services that start guests at boot, each with a space before it. Without
 * any, writes an empty string. */
void guest_managers_collect(const struct root *root, char ret[static GUEST_MANAGERS_SIZE]);
