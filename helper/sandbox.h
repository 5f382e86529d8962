/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the helper can still do while it talks to a driver
 *
 * From before it asks a parent for a device, the helper needs to write nothing
 * but what is in the parent's directory in sysfs and its own files in /run, and
 * then of sysfs nothing but the device's directory. Landlock holds it to that,
 * whatever a definition brings it to do, and capabilities that no driver asks
 * for are given up. The kernel may have no Landlock: then all works without.
 *
 * Two things do not work inside, and must be done before or outside:
 * holders_find(), because Landlock hides the descriptors of other processes, and
 * callouts, because they inherit all of it and are promised everything that root
 * can do. All of it concerns one thread, so both are possible in another one.
 */

#include "env.h"

/* From now on the calling thread can write nothing but what is beneath an open directory, and
 * existing and new files in the directory of state.h. Each call only takes away. Does nothing under
 * a set root. */
void sandbox_enter(const struct env *env, int directory_fd);

/* Runs a function that may enter the sandbox in a thread of its own, which gets the signals meanwhile,
 * and sets *ret to its result. The caller stays outside. Where threads are forbidden (EPERM), the function
 * runs in the calling thread and sandbox_enter() does nothing. Returns a negative errno, and logs it with
 * the UUID, if there can be no thread for another reason. */
int sandbox_run(const char *uuid, int (*function)(void *userdata), void *userdata, int *ret);
