/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cancelling a start
 *
 * systemd sends SIGTERM to the helper when it stops a starting unit or when the
 * parent leaves. The unit does not fail then. It fails if another process or
 * "systemctl kill" sends SIGTERM: after a success, systemd would believe that
 * the device is ready.
 */

#include <stdbool.h>

#include "env.h"

/* Records SIGTERM from now on. Blocking system calls then fail with EINTR. */
void cancellation_watch(void);

/* Returns true if SIGTERM has arrived. */
bool cancellation_requested(void);

/* Ends a start that must leave the unit neither active nor failed: waits until systemd stops it, as the
 * monitor requests. Returns the exit status for the program; EX_TEMPFAIL if no stop arrives. */
int cancellation_await(const struct env *env, const char *uuid);

/* Logs who cancelled the start. Returns the exit status for the program: a success only if systemd stops the
 * unit. */
int cancellation_report(const struct env *env, const char *uuid);
