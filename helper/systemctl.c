/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "name.h"
#include "process.h"
#include "systemctl.h"
#include "unit-name.h"

#define ANSWER_LIMIT_MS 30000
#define KILL_LIMIT_MS 1000

/* Makes the name of the unit of a device, a UUID, or of a driver, <bus>-<device>. */
static void unit_name_get(char ret[static UNIT_NAME_SIZE], const char *name)
{
        if (uuid_is_canonical(name) || unit_name_of_driver(ret, name) < 0)
                unit_name_of_definition(ret, name);
}

bool systemctl_unit_is_stopping(const char *name)
{
        _cleanup_process_result_ struct process_result result = {};
        char unit[UNIT_NAME_SIZE];
        const struct process process = {
                .argv = (const char *const[]){SYSTEMCTL, "show", "-P", "ActiveState", unit, NULL},
                .timeout_ms = ANSWER_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };

        unit_name_get(unit, name);
        return process_run(&process, &result) >= 0 && result.output.text &&
               strcmp(result.output.text, "deactivating\n") == 0;
}

void systemctl_start(const char *name)
{
        _cleanup_process_result_ struct process_result result = {};
        char unit[UNIT_NAME_SIZE];
        const struct process process = {
                .argv = (const char *const[]){SYSTEMCTL, "--no-block", "start", unit, NULL},
                .timeout_ms = ANSWER_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };

        unit_name_get(unit, name);
        (void) process_run(&process, &result);
}

bool systemd_says_failure(void)
{
        const char *result = getenv("SERVICE_RESULT");

        return !result || strcmp(result, "success") != 0;
}
