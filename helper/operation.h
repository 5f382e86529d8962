/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The operations of mdev-helper, one file each
 *
 * Each operation logs its result or why it failed. It returns 0 or a negative
 * errno, from which program.c makes the exit status.
 */

#include "root.h"

/* Creates the device of a definition, or adopts an active one. Runs callouts around a creation. If the
 * creation fails, operation_stop() removes the device. */
int operation_start(const struct root *root, const char *uuid);

/* Runs after every end of a unit, of a failed start, too: removes the device, unless a process has it open,
 * and writes the outcome to the note. Needs no definition. */
int operation_stop(const struct root *root, const char *uuid);
