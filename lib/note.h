/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Notes
 *
 * A note records the last step taken for a device: one file per UUID, per
 * <bus>-<device>, or per PCI function, in /run/mdev-generator/, with lines KEY=VALUE. mdev-helper writes it
 * at each step of a start and a stop. mdev-monitor compares notes with devices and units, and
 * records its requests to systemd. docs/design.md shows the states in order. Writers hold a lock, so that
 * none acts on a note that another is replacing. Readers need no lock, because rename(2) replaces a note;
 * they ignore keys and states of later versions. A reboot empties /run, as it empties sysfs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "name.h"
#include "root.h"

enum note_state {
        NOTE_NONE,       /* no note exists */
        NOTE_STARTING,   /* a start runs; it has not asked the parent yet */
        NOTE_CREATING,   /* a start asked the parent; the device is not configured yet */
        NOTE_ACTIVE,     /* the device is complete, or was adopted */
        NOTE_LOST,       /* the device disappeared; the monitor asked systemd to stop its unit */
        NOTE_STOPPING,   /* a stop runs, or was killed */
        NOTE_STOPPED,    /* the unit stopped without a device of its own */
        NOTE_LEFT,       /* the device is complete, but its unit is stopped */
        NOTE_UNFINISHED, /* the same, but the device is only partly configured */
        _NOTE_STATES
};

struct note {
        enum note_state state;
        bool adopting; /* a start for an existing device; it must not create one */
        int process;   /* PID of the helper that wrote the note, 0 for the monitor */
        char parent[NAME_MAX + 1];
        uint64_t registration; /* of the parent at the start, see parent_get_registration() */
        uint64_t device;       /* inode of the device, 0 before it exists */

        /* Only in the note of a device that gets its driver from an override, see override.h: that driver,
         * and what the device had before. */
        char driver[NAME_MAX + 1], previous_driver[NAME_MAX + 1], previous_override[NAME_MAX + 1];

        /* Only in the note of a vGPU: the type of its definition, and its number. */
        char type[NAME_MAX + 1];
        int type_number;
};

/* Reads the note of a UUID. If it is missing, returns -ENOENT and sets *ret to an empty note. */
int note_load(const struct root *root, const char *uuid, struct note *ret);

/* The same in the directory open at dirfd. */
int note_load_at(int dirfd, const char *uuid, struct note *ret);

/* Takes the lock on all notes and returns a file descriptor; closing it releases the lock. Creates the
 * directory if necessary. -EINTR if a signal ends the wait. */
int note_lock(const struct root *root);

/* Replaces the note; the caller holds the lock. On failure the old note stays. */
int note_replace(const struct root *root, const char *uuid, const struct note *note);

/* Removes the note; the caller holds the lock. A missing note is no error. */
int note_remove(const struct root *root, const char *uuid);

/* Takes the lock and replaces the note. */
int note_save(const struct root *root, const char *uuid, const struct note *note);

/* True if the helper that wrote the note still exists; a killed one may still be blocked in the kernel. */
bool note_has_process(const struct note *note);

/* True if the note is about this device, also if a start was killed before it could note its new device. */
bool note_is_about(const struct note *note, uint64_t inode);
