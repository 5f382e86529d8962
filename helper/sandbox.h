/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Restricts the helper while it talks to a driver
 *
 * The helper writes only to the parent's directory in sysfs, then only to the
 * device's, and to its own files in /run. Landlock enforces that, whatever a
 * definition contains; without Landlock, everything works unrestricted. The
 * helper also drops the capabilities that no driver checks. Two things must run
 * before or outside: holders_find(), because Landlock hides the descriptors of
 * other processes, and callouts, which would inherit the restrictions but are
 * promised full root privileges. A sandbox confines one thread and no others.
 */

#include "root.h"

/* From now on, the calling thread can write only beneath one or two open directories (a negative descriptor
 * is none) and to existing and new files in NOTES_DIR. Each further call only adds restrictions. Logs
 * failures and goes on without. Does nothing if MDEVCTL_ENV_ROOT is set. */
void sandbox_enter(const struct root *root, int directory_fd, int other_fd);

/* Runs a function that may enter the sandbox in a thread of its own and sets *ret to its result. That thread
 * receives the signals meanwhile; the caller stays outside. Where threads are forbidden (EPERM), the
 * function runs in the calling thread and sandbox_enter() does nothing. If creating the thread fails for
 * another reason, logs it with the name and returns a negative errno. */
int sandbox_run(const char *name, int (*function)(void *userdata), void *userdata, int *ret);
