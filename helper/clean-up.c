/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up
 *
 * systemd runs this after every stop and after every start that did not end
 * well, however it ended. It leaves what is there and what systemd thinks is
 * there in agreement:
 *
 * - A device that a start has created and not finished is removed. A device
 *   that was adopted or is complete is left alone.
 * - A stop that came in the last moment of a start, too late for the start to
 *   notice, has had no ExecStop=; it is made up for.
 * - If the parent left and came back, or somebody made the device anew, while
 *   the unit was still busy with the loss, systemd has dropped the start that
 *   this asked for, because it contradicts a stop under way. The registration
 *   and the device noted at the start tell that this happened, or when systemd
 *   itself has noticed the loss, and it is asked again.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "definition-file.h"
#include "enablement.h"
#include "holders.h"
#include "log.h"
#include "operation.h"
#include "parent.h"
#include "removal.h"
#include "state.h"
#include "unit.h"

/* Removes the device that an unfinished start has left. */
static int remove_unfinished(const struct env *env, const struct device *device)
{
        struct holders holders;
        int r;

        /* Should this be interrupted, a device that somebody else makes later is neither this one nor
         * one that a start is making. */
        (void) state_mark(env, device->uuid, MARK_CREATING, device->inode);

        holders_find(env, device, &holders);
        if (holders.in_use) {
                log_error("%s: is half configured, but in use by %s; stop that and start mdev@%s.service "
                          "again",
                        device->uuid, holders.text, device->uuid);
                return -EBUSY;
        }
        r = removal_run(env, device);
        if (r < 0)
                return log_error_errno(r, "%s: parent %s did not remove the unfinished device: %m",
                        device->uuid, device->parent);
        log_info("%s: removed again from parent %s", device->uuid, device->parent);
        return 0;
}

static int finish_creation(
        const struct env *env, const char *uuid, const struct device *device, const struct mark *mark)
{
        /* A device that the start did not make is none of its leftovers. One that is not complete cannot
         * be removed yet. */
        const bool is_other = device && mark->device != 0 && mark->device != device->inode;

        if (device && !is_other && device->type[0] == '\0')
                return 0;
        if (device && !is_other && remove_unfinished(env, device) < 0)
                return -EBUSY;
        if (device || !mark->under_way)
                (void) state_unmark(env, uuid, MARK_CREATING);
        return 0;
}

/* systemd may be late: then the start has found the parent returned already, and it was only afterwards
 * that systemd heard of the loss. */
static bool parent_has_returned(const struct env *env, const char *uuid, const struct state *state)
{
        uint64_t registration;

        if (parent_get_registration(env, state->parent, &registration) < 0)
                return false;
        return registration != state->registration ||
               (env_is_live(env) && unit_has_lost_parent(uuid, state->parent));
}

/* systemd sets it for ExecStopPost=: "success" after a stop that was asked for. */
static bool unit_has_failed(void)
{
        const char *result = getenv("SERVICE_RESULT");

        return !result || strcmp(result, "success") != 0;
}

/* Returns why the unit is to be started again, NULL if it is not. */
static const char *clean_up(const struct env *env, const char *uuid, int *ret_status)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct mark mark;
        struct state state = {};
        bool known, exists, is_creating;
        int r;

        *ret_status = EXIT_SUCCESS;
        known = state_load(env, uuid, &state) >= 0;
        is_creating = state_find_mark(env, uuid, MARK_CREATING, &mark);
        /* First of all: what comes from now on, udev shall take for a device to adopt. That may be what a
         * start makes that systemd has given up and that is in the kernel still; it will be here again. */
        state_forget(env, uuid);

        r = device_find_complete(env, uuid, &device);
        if (r < 0) {
                log_error_errno(r, "%s: cannot look up the device: %m", uuid);
                *ret_status = EXIT_FAILURE;
                return NULL;
        }
        exists = r > 0;
        if (is_creating) {
                if (finish_creation(env, uuid, exists ? &device : NULL, &mark) < 0) {
                        *ret_status = EXIT_FAILURE;
                        return NULL;
                }
                exists = device_exists(env, uuid);
        }

        if (exists && known && state.device == device.inode) {
                if (!env_is_live(env) || unit_has_failed())
                        return NULL;
                *ret_status = operation_stop(env, uuid);
                exists = device_exists(env, uuid);
                if (*ret_status != EXIT_SUCCESS || exists)
                        return NULL;
        }
        if (exists && known && device.type[0] != '\0')
                return "somebody has made the device anew meanwhile";
        if (exists)
                return NULL;
        definition_remove_transient(env, uuid);
        if (known && unit_is_wanted(env, state.parent, uuid) && parent_has_returned(env, uuid, &state))
                return "its parent has been registered again meanwhile";
        return NULL;
}

int operation_clean_up(const struct env *env, const char *uuid)
{
        int status;
        const char *why = clean_up(env, uuid, &status);

        (void) state_unmark(env, uuid, MARK_STOPPING);
        if (!why || !env_is_live(env))
                return status;
        log_info("%s: %s, starting", uuid, why);
        return unit_start(uuid);
}
