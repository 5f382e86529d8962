/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus-device.h"
#include "cleanup.h"
#include "config.h"
#include "driver-apply.h"
#include "job.h"
#include "journal.h"
#include "manager.h"
#include "process.h"
#include "report.h"
#include "unit-name.h"

#define RELOAD_LIMIT_MS 90000
/* Longer than the helper may take to load a module and to bind. */
#define HELPER_LIMIT_MS 300000
#define KILL_LIMIT_MS 5000

/* systemd has units for files, unless driverctl applies them. */
static bool has_units(const struct root *root)
{
        return manager_is_running(root) && !driverctl_is_in_charge(root);
}

int driver_reload(const struct root *root)
{
        _cleanup_process_result_ struct process_result result = {};
        const struct process process = {
                .argv = (const char *const[]){SYSTEMCTL, "daemon-reload", NULL},
                .timeout_ms = RELOAD_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };
        int r;

        if (!has_units(root))
                return 0;
        r = process_run(&process, &result);
        if (r < 0)
                return report_error(r, "Failed to run " SYSTEMCTL ": %m");
        if (result.end != PROCESS_EXITED || result.number != 0)
                return report_error(-EIO, "Failed to reload systemd: %s",
                        result.errors.text ? result.errors.text : "systemctl did not end");
        return 0;
}

/* Prints the errors of the helper as errors of this command. */
static void report_output(char *text)
{
        static const char prefix[] = "mdev-driver-helper: ";

        for (char *line = text ? strtok_r(text, "\n", &text) : NULL; line;
                line = strtok_r(NULL, "\n", &text))
                report_error(-EIO, "%s",
                        line + (strncmp(line, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0));
}

static int run_helper(const struct root *root, const char *operation, const char *name, const char *driver)
{
        _cleanup_process_result_ struct process_result result = {};
        char path[PATH_MAX];
        const struct process process = {
                .argv = (const char *const[]){path, operation, name, driver, NULL},
                .timeout_ms = HELPER_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };
        int r;

        r = root_path(root, path, HELPER_DIR "/mdev-driver-helper");
        if (r >= 0)
                r = process_run(&process, &result);
        if (r >= 0 && result.end == PROCESS_NOT_EXECUTED)
                r = -result.number;
        if (r < 0)
                return report_error(r, "Failed to run %s: %m", path);
        if (result.end == PROCESS_EXITED && result.number == 0)
                return 0;
        if (result.errors.text)
                report_output(result.errors.text);
        else
                report_error(-EIO, "%s did not end", path);
        return -EIO;
}

/* The helper unescapes the instance of the unit. */
static void get_instance(const struct override *override, char ret[static UNIT_NAME_SIZE])
{
        static const char begin[] = "mdev-driver@", end[] = ".service";
        char unit[UNIT_NAME_SIZE];

        ret[0] = '\0';
        if (unit_name_of_driver(unit, override->name) >= 0)
                snprintf(ret, UNIT_NAME_SIZE, "%.*s", (int) (strlen(unit) - strlen(begin) - strlen(end)),
                        unit + strlen(begin));
}

/* udev tags the device only when it sees an event after the file was written. */
static int trigger(const struct root *root, const struct override *override)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        int r = bus_device_open(root, override, &device);

        if (r >= 0)
                r = bus_device_announce(&device);
        if (r == -ENODEV)
                return report_error(r, "There is no device %s on bus %s", override->device, override->bus);
        if (r == -EOPNOTSUPP)
                return report_error(r, "Device %s has no driver_override", override->device);
        return r < 0 ? report_error(r, "Failed to announce device %s to udev: %m", override->device) : 0;
}

static int run_unit(const struct override *override, const char *method, const char *verb)
{
        _cleanup_manager_ struct manager manager = {};
        struct unit_state state = {};
        struct unit_run run = {};
        char unit[UNIT_NAME_SIZE], result[256] = "";
        int r;

        r = unit_name_of_driver(unit, override->name);
        if (r >= 0)
                r = manager_open(&manager);
        if (r < 0)
                return report_error(r, "Failed to connect to systemd: %m");
        /* A unit that is not up has nothing to stop. A failed one would stay failed. */
        r = manager_get_unit(&manager, unit, &state);
        if (r < 0)
                return report_error(r, "Failed to get the state of %s: %m", unit);
        if (strcmp(method, "StopUnit") == 0 && !unit_is_up(&state) && !unit_is_moving(&state))
                return 0;
        r = job_run(&manager, method, unit, "replace", result, sizeof(result));
        if (r < 0)
                return report_error(r, "systemd: %s: %s", unit, result);
        if (r == JOB_TAKEN_BACK)
                return report_error(-EBUSY, "systemd: %s waits for other jobs; try again later", unit);
        r = manager_wait_for_unit(&manager, unit, JOB_RUN_LIMIT_S, &state);
        if (r < 0)
                return report_error(r, "Failed to get the state of %s: %m", unit);
        if (strcmp(state.active, "failed") != 0)
                return 0;
        (void) manager_get_run(&manager, unit, &run);
        if (journal_report_errors(unit, run.invocation) > 0)
                return -EIO;
        return report_error(
                -EIO, "%s did not %s (result: %s); see \"journalctl -u %s\"", unit, verb, run.result, unit);
}

int driver_apply(const struct root *root, const struct override *override, bool saved)
{
        char instance[UNIT_NAME_SIZE];
        int r;

        if (saved && has_units(root)) {
                r = trigger(root, override);
                return r < 0 ? r : run_unit(override, "RestartUnit", "start");
        }
        get_instance(override, instance);
        r = run_helper(root, "start", instance, override->driver);
        if (r < 0) {
                /* systemd sets this for the clean-up of a failed start. */
                (void) setenv("SERVICE_RESULT", "exit-code", 1);
                (void) run_helper(root, "clean-up", instance, NULL);
        }
        return r;
}

int driver_release(const struct root *root, const struct override *override)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char instance[UNIT_NAME_SIZE], driver[NAME_MAX + 1];
        int r = 0;

        if (has_units(root))
                r = run_unit(override, "StopUnit", "stop");
        if (r < 0)
                return r;
        r = bus_device_open(root, override, &device);
        if (r >= 0)
                r = bus_device_get_override(&device, driver);
        /* An absent device has no driver. */
        if (r < 0)
                return r == -ENODEV
                               ? 0
                               : report_error(r, "Failed to read the override of %s: %m", override->name);
        if (driver[0] == '\0')
                return 0;
        get_instance(override, instance);
        return run_helper(root, "stop", instance, driver);
}
