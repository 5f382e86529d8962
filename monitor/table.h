/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Chooses an action for a device and its unit from three facts; see table.c
 */

#include <stdbool.h>

/* The device in sysfs, compared with the one in the note. */
enum device_fact {
        DEVICE_ABSENT = 1,
        DEVICE_INCOMPLETE = 2, /* the kernel is still creating it */
        DEVICE_OWN = 4,        /* the note is about this device */
        DEVICE_OTHER = 8,      /* the note is about another device, or there is no note */
};

/* The helper's note. */
enum note_fact {
        NOTED_NOTHING = 1,
        NOTED_WORK = 2,      /* a helper is at work on the device */
        NOTED_STALE = 4,     /* a start was at work and died */
        NOTED_ACTIVE = 8,    /* the unit has this device */
        NOTED_LOST = 16,     /* it had one, and the monitor has requested a stop */
        NOTED_DOWN = 32,     /* the unit went down without a device */
        NOTED_LEFT = 64,     /* the unit went down or did not start, and its device may remain */
        NOTED_ADOPTION = 128 /* the monitor has requested a start that must not create a device */
};

/* The unit in systemd: its state and its job. */
enum unit_fact {
        UNIT_DOWN = 1,
        UNIT_MASKED = 2, /* down, and cannot be started */
        UNIT_ASKED = 4,  /* down, with a start job, which may wait */
        UNIT_RISING = 64,
        UNIT_UP = 8,
        UNIT_UP_AND_ASKED = 16, /* up, with a start job */
        UNIT_FALLING = 32
};

enum action {
        ACTION_NONE,    /* they agree */
        ACTION_WAIT,    /* an operation is under way: look again */
        ACTION_STOP,    /* request a stop, unless a start is pending */
        ACTION_CANCEL,  /* end the start */
        ACTION_EXPIRE,  /* request a stop if a few more looks show the same */
        ACTION_RESTART, /* restart the unit to give it a new device */
        ACTION_ADOPT,   /* request a start that creates nothing */
        ACTION_RETURN,  /* start the unit if its parent has returned and wants it */
};

/* Returns the action of the first matching row, ACTION_NONE without one. Each fact is one bit. */
enum action action_choose(enum device_fact device, enum note_fact note, enum unit_fact unit);

/* Returns the name of an action, a static string, for debug messages. */
const char *action_to_text(enum action action);
