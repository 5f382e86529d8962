/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "cancellation.h"
#include "log.h"
#include "systemctl.h"

/* How long to wait for a stop, in seconds. systemd may be reloading. */
#define AWAIT_LIMIT_S 30

/* The process that sent SIGTERM; 0 before the signal, 1 if the kernel names no process. */
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

int cancellation_await(const struct root *root, const char *uuid)
{
        const struct timespec limit = {.tv_sec = AWAIT_LIMIT_S};
        sigset_t sigterm, before;

        /* Only ppoll() unblocks the signal, so a signal just before the call ends the wait as well. */
        sigemptyset(&sigterm);
        sigaddset(&sigterm, SIGTERM);
        sigprocmask(SIG_BLOCK, &sigterm, &before);
        if (!cancellation_requested() && root_is_live(root))
                (void) ppoll(NULL, 0, &limit, &before);
        sigprocmask(SIG_SETMASK, &before, NULL);
        return cancellation_requested() ? cancellation_report(root, uuid) : -EAGAIN;
}

/* systemd sends the same signal for a stop and for a kill, so this asks systemd which one it was. */
bool cancellation_is_stop(const struct root *root, const char *uuid)
{
        signal(SIGTERM, SIG_IGN);
        return cancelled_by == 1 && root_is_live(root) && systemctl_unit_is_stopping(uuid);
}

int cancellation_report(const struct root *root, const char *uuid)
{
        if (cancellation_is_stop(root, uuid)) {
                log_info("%s: stopped while starting", uuid);
                return -EINTR;
        }
        log_error("%s: process %d ended the start", uuid, (int) cancelled_by);
        return -ECANCELED;
}
