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

/* Runs systemctl with an argument and the unit, and reads the first line that it prints. */
static void run_systemctl(const char *arguments, const char *uuid, char *ret, int size)
{
        char command[sizeof(SYSTEMCTL) + UNIT_NAME_SIZE + 64], unit[UNIT_NAME_SIZE];
        FILE *f;

        ret[0] = '\0';
        unit_name_of_definition(unit, uuid);
        snprintf(command, sizeof(command), "exec " SYSTEMCTL " %s %s", arguments, unit);
        f = popen(command, "re");
        if (!f)
                return;
        if (!fgets(ret, size, f))
                ret[0] = '\0';
        pclose(f);
}

void unit_stop(const char *uuid)
{
        char line[1];

        run_systemctl("--no-block stop", uuid, line, sizeof(line));
}

bool unit_is_stopping(const char *uuid)
{
        char state[32];

        run_systemctl("show -P ActiveState", uuid, state, sizeof(state));
        return strcmp(state, "deactivating\n") == 0;
}
