/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directories from which definitions are read, watched for changes
 *
 * Definitions come as files, as links to files elsewhere, and under directories
 * that are links or mount points. One inotify instance watches all of it: root
 * has 128 of them, for all programs. An event only tells that something may
 * have changed.
 */

#include <stdbool.h>

#include "env.h"

struct watch {
        int fd;    /* an inotify instance, or -1 */
        int above; /* watch descriptor of the directory above the definitions, to see them come */
};

/* Watches everything that there is now. A directory that cannot be watched is logged and left out. -EMFILE
 * if there is no inotify instance left. */
int watch_open(struct watch *ret, const struct env *env);

/* Reads the events. True if a definition may have changed. */
bool watch_take_events(const struct watch *watch);

/* Closes the instance. */
void watch_done(struct watch *watch);

#define WATCH_NONE                                                                                          \
        {                                                                                                   \
                .fd = -1                                                                                    \
        }
