/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stop
 *
 * systemd runs this when an administrator stops the unit, but also when the
 * parent or the device itself went away, and possibly because a device unit
 * was lost for a moment. It cannot know which, so it must never hurt anybody
 * who uses the device: a device that is open is not touched, nor is one that
 * somebody has made since the one that this unit stood for went away.
 */

#include <stdlib.h>
#include <string.h>

#include "holders.h"
#include "log.h"
#include "notify.h"
#include "operation.h"
#include "removal.h"
#include "state.h"

int operation_stop(const struct env *env, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct holders holders;
        struct state state;
        int r;

        r = device_find_complete(env, uuid, &device);
        if (r < 0) {
                log_error_errno(r, "%s: cannot look up the device: %m", uuid);
                return EXIT_FAILURE;
        }
        if (r > 0 && state_load(env, uuid, &state) >= 0 && state.device != 0 &&
                state.device != device.inode) {
                log_info("%s: is gone; another device of that UUID is there now and is left alone", uuid);
                return EXIT_SUCCESS;
        }
        if (r == 0) {
                removal_settle(env, uuid);
                log_info("%s: is gone already", uuid);
                return EXIT_SUCCESS;
        }

        holders_find(env, &device, &holders);
        if (holders.in_use) {
                log_error("%s: not removed from parent %s, it is in use by %s; stop that first", uuid,
                        device.parent, holders.text);
                notify_status("Still active: in use by %s", holders.text);
                return EX_TEMPFAIL;
        }

        r = removal_run(env, &device);
        if (r < 0) {
                log_error_errno(r, "%s: parent %s did not remove the device: %m", uuid, device.parent);
                return EXIT_FAILURE;
        }
        log_info("%s: removed, type %s on parent %s", uuid, device.type, device.parent);
        notify_status("Removed");
        return EXIT_SUCCESS;
}
