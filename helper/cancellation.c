/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cancellation.h"
#include "config.h"
#include "log.h"

/* The process that sent SIGTERM, 0 as long as none has. */
static volatile sig_atomic_t cancelled_by;

static void on_sigterm(int number, siginfo_t *info, void *context)
{
        (void) number;
        (void) context;
        cancelled_by = info->si_pid > 0 ? info->si_pid : 1;
}

void cancellation_watch(void)
{
        struct sigaction action = {.sa_sigaction = on_sigterm, .sa_flags = SA_SIGINFO};

        sigaction(SIGTERM, &action, NULL);
}

bool cancellation_requested(void)
{
        return cancelled_by != 0;
}

/* systemd sends the signal for a stop and for a kill alike; only it can tell which. */
static bool unit_is_stopping(const char *uuid)
{
        char command[sizeof(SYSTEMCTL) + 128], state[32] = "";
        FILE *f;

        snprintf(command, sizeof(command), "exec " SYSTEMCTL " show -P ActiveState mdev@%s.service", uuid);
        /* Nothing more is to be cancelled. */
        signal(SIGTERM, SIG_IGN);
        f = popen(command, "re"); /* NOLINT(cert-env33-c): nothing in it but a checked UUID */
        if (!f)
                return false;
        if (!fgets(state, sizeof(state), f))
                state[0] = '\0';
        pclose(f);
        return strcmp(state, "deactivating\n") == 0;
}

int cancellation_report(const struct env *env, const char *uuid)
{
        const bool by_systemd = cancelled_by == 1 && env_is_live(env) && unit_is_stopping(uuid);

        if (by_systemd)
                log_info("%s: stopped while starting", uuid);
        else
                log_error("%s: process %d ended the start", uuid, (int) cancelled_by);
        return by_systemd ? EXIT_SUCCESS : EXIT_FAILURE;
}
