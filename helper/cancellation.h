/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Cancelling a start
 *
 * systemd sends SIGTERM to the helper when it stops a starting unit or when the
 * parent leaves. The unit does not fail then: the helper exits with 143, which
 * SuccessExitStatus= of the unit accepts, and by which the stop sees that the start
 * was not finished. The unit fails if another process or "systemctl kill" sends SIGTERM:
 * after a success, systemd would believe that the device is ready.
 */

#include <stdbool.h>

#include "root.h"

/* Records SIGTERM from now on. Blocking system calls then fail with EINTR. */
void cancellation_watch(void);

/* Returns true if SIGTERM has arrived. */
bool cancellation_requested(void);

/* Ends a start that must leave the unit neither active nor failed: waits until systemd stops it, as the
 * monitor requests. Then returns as cancellation_report() does; -EAGAIN if no stop arrives. */
int cancellation_await(const struct root *root, const char *uuid);

/* Returns true if SIGTERM came from systemd, because it stops the unit. */
bool cancellation_is_stop(const struct root *root, const char *uuid);

/* Logs who cancelled the start. Returns -EINTR if systemd stops the unit, else -ECANCELED. */
int cancellation_report(const struct root *root, const char *uuid);
