/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Follow
 *
 * The udev rules run this when a device is removed of which a start has left a
 * note, unless its own stop removes it: the unit follows its device.
 *
 * What udev tells may be old: by now the same unit may have another device, or
 * be making one. The note tells which device it has. Between a look at that and
 * systemd's decision no start may come and go, so a start waits as long as this
 * process has its mark. And a start that is under way looks for its device
 * itself when it ends: systemd is asked not to cancel it, and asked again.
 */

#include <stdlib.h>
#include <time.h>

#include "cleanup.h"
#include "device.h"
#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How long a start may be in the way, and how often to ask again, in milliseconds. Meanwhile udev
 * works on no other event of the device and of its parent. */
#define FOLLOW_WAIT_MS 5000
#define FOLLOW_PAUSE_MS 100

/* Whether the unit had a device that is no more. */
static bool is_gone(const struct env *env, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct state state;
        struct mark mark;

        if (state_load(env, uuid, &state) < 0 || state.device == 0 ||
                state_find_mark(env, uuid, MARK_STOPPING, &mark))
                return false;
        return device_find(env, uuid, &device) <= 0 || device.inode != state.device;
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
