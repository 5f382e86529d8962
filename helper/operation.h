/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What mdev-helper can do, one file each
 *
 * Each operation logs what it did or why it could not, and returns the exit
 * status of the program. The statuses are those of sysexits.h, because systemd
 * shows their names ("status=75/TEMPFAIL"); mdev-helper(8) lists them.
 */

#include <sysexits.h>

#include "env.h"

/* Makes the device of a definition active, or adopts one that is. Runs the callouts of a creation,
 * but leaves the removal of what a failed one has made to operation_clean_up(). */
int operation_start(const struct env *env, const char *uuid);

/* Removes the device, unless somebody has it open. Needs no definition. */
int operation_stop(const struct env *env, const char *uuid);

/* Runs after every stop and every failed start: removes what an unfinished start has left, and notes what
 * became of the device. */
int operation_clean_up(const struct env *env, const char *uuid);
