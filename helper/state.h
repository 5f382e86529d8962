/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a start leaves behind for those who come after it
 *
 * Two files per device in /run/mdev-generator/:
 *
 *   <uuid>           lives as long as the device. Read by the udev rules, which
 *                    take the alias from it that lets the template unit name
 *                    the device (see udev/60-mdev.rules), and by the clean-up,
 *                    which learns under which registration of which parent the
 *                    device was started.
 *   <uuid>.creating  exists while a start has begun to create a device and has
 *                    not finished configuring it. Whoever finds it without a
 *                    start running finds a device that nobody may use.
 *
 * /run is emptied by a reboot, as is sysfs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "name.h"

#define STATE_DIR "/run/mdev-generator"

struct state {
        char parent[NAME_MAX + 1];
        uint64_t registration; /* see parent_get_registration() */
        uint64_t device;       /* its inode, 0 as long as it is not created */
};

/* Writes the state file, replacing an old one as a whole. */
int state_save(const struct env *env, const char *uuid, const struct state *state);

/* Reads the state file. -ENOENT if there is none, -EINVAL if it was cut off. */
int state_load(const struct env *env, const char *uuid, struct state *ret);

/* Removes the state file. */
void state_forget(const struct env *env, const char *uuid);

/* Makes or removes the mark of a device that is being created. */
int state_set_creating(const struct env *env, const char *uuid, bool creating);

/* True if the mark exists. Whether it is about the device that is there, the state file tells. */
bool state_is_creating(const struct env *env, const char *uuid);

/* True if the process that made the mark still exists. */
bool state_creator_is_alive(const struct env *env, const char *uuid);
