/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Follow
 *
 * The udev rules run this when a device is removed of which a start has left a
 * note, unless its own stop removes it: the unit follows its device.
 *
 * What udev tells may be old: by now the same unit may have another device, or
 * be making one. The note tells which device it has. Between a look at that and
 * systemd's decision no start may come and go: who writes the note waits as long
 * as this process has its mark. A start looks for its device itself as long as it
 * has its own mark, until the device is complete, and once more after that. For
 * systemd it ends a little later: it is asked not to cancel a start, and asked
 * again.
 */

#include <stdlib.h>
#include <time.h>

#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How often systemd is asked, and after how many milliseconds again: it may take a moment to see a start
 * end. Meanwhile udev works on no other event of the device and of its parent. */
#define FOLLOW_TRIES 5
#define FOLLOW_PAUSE_MS 200

static bool is_gone(const struct env *env, const char *uuid)
{
        struct mark mark;

        return state_has_lost_device(env, uuid) && !state_find_mark(env, uuid, MARK_STOPPING, &mark) &&
               !(state_find_mark(env, uuid, MARK_CREATING, &mark) && mark.under_way);
}

/* True if there is nothing more to do. */
static bool follow(const struct env *env, const char *uuid, bool is_last)
{
        if (!is_gone(env, uuid))
                return true;
        log_debug("%s: is gone, stopping its unit", uuid);
        if (!env_is_live(env))
                return true;
        /* A unit that is down has no clean-up to come. */
        if (unit_is_down(uuid)) {
                if (is_gone(env, uuid))
                        state_forget(env, uuid);
                return true;
        }
        /* What is still in the way is not a start of this unit, but of one that requires it. */
        if (is_last)
                unit_stop(uuid);
        return is_last || unit_stop_if_free(uuid);
}

int operation_follow(const struct env *env, const char *uuid)
{
        const struct timespec pause = {.tv_nsec = FOLLOW_PAUSE_MS * 1000000};
        bool done = false;

        for (int i = 1; !done; i++) {
                if (i > 1)
                        nanosleep(&pause, NULL);
                (void) state_mark(env, uuid, MARK_FOLLOWING, 0);
                done = follow(env, uuid, i == FOLLOW_TRIES);
                (void) state_unmark(env, uuid, MARK_FOLLOWING);
        }
        return EXIT_SUCCESS;
}
