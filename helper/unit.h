/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the helper asks of systemd
 *
 * Only where nothing else will do: systemctl takes longer than all the rest
 * that the helper does.
 */

#include <stdbool.h>

/* Becomes the systemctl that asks for a start, and returns an exit status only if that fails. */
int unit_start(const char *uuid);

/* Asks for a start, unless that would take the place of a stop, and waits for it. Returns false if systemd
 * refuses or the start fails. */
bool unit_start_if_free(const char *uuid);

/* Asks for a stop of a unit that is not down, unless that would take the place of a start. Returns false if
 * systemd refuses. */
bool unit_stop_if_free(const char *uuid);

/* Asks for a stop of a unit that is not down. Returns false if systemd refuses. */
bool unit_stop(const char *uuid);

/* Asks for a stop and a start after that, if the unit is active, and unless that would take the place of a
 * stop. A start that waits becomes that. */
void unit_try_restart_if_free(const char *uuid);

/* Asks for what the udev rules want for a device that somebody else has made. */
void unit_ask_for_adoption(const char *uuid);

/* The state of a unit, and the job that is queued for it, as systemctl says them: "active" and "start
 * waiting", for example. The job is empty if there is none, the state if systemd does not say. */
struct unit_status {
        char active[16];
        char job[32];
};
void unit_get_status(const char *uuid, struct unit_status *ret);

/* True if the unit is being stopped. */
bool unit_is_stopping(const char *uuid);

/* True if systemd has noticed the parent leave since it last began to start the unit. */
bool unit_has_lost_parent(const char *uuid, const char *parent);
