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
 * as this process has its mark. A start that is under way looks for its device
 * itself when it ends, after it has noted that. For systemd it ends a little
 * later: it is asked not to cancel a start, and asked again.
 */

#include <stdlib.h>
#include <time.h>

#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How long systemd may take to see a start end, and how often to ask again, in milliseconds. Meanwhile
 * udev works on no other event of the device and of its parent. */
#define FOLLOW_WAIT_MS 5000
#define FOLLOW_PAUSE_MS 100

static bool is_gone(const struct env *env, const char *uuid)
{
        struct state state;
        struct mark mark;

        return state_has_lost_device(env, uuid, &state) && !state_is_starting(&state) &&
               !state_find_mark(env, uuid, MARK_STOPPING, &mark);
}

int operation_follow(const struct env *env, const char *uuid)
{
        const struct timespec pause = {.tv_nsec = FOLLOW_PAUSE_MS * 1000000};

        for (int waited = 0; waited < FOLLOW_WAIT_MS; waited += FOLLOW_PAUSE_MS) {
                bool done;

                (void) state_mark(env, uuid, MARK_FOLLOWING, 0);
                done = !is_gone(env, uuid);
                if (!done) {
                        log_debug("%s: is gone, stopping its unit", uuid);
                        done = !env_is_live(env) || unit_stop_if_free(uuid);
                }
                (void) state_unmark(env, uuid, MARK_FOLLOWING);
                if (done)
                        return EXIT_SUCCESS;
                nanosleep(&pause, NULL);
        }
        log_error("%s: is gone, but its unit could not be stopped", uuid);
        return EX_UNAVAILABLE;
}
