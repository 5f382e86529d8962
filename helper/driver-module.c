/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cancellation.h"
#include "config.h"
#include "driver-module.h"
#include "log.h"
#include "message-id.h"
#include "process.h"
#include "unit-name.h"

/* modprobe waits for the module's own initialization. */
#define MODPROBE_LIMIT_MS 90000
#define KILL_LIMIT_MS 1000

static int report(const char *name, const struct bus_device *device, const char *driver, const char *text)
{
        char unit[UNIT_NAME_SIZE] = "";

        (void) unit_name_of_driver(unit, name);
        return log_explained(LOG_ERR, MESSAGE_DRIVER_MISSING,
                &(struct log_subject){.parent = device->name, .driver = driver, .unit = unit, .r = -ENODEV},
                "%s: there is no driver %s: %s", name, driver, text);
}

int driver_module_load(
        const struct root *root, const char *name, const struct bus_device *device, const char *driver)
{
        _cleanup_process_result_ struct process_result result = {};
        char path[PATH_MAX], text[PATH_MAX + 64];
        const struct process process = {
                .argv = (const char *const[]){path, driver, NULL},
                .timeout_ms = MODPROBE_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
                .is_cancelled = cancellation_requested,
        };
        int r;

        if (bus_device_has_driver(device, driver))
                return 0;
        r = root_path(root, path, MODPROBE);
        if (r >= 0)
                r = process_run(&process, &result);
        if (r >= 0 && result.end == PROCESS_CANCELLED)
                return -EINTR;
        if (bus_device_has_driver(device, driver))
                return 0;
        if (r < 0)
                return log_error_errno(r, "%s: Failed to run %s: %m", name, path);
        if (result.end == PROCESS_NOT_EXECUTED) {
                snprintf(text, sizeof(text), "cannot run %s: %s", path, strerror(result.number));
                return report(name, device, driver, text);
        }
        if (result.end == PROCESS_TIMED_OUT)
                return report(name, device, driver, "modprobe took too long");
        if (result.errors.text) {
                result.errors.text[strcspn(result.errors.text, "\n")] = '\0';
                return report(name, device, driver, result.errors.text);
        }
        return report(name, device, driver,
                "its bus has none of that name, although its module is loaded; correct the name");
}
