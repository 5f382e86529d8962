/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up
 *
 * systemd runs this after every stop and after every start that did not end
 * well, however it ended. It removes a device that a start has created and not
 * finished; a device that was adopted or is complete is left alone. And it
 * mends the one thing that a unit cannot say: if the parent left and came back
 * while the unit was still busy with the loss, systemd has dropped the start
 * that the parent's return asked for, because it contradicts a stop under way.
 * The registration noted at the start tells that this happened.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "enablement.h"
#include "holders.h"
#include "log.h"
#include "operation.h"
#include "parent.h"
#include "removal.h"
#include "state.h"
#include "unit-name.h"

static int remove_unfinished(const struct env *env, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct holders holders;
        int r;

        r = device_find_complete(env, uuid, &device);
        if (r < 0)
                return log_error_errno(r, "%s: cannot look up the device: %m", uuid);
        if (r == 0) {
                removal_settle(env, uuid);
                return 0;
        }
        holders_find(env, &device, &holders);
        if (holders.in_use) {
                log_error("%s: is half configured, but in use by %s; stop that and then mdev@%s.service",
                        uuid, holders.text[0] ? holders.text : "a process that cannot be seen from here",
                        uuid);
                return -EBUSY;
        }
        r = removal_run(env, &device);
        if (r < 0)
                return log_error_errno(
                        r, "%s: parent %s did not remove the unfinished device: %m", uuid, device.parent);
        log_info("%s: removed again from parent %s", uuid, device.parent);
        return 0;
}

static bool parent_has_returned(const struct env *env, const struct state *state)
{
        uint64_t registration;

        return parent_get_registration(env, state->parent, &registration) >= 0 &&
               registration != state->registration;
}

int operation_clean_up(const struct env *env, const char *uuid)
{
        char unit[UNIT_NAME_SIZE];
        struct state state;
        bool known;

        if (state_is_creating(env, uuid)) {
                if (remove_unfinished(env, uuid) < 0)
                        return EXIT_FAILURE;
                /* A process that was killed in the middle of the creation may still be in it. */
                if (!state_creator_is_alive(env, uuid))
                        (void) state_set_creating(env, uuid, false);
        }

        if (device_exists(env, uuid))
                return EXIT_SUCCESS;

        known = state_load(env, uuid, &state) >= 0;
        state_forget(env, uuid);
        if (!known || !env_is_live(env) || !parent_has_returned(env, &state) ||
                !unit_is_wanted(env, state.parent, uuid))
                return EXIT_SUCCESS;

        unit_name_of_definition(unit, uuid);
        log_info("%s: parent %s has been registered again meanwhile, starting", uuid, state.parent);
        execl(SYSTEMCTL, "systemctl", "--no-block", "start", unit, NULL);
        log_error("%s: cannot run %s: %m", uuid, SYSTEMCTL);
        return EXIT_FAILURE;
}
