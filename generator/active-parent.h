/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where a device is active, as mdev-helper has noted it
 *
 * At boot there is nothing noted. Later a definition may be moved to another
 * parent while its device is active, and a unit that systemd then found bound
 * to a parent that is absent would be stopped, and the device removed.
 */

#include <limits.h>
#include <stdbool.h>

#include "env.h"

/* Opens the directory of the notes; negative errno, -ENOENT before the first start of a device. */
int active_parents_open(const struct env *env);

/* Copies the parent on which the device is active. False if there is none, or
 * if fd is negative. */
bool active_parent_get(int fd, const char *uuid, char ret[static NAME_MAX + 1]);
