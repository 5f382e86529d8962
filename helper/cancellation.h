/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A start that is told to end
 *
 * When a unit is stopped while it starts, or its parent leaves, systemd sends
 * SIGTERM to the helper. That is no failure of the unit. A SIGTERM from anybody
 * else, or through "systemctl kill", is one: systemd would take a success for
 * a device that is ready.
 */

#include <stdbool.h>

#include "env.h"

/* From now on SIGTERM is noted, and whatever waits returns with EINTR. */
void cancellation_watch(void);

/* True if SIGTERM has come. */
bool cancellation_requested(void);

/* Ends a start that must leave neither an active unit nor a failed one: waits for the stop that the monitor
 * asks for. Returns the exit status that is right for it. */
int cancellation_await(const struct env *env, const char *uuid);

/* Logs that the start was cancelled. Returns the exit status that is right for it. */
int cancellation_report(const struct env *env, const char *uuid);
