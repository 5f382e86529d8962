/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "config.h"
#include "process.h"
#include "systemctl.h"
#include "unit-name.h"

#define ANSWER_LIMIT_MS 30000
#define KILL_LIMIT_MS 1000

bool systemctl_unit_is_stopping(const char *uuid)
{
        _cleanup_process_result_ struct process_result result = {};
        char unit[UNIT_NAME_SIZE];
        const struct process process = {
                .argv = (const char *const[]){SYSTEMCTL, "show", "-P", "ActiveState", unit, NULL},
                .timeout_ms = ANSWER_LIMIT_MS,
                .kill_timeout_ms = KILL_LIMIT_MS,
        };

        unit_name_of_definition(unit, uuid);
        return process_run(&process, &result) >= 0 && result.output.text &&
               strcmp(result.output.text, "deactivating\n") == 0;
}
