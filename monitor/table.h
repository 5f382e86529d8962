/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What to do about a device and its unit: three facts and one table, see table.c
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
        NOTED_STALE = 4,     /* a helper was at work and is gone without an end */
        NOTED_ACTIVE = 8,    /* the unit has this device */
        NOTED_LOST = 16,     /* it had one, and a stop has been asked for */
        NOTED_DOWN = 32,     /* the unit went down without a device */
        NOTED_LEFT = 64,     /* the unit went down, or did not start, and the device stays */
        NOTED_ADOPTION = 128 /* a start has been asked for that must not create a device */
};

/* The unit in systemd: its state and its job. */
enum unit_fact {
        UNIT_DOWN = 1,
        UNIT_MASKED = 2, /* down, and cannot be started */
        UNIT_ASKED = 4,  /* down, and somebody asks for a start, which may wait */
        UNIT_RISING = 64,
        UNIT_UP = 8,
        UNIT_UP_AND_ASKED = 16, /* up, and somebody asks for a start */
        UNIT_FALLING = 32
};

enum action {
        ACTION_NONE,    /* they agree */
        ACTION_WAIT,    /* something is under way: look again */
        ACTION_STOP,    /* ask for a stop, unless somebody asks for a start */
        ACTION_CANCEL,  /* end the start */
        ACTION_EXPIRE,  /* ask for a stop if a few more looks show the same */
        ACTION_RESTART, /* give the unit a device anew */
        ACTION_ADOPT,   /* ask for a start that creates nothing */
        ACTION_RETURN,  /* start the unit if its parent has returned and wants it */
};

/* The action of the first row that fits. Each fact is one bit. */
enum action action_choose(enum device_fact device, enum note_fact note, enum unit_fact unit);

/* The name of an action, for debug messages. */
const char *action_to_text(enum action action);
