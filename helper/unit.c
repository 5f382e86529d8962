/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "unit-name.h"
#include "unit.h"

int unit_start(const char *uuid)
{
        char unit[UNIT_NAME_SIZE];

        unit_name_of_definition(unit, uuid);
        execl(SYSTEMCTL, "systemctl", "--no-block", "start", unit, NULL);
        log_error("%s: cannot run %s: %m", uuid, SYSTEMCTL);
        return EXIT_FAILURE;
}

/* Runs systemctl with arguments and the unit, and reads the first line that it prints. */
static bool run_systemctl(const char *arguments, const char *uuid, char *ret, int size)
{
        char command[sizeof(SYSTEMCTL) + UNIT_NAME_SIZE + 64], unit[UNIT_NAME_SIZE];
        FILE *f;

        ret[0] = '\0';
        unit_name_of_definition(unit, uuid);
        snprintf(command, sizeof(command), "exec " SYSTEMCTL " %s %s", arguments, unit);
        f = popen(command, "re"); /* NOLINT(cert-env33-c): nothing in it but a checked UUID */
        if (!f)
                return false;
        if (!fgets(ret, size, f))
                ret[0] = '\0';
        return pclose(f) == 0;
}

bool unit_start_if_free(const char *uuid)
{
        char line[1];

        return run_systemctl("--quiet --job-mode=fail start", uuid, line, sizeof(line));
}

bool unit_stop_if_free(const char *uuid)
{
        char line[1];

        return run_systemctl("--quiet --no-block --job-mode=fail stop", uuid, line, sizeof(line));
}

void unit_stop(const char *uuid)
{
        char line[1];

        (void) run_systemctl("--no-block stop", uuid, line, sizeof(line));
}

static void get_state(const char *uuid, char ret[static 32])
{
        (void) run_systemctl("show -P ActiveState", uuid, ret, 32);
        ret[strcspn(ret, "\n")] = '\0';
}

bool unit_is_stopping(const char *uuid)
{
        char state[32];

        get_state(uuid, state);
        return strcmp(state, "deactivating") == 0;
}

bool unit_is_down(const char *uuid)
{
        char state[32];

        get_state(uuid, state);
        return strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0;
}
