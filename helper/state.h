/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a start leaves behind for those who come after it
 *
 * Files per device in /run/mdev-generator/:
 *
 *   <uuid>            lives from the beginning of a start to the clean-up. Read
 *                     by the udev rules, for which a device without it was made
 *                     by somebody else, and which have a removal followed only
 *                     with it; and by the clean-up, which learns under which
 *                     registration of which parent the device was started.
 *   <uuid>.creating   exists while a start has begun to create a device and has
 *                     not finished configuring it, and looks itself whether
 *                     the device goes. Whoever finds it without a start running
 *                     finds a device that nobody may use.
 *   <uuid>.stopping   tells the udev rules that the removal that they see is a
 *                     stop's own.
 *   <uuid>.adopting   names a process that is having a device adopted. As long
 *                     as it lives, no start shall make the device.
 *   <uuid>.following  names a process that is having a unit stopped because its
 *                     device is gone. As long as it lives, who writes the first
 *                     of these files waits.
 *
 * /run is emptied by a reboot, as is sysfs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "name.h"

struct state {
        int process; /* the start that makes the device, 0 if it was made by somebody else */
        char parent[NAME_MAX + 1];
        uint64_t registration; /* see parent_get_registration() */
        uint64_t device;       /* its inode, 0 as long as it is not created */
};

/* Writes the state file, replacing an old one as a whole, and waits until nobody acts upon the old one
 * any more, see follow.c. */
int state_save(const struct env *env, const char *uuid, const struct state *state);

/* Reads the state file. -ENOENT if there is none, -EINVAL if it was cut off. */
int state_load(const struct env *env, const char *uuid, struct state *ret);

/* True if the state file names a device that is no more. */
bool state_has_lost_device(const struct env *env, const char *uuid);

/* Removes the state file. */
void state_forget(const struct env *env, const char *uuid);

enum mark_kind {
        MARK_CREATING,
        MARK_STOPPING,
        MARK_ADOPTING,
        MARK_FOLLOWING,
};

struct mark {
        uint64_t device; /* the inode of the device that the mark is about, 0 if it was not known yet */
        bool under_way;  /* the process that has made the mark still exists */
};

/* Makes a mark in the name of this process, or changes it. */
int state_mark(const struct env *env, const char *uuid, enum mark_kind kind, uint64_t device);

/* Removes a mark, if there is one. */
int state_unmark(const struct env *env, const char *uuid, enum mark_kind kind);

/* True if there is such a mark. */
bool state_find_mark(const struct env *env, const char *uuid, enum mark_kind kind, struct mark *ret);

/* Logs why a file of these cannot be written, and returns the exit status. */
int state_report_failure(const char *uuid, int r);
