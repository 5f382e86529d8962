/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Notes
 *
 * A note tells what was last done about a device: one file per UUID in
 * /run/mdev-generator/, lines KEY=VALUE. mdev-helper writes it at each step of
 * a start, a stop and a clean-up; mdev-monitor, which compares notes with
 * devices and units, marks what it has asked systemd for. docs/design.md shows
 * the states in order.
 *
 * Writers hold a lock, so that nobody acts upon a note that is just being
 * replaced. Readers need none: a note is replaced by a rename. A reader ignores
 * keys and states of a later version. /run is emptied by a reboot, as is sysfs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "name.h"

enum note_state {
        NOTE_NONE,       /* there is no note */
        NOTE_STARTING,   /* a start runs and has not asked the parent yet */
        NOTE_CREATING,   /* a start has asked the parent; the device is not configured yet */
        NOTE_ACTIVE,     /* the device is complete, or was adopted */
        NOTE_LOST,       /* the device is gone; the monitor has asked for a stop */
        NOTE_STOPPING,   /* a stop runs */
        NOTE_STOPPED,    /* the unit went down without a device of its own */
        NOTE_LEFT,       /* the device is complete, but its unit is down */
        NOTE_UNFINISHED, /* the same, and the device is half configured */
        _NOTE_STATES
};

struct note {
        enum note_state state;
        bool adopting; /* the device gets its unit by a start that must not create one */
        int process;   /* of the helper that has written the note, 0 for the monitor */
        char parent[NAME_MAX + 1];
        uint64_t registration; /* of the parent at the start, see parent_get_registration() */
        uint64_t device;       /* inode of the device, 0 as long as there is none */
};

/* Reads the note of a UUID. Without a note, returns -ENOENT and sets *ret to an empty one. */
int note_load(const struct env *env, const char *uuid, struct note *ret);

/* The same in a directory that is open. */
int note_load_at(int dirfd, const char *uuid, struct note *ret);

/* Takes the lock on all notes and returns a file descriptor; close it to give the lock back. Makes the
 * directory. -EINTR if a signal ends the wait. */
int note_lock(const struct env *env);

/* Replaces the note under the lock. On failure the old note stays. */
int note_replace(const struct env *env, const char *uuid, const struct note *note);

/* Removes the note under the lock. No note is no error. */
int note_remove(const struct env *env, const char *uuid);

/* Takes the lock and replaces the note. */
int note_save(const struct env *env, const char *uuid, const struct note *note);

/* True if the helper that has written the note still runs, possibly in the kernel after it was killed. */
bool note_has_process(const struct note *note);

/* True if the note is about this device. One of which a killed start noted nothing counts as its own. */
bool note_is_about(const struct note *note, uint64_t inode);
