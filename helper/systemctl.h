/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Returns true if systemd is stopping the unit of a note, see unit_name_of_note(), false also on errors.
 * Runs systemctl, which takes longer than everything else in the helper; call it only for a start that got
 * SIGTERM. */
bool systemctl_unit_is_stopping(const char *name);

/* Asks systemd to start the unit when it has ended, and does not wait. name as above. */
void systemctl_start(const char *name);

/* For ExecStopPost=, from the environment that systemd.exec(5) describes. Somebody who runs the helper
 * without it wants what a requested stop of an active unit does. */

/* False if the unit was stopped on request. */
bool systemd_says_failure(void);

/* True if ExecStart= succeeded within its time: a start that systemd ends late may still succeed. */
bool systemd_says_started(void);
