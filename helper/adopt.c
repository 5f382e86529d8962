/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Adopt
 *
 * mdev-adopt@.service runs this for a device that udev has seen and that no
 * start has asked for. The rules could want mdev@.service itself, but that
 * start would make the device anew if it is gone by then, and systemd would
 * drop the start if a stop is under way. So it is asked for from here, after that
 * stop. As long as this process waits for it, no start makes the device: whoever
 * asked for one, systemd may have joined it with this.
 */

#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How long a stop may take, and how often to look, in milliseconds. */
#define STOP_WAIT_MS (3 * 60 * 1000)
#define STOP_PAUSE_MS 200

static void wait_for_stop(const struct env *env, const char *uuid)
{
        const struct timespec pause = {.tv_nsec = STOP_PAUSE_MS * 1000000};

        for (int waited = 0; waited < STOP_WAIT_MS && env_is_live(env) && unit_is_stopping(uuid);
                waited += STOP_PAUSE_MS)
                nanosleep(&pause, NULL);
}

int operation_adopt(const struct env *env, const char *uuid)
{
        bool started;
        int r;

        /* The end of a start that was killed is a stop, too. Only when it is over, what is there stays. */
        wait_for_stop(env, uuid);
        if (!device_exists(env, uuid)) {
                log_info("%s: was made by somebody else and is gone again", uuid);
                return EXIT_SUCCESS;
        }
        r = state_mark(env, uuid, MARK_ADOPTING, 0);
        if (r < 0)
                return state_report_failure(uuid, r);
        started = !env_is_live(env) || unit_start_if_free(uuid);
        (void) state_unmark(env, uuid, MARK_ADOPTING);
        if (started)
                return EXIT_SUCCESS;
        log_info("%s: was made by somebody else, but its unit could not be started", uuid);
        return EX_UNAVAILABLE;
}
