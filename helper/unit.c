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

/* Runs systemctl with arguments and the unit, if any, and reads what it prints. */
static bool run_systemctl(const char *arguments, const char *uuid, char *ret, size_t size)
{
        char command[sizeof(SYSTEMCTL) + 2 * UNIT_NAME_SIZE + 128], unit[UNIT_NAME_SIZE] = "";
        FILE *f;

        ret[0] = '\0';
        if (uuid)
                unit_name_of_definition(unit, uuid);
        snprintf(command, sizeof(command), "exec " SYSTEMCTL " %s %s", arguments, unit);
        f = popen(command, "re"); /* NOLINT(cert-env33-c): no names in it but checked and escaped ones */
        if (!f)
                return false;
        ret[fread(ret, 1, size - 1, f)] = '\0';
        return pclose(f) == 0;
}

bool unit_start_if_free(const char *uuid)
{
        char line[1];

        return run_systemctl("--quiet --job-mode=fail start", uuid, line, sizeof(line));
}

/* Not of the unit itself: units/mdev-lost@.target. */
static bool stop_unless_down(const char *options, const char *uuid)
{
        char arguments[UNIT_NAME_SIZE + 64], line[1];

        snprintf(arguments, sizeof(arguments), "%s stop mdev-lost@%s.target", options, uuid);
        return run_systemctl(arguments, NULL, line, sizeof(line));
}

bool unit_stop_if_free(const char *uuid)
{
        return stop_unless_down("--quiet --no-block --job-mode=fail", uuid);
}

bool unit_stop(const char *uuid)
{
        return stop_unless_down("--no-block", uuid);
}

void unit_try_restart_if_free(const char *uuid)
{
        char line[1];

        (void) run_systemctl("--quiet --no-block --job-mode=fail try-restart", uuid, line, sizeof(line));
}

void unit_ask_for_adoption(const char *uuid)
{
        char arguments[UNIT_NAME_SIZE + 64], line[1];

        snprintf(arguments, sizeof(arguments), "--no-block start mdev-adopt@%s.service", uuid);
        (void) run_systemctl(arguments, NULL, line, sizeof(line));
}

bool unit_is_stopping(const char *uuid)
{
        char state[32];

        return run_systemctl("show -P ActiveState", uuid, state, sizeof(state)) &&
               strcmp(state, "deactivating\n") == 0;
}

void unit_get_status(const char *uuid, struct unit_status *ret)
{
        char text[2 * UNIT_NAME_SIZE], type[16], state[16];
        const char *found;

        *ret = (struct unit_status){};
        if (!run_systemctl("show -p ActiveState -p Job", uuid, text, sizeof(text)))
                return;
        found = strstr(text, "ActiveState=");
        if (found)
                (void) sscanf(found, "ActiveState=%15s", ret->active);
        found = strstr(text, "Job=");
        if (!found || strtoul(found + strlen("Job="), NULL, 10) == 0)
                return;
        if (!run_systemctl("list-jobs --plain --no-legend", uuid, text, sizeof(text)) ||
                sscanf(text, "%*s %*s %15s %15s", type, state) != 2) {
                ret->active[0] = '\0';
                return;
        }
        snprintf(ret->job, sizeof(ret->job), "%s %s", type, state);
}

/* A time that systemctl has shown, in microseconds, 0 if there is none. */
static unsigned long long time_of(const char *text, const char *property)
{
        const char *found = strstr(text, property);

        return found ? strtoull(found + strlen(property), NULL, 10) : 0;
}

bool unit_has_lost_parent(const char *uuid, const char *parent)
{
        char device[UNIT_NAME_SIZE], arguments[UNIT_NAME_SIZE + 128], text[512];
        const char *own;

        if (unit_name_of_registration(device, parent) < 0)
                return false;
        snprintf(arguments, sizeof(arguments),
                "show -p InactiveEnterTimestampMonotonic -p InactiveExitTimestampMonotonic '%s'", device);
        if (!run_systemctl(arguments, uuid, text, sizeof(text)))
                return false;
        own = strstr(text, "\n\n");
        return own && time_of(text, "InactiveEnterTimestampMonotonic=") >
                              time_of(own, "InactiveExitTimestampMonotonic=");
}
