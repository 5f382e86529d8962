/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Adopt
 *
 * mdev-adopt@.service runs this for a device that udev has seen and that no
 * start has asked for. The rules could want mdev@.service itself, but that
 * start would make the device anew if it is gone by then, and systemd would
 * drop the start if a stop is waiting. So it is asked for from here, and a file
 * tells it to make nothing.
 */

#include <stdlib.h>

#include "device.h"
#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

int operation_adopt(const struct env *env, const char *uuid)
{
        int r;

        if (!device_exists(env, uuid)) {
                log_info("%s: was made by somebody else and is gone again", uuid);
                return EXIT_SUCCESS;
        }
        r = state_ask_adoption(env, uuid);
        if (r < 0)
                return state_report_failure(uuid, r);
        return env_is_live(env) ? unit_start(uuid) : EXIT_SUCCESS;
}
