/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The operations of mdev-helper, one file each
 *
 * Each operation logs its result or why it failed, and returns the exit status
 * of the program. The statuses come from sysexits.h, because systemd shows their
 * names ("status=75/TEMPFAIL"); mdev-helper(8) lists them.
 */

#include <sysexits.h>

#include "env.h"

/* Creates the device of a definition, or adopts an active one. Runs callouts around a creation. If the
 * creation fails, operation_clean_up() removes the device. */
int operation_start(const struct env *env, const char *uuid);

/* Removes the device, unless a process has it open. Needs no definition. */
int operation_stop(const struct env *env, const char *uuid);

/* Runs after every stop and every failed start: removes the device of an unfinished start and writes the
 * outcome to the note. */
int operation_clean_up(const struct env *env, const char *uuid);
