/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Watches the directories of the definitions, and that of configured drivers, for changes
 *
 * A definition is a file or a link to a file elsewhere, and the directories above
 * it may be links or mount points. One inotify instance watches all of them,
 * because root has only 128 instances for all programs. An event only means that
 * a definition may have changed.
 */

#include <stdbool.h>

#include "root.h"

struct watch {
        int fd;    /* an inotify instance, or -1 */
        int above; /* watch descriptor of the directory above the definitions, to see it appear */
};

/* Watches all existing directories and links of definitions. Logs and skips a directory that it cannot
 * watch. On success, close *ret with watch_done(). Returns a negative errno on failure, -EMFILE if no
 * inotify instance is left. */
int watch_open(struct watch *ret, const struct root *root);

/* Reads all pending events. Returns true if a definition may have changed. */
bool watch_take_events(const struct watch *watch);

/* Closes the inotify instance. */
void watch_done(struct watch *watch);

#define WATCH_NONE                                                                                          \
        {                                                                                                   \
                .fd = -1                                                                                    \
        }
