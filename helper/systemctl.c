/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "process.h"
#include "systemctl.h"
#include "unit-name.h"

#define ANSWER_LIMIT_MS 30000
#define KILL_LIMIT_MS 1000

bool systemctl_unit_is_stopping(const char *name)
{
        _cleanup_process_result_ struct process_result result = {};
        char unit[UNIT_NAME_SIZE];
        const struct process process = {
                .argv = (const char *const[]){SYSTEMCTL, "show", "-P", "ActiveState", unit, NULL},
                .timeout_ms = ANSWER_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };

        return unit_name_of_note(unit, name) >= 0 && process_run(&process, &result) >= 0 &&
               result.output.text && strcmp(result.output.text, "deactivating\n") == 0;
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

        if (unit_name_of_note(unit, name) >= 0)
                (void) process_run(&process, &result);
}

bool systemd_says_failure(void)
{
        const char *result = getenv("SERVICE_RESULT");

        return result && strcmp(result, "success") != 0;
}

bool systemd_says_started(void)
{
        const char *result = getenv("SERVICE_RESULT"), *code = getenv("EXIT_CODE"),
                   *status = getenv("EXIT_STATUS");

        if (!result)
                return true;
        return code && status && strcmp(code, "exited") == 0 && strcmp(status, "0") == 0;
}
