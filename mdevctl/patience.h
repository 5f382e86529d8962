/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Waiting with a limit
 *
 * Every wait for another process has a time limit. A wait of more than a few
 * seconds is announced on stderr, once, so that the user knows why the command
 * is silent.
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

/* Begins a wait for at most the given seconds. The text is borrowed. */
void patience_begin(struct patience *ret, unsigned int seconds, const char *what);

/* Announces the wait once it is long enough. Returns the remaining microseconds, 0 after the limit. */
uint64_t patience_check(struct patience *patience);
