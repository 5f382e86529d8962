/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Adopt
 *
 * mdev-adopt@.service runs this for a device that udev has seen and that no
 * start has asked for. The rules could want mdev@.service itself, but that
 * start would make the device anew if it is gone by then, and systemd would
 * drop the start if a stop is under way. So it is asked for from here, after that
 * stop, and a file tells it to make nothing.
 */

#include <stdlib.h>
#include <time.h>

#include "device.h"
#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How long a stop may take, and how often to look, in milliseconds. */
#define ADOPT_WAIT_MS (3 * 60 * 1000)
#define ADOPT_PAUSE_MS 200

int operation_adopt(const struct env *env, const char *uuid)
{
        const struct timespec pause = {.tv_nsec = ADOPT_PAUSE_MS * 1000000};
        int r;

        for (int waited = 0; waited < ADOPT_WAIT_MS; waited += ADOPT_PAUSE_MS) {
                /* The end of a start that was killed is a stop, too, and may remove the device. Only when it
                 * is over, what is there stays. */
                const bool stopping = env_is_live(env) && unit_is_stopping(uuid);

                if (!device_exists(env, uuid)) {
                        log_info("%s: was made by somebody else and is gone again", uuid);
                        return EXIT_SUCCESS;
                }
                if (!stopping) {
                        r = state_ask_adoption(env, uuid);
                        if (r < 0)
                                return state_report_failure(uuid, r);
                        if (!env_is_live(env) || unit_start_if_free(uuid))
                                return EXIT_SUCCESS;
                        (void) state_take_adoption(env, uuid);
                        if (!unit_is_stopping(uuid))
                                break;
                }
                nanosleep(&pause, NULL);
        }
        log_info("%s: was made by somebody else, but its unit cannot be started now", uuid);
        return EX_UNAVAILABLE;
}
