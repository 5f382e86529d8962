/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "definition-file.h"
#include "journal.h"
#include "manager.h"
#include "report.h"
#include "unit-name.h"
#include "unit-operation.h"

#define _cleanup_bus_ _cleanup_(sd_bus_flush_close_unrefp)

/* Runs a job and waits until the unit has come to rest: a job may be done while the unit still
 * cleans up. */
static int run_job(
        sd_bus *bus, const char *method, const char *unit, char *result, size_t size, struct unit_state *ret)
{
        int r = manager_run_job(bus, method, unit, result, size);

        if (r < 0)
                return report_error(r, "systemd: %s: %s", unit, result);
        r = manager_wait_for_unit(bus, unit, ret);
        return r < 0 ? report_error(r, "systemd: %s: cannot get its state: %m", unit) : 0;
}

/* Says what the helper said, or what systemd says if there is nothing. */
static int report_failure(
        const char *verb, const char *unit, const char *result, const struct unit_state *state)
{
        if (strcmp(result, "dependency") != 0 && journal_report_errors(unit, state->invocation) > 0)
                return -EIO;
        return report_error(-EIO, "%s did not %s (job: %s, unit: %s, result: %s); see \"journalctl -u %s\"",
                unit, verb, result, state->active, state->result, unit);
}

static int write_transient(
        const struct env *env, const char *parent, const char *uuid, const struct definition *definition)
{
        _cleanup_close_ int lock = definitions_lock(env, DEFINITIONS_TRANSIENT_DIR, true);
        int r;

        if (lock < 0)
                return report_error(lock, "cannot lock " DEFINITIONS_TRANSIENT_DIR ": %m");
        /* Of an earlier attempt, possibly under another parent. */
        definition_remove_transient(env, uuid);
        r = definition_write(lock, parent, uuid, definition);
        /* The end of the parent's last other device has taken its directory away meanwhile. */
        if (r == -ENOENT)
                r = definition_write(lock, parent, uuid, definition);
        return r < 0 ? report_error(r, "cannot write " DEFINITIONS_TRANSIENT_DIR "/%s/%s: %m", parent, uuid)
                     : 0;
}

static int start(const struct env *env, sd_bus *bus, const char *unit, const char *uuid)
{
        struct unit_state state = {};
        char result[256];
        int r;

        r = run_job(bus, "StartUnit", unit, result, sizeof(result), &state);
        if (r < 0)
                return r;
        if (device_exists(env, uuid) && strcmp(state.active, "failed") != 0)
                return 0;
        return report_failure("start", unit, result, &state);
}

int unit_start(
        const struct env *env, const char *uuid, const char *parent, const struct definition *transient)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        struct unit_state state = {};
        char unit[UNIT_NAME_SIZE], result[256];
        int r;

        unit_name_of_definition(unit, uuid);
        r = manager_connect(&bus);
        if (r < 0)
                return report_error(r, "cannot connect to systemd: %m");

        /* A unit whose device went unnoticed is active and would not be started; and the clean-up
         * of an earlier device would take a new transient definition with it. */
        r = manager_wait_for_unit(bus, unit, &state);
        if (r < 0)
                return report_error(r, "systemd: %s: cannot get its state: %m", unit);
        if (strcmp(state.active, "active") == 0)
                r = run_job(bus, "StopUnit", unit, result, sizeof(result), &state);
        if (r < 0)
                return r;

        if (transient)
                r = write_transient(env, parent, uuid, transient);
        else
                definition_remove_transient(env, uuid);
        if (r >= 0)
                r = start(env, bus, unit, uuid);
        if (r < 0 && !device_exists(env, uuid))
                definition_remove_transient(env, uuid);
        return r;
}

int unit_stop(const struct env *env, const char *uuid)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        struct unit_state state = {};
        char unit[UNIT_NAME_SIZE], result[256];
        int r;

        unit_name_of_definition(unit, uuid);
        r = manager_connect(&bus);
        if (r < 0)
                return report_error(r, "cannot connect to systemd: %m");
        /* A device that has just appeared may not be systemd's yet. It becomes so now: a start that
         * the device's appearance asks for later would make a new one of a defined device. */
        r = manager_run_job(bus, "StartUnit", unit, result, sizeof(result));
        if (r >= 0)
                r = manager_wait_for_unit(bus, unit, &state);
        if (r < 0 || strcmp(state.active, "active") != 0)
                return 0;
        r = run_job(bus, "StopUnit", unit, result, sizeof(result), &state);
        if (r < 0)
                return r;
        return device_exists(env, uuid) ? report_failure("stop", unit, result, &state) : 1;
}
