/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Waiting with a limit
 *
 * Every wait for another process ends after a given time. One that takes
 * longer than a few seconds is announced on stderr, once, so that nobody has
 * to guess what a silent command is doing.
 */

#include <stdbool.h>
#include <stdint.h>

/* A wait longer than this is announced, in seconds. */
#define PATIENCE_SILENT_S 3

struct patience {
        const char *what; /* "process 1 to answer"; borrowed */
        uint64_t announcement, end;
        bool announced;
};

/* The monotonic clock, in microseconds. */
uint64_t now_usec(void);

/* Begins to wait for something, for at most so many seconds. */
void patience_begin(struct patience *ret, unsigned int seconds, const char *what);

/* Announces the wait if it is time to. Returns the microseconds that are left, 0 if the time is up. */
uint64_t patience_check(struct patience *patience);
