/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "definition-file.h"
#include "definitions.h"
#include "job.h"
#include "journal.h"
#include "manager.h"
#include "report.h"
#include "scope.h"
#include "unit-name.h"
#include "unit-operation.h"

/* The unit of a device, and how its last job went. */
struct unit {
        struct manager manager;
        char name[UNIT_NAME_SIZE];
        struct unit_state state;
        char result[256];
};

static void unit_done(struct unit *unit)
{
        manager_close(&unit->manager);
}

#define _cleanup_unit_ __attribute__((cleanup(unit_done)))

static int report_unknown_state(const struct unit *unit, int r)
{
        if (r == -ETIMEDOUT)
                return report_error(r, "%s does not come to an end; see \"systemctl status %s\"", unit->name,
                        unit->name);
        return report_error(r, "Failed to get the state of %s: %m", unit->name);
}

/* Waits until the unit has settled: it may still be cleaning up after its job has ended. */
static int unit_wait(struct unit *unit)
{
        int r = manager_wait_for_unit(&unit->manager, unit->name, JOB_RUN_LIMIT_S, &unit->state);

        return r < 0 ? report_unknown_state(unit, r) : 0;
}

/* Connects to systemd. Returns 1 if systemd can start or stop the unit, which has then settled; else 0. */
static int unit_open(const char *uuid, const char *parent, struct unit *ret)
{
        int r;

        unit_name_of_definition(ret->name, uuid);
        if (manager_open(&ret->manager) < 0 ||
                !scope_has_unit(&ret->manager, ret->name, parent, uuid, &ret->state))
                return 0;
        r = unit_wait(ret);
        return r < 0 ? r : 1;
}

/* Returns 1, 0 if the job cannot run now, or a negative errno after a message. */
static int unit_run_job(struct unit *unit, const char *method, const char *mode)
{
        int r = job_run(&unit->manager, method, unit->name, mode, unit->result, sizeof(unit->result));

        if (r < 0)
                return report_error(r, "systemd: %s: %s", unit->name, unit->result);
        if (r == JOB_TAKEN_BACK)
                return 0;
        r = unit_wait(unit);
        return r < 0 ? r : 1;
}

/* Reports the helper's errors or, without any, systemd's result. */
static int report_failure(struct unit *unit, const char *verb)
{
        struct unit_run run;

        (void) manager_get_run(&unit->manager, unit->name, &run);
        if (strcmp(unit->result, "dependency") != 0 && journal_report_errors(unit->name, run.invocation) > 0)
                return -EIO;
        return report_error(-EIO, "%s did not %s (job: %s, unit: %s, result: %s); see \"journalctl -u %s\"",
                unit->name, verb, unit->result, unit->state.active, run.result, unit->name);
}

static int write_transient(
        const struct root *root, const char *parent, const char *uuid, const struct definition *definition)
{
        _cleanup_close_ int lock = definitions_lock(root, DEFINITIONS_TRANSIENT_DIR, true);
        int r;

        if (lock < 0)
                return report_error(lock, "Failed to lock " DEFINITIONS_TRANSIENT_DIR ": %m");
        /* An earlier attempt, possibly under another parent, may have left one. */
        definition_remove_transient(root, uuid);
        r = definition_write(root, DEFINITIONS_TRANSIENT_DIR, parent, uuid, definition);
        /* The parent's directory disappeared meanwhile, together with its last other device. */
        if (r == -ENOENT)
                r = definition_write(root, DEFINITIONS_TRANSIENT_DIR, parent, uuid, definition);
        return r < 0 ? report_error(
                               r, "Failed to write " DEFINITIONS_TRANSIENT_DIR "/%s/%s: %m", parent, uuid)
                     : 0;
}

/* A unit that is bound to another parent would wait for that parent. */
static bool unit_fits(const struct root *root, const char *uuid, const char *parent)
{
        _cleanup_parent_names_ char **parents = NULL;

        return definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents) != 1 ||
               strcmp(parents[0], parent) == 0;
}

static int start(const struct root *root, struct unit *unit, const char *uuid)
{
        /* Mode "fail": a start must not replace another caller's stop job. */
        int r = unit_run_job(unit, "StartUnit", "fail");

        if (r <= 0)
                return r;
        if (device_exists(root, uuid) && strcmp(unit->state.active, "failed") != 0)
                return 1;
        return report_failure(unit, "start");
}

int unit_start(
        const struct root *root, const char *uuid, const char *parent, const struct definition *transient)
{
        _cleanup_unit_ struct unit unit = {};
        int r;

        if (!unit_fits(root, uuid, parent))
                return 0;
        /* Wait until the unit has settled: the stop of an earlier device would remove a new transient
         * definition. */
        r = unit_open(uuid, transient ? "" : parent, &unit);
        if (r <= 0)
                return r;
        if (unit_is_up(&unit.state)) {
                /* Another process has created it meanwhile. */
                if (device_exists(root, uuid))
                        return transient ? report_error(-EEXIST, "Device already exists") : 1;
                /* If systemd missed the end of a device, the unit is still active and would not start. */
                r = unit_run_job(&unit, "StopUnit", "replace");
                if (r <= 0)
                        return r;
        }

        if (transient)
                r = write_transient(root, parent, uuid, transient);
        else
                definition_remove_transient(root, uuid);
        if (r >= 0)
                r = start(root, &unit, uuid);
        if (r <= 0 && !device_exists(root, uuid))
                definition_remove_transient(root, uuid);
        return r;
}

int unit_stop(const struct root *root, const struct device *device)
{
        _cleanup_unit_ struct unit unit = {};
        int r;

        r = unit_open(device->uuid, NULL, &unit);
        if (r <= 0)
                return r;
        if (!unit_is_up(&unit.state)) {
                /* A queued start would create a new device. */
                if (strcmp(unit.state.job_path, "/") != 0)
                        job_cancel(&unit.manager, unit.state.job_path);
                return 0;
        }
        r = unit_run_job(&unit, "StopUnit", "replace");
        if (r <= 0)
                return r;
        if (!device_exists(root, device->uuid))
                return 1;
        /* The unit did not own the device, or has adopted it again. */
        if (strcmp(unit.state.active, "failed") != 0 && device_is_there(root, device))
                return 0;
        return report_failure(&unit, "stop");
}
