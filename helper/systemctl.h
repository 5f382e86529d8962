/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Returns true if systemd is stopping the unit of a note, see unit_name_of_note(), false also on errors.
 * Runs systemctl, which takes longer than everything else in the helper; call it only for a start that got
 * SIGTERM. */
bool systemctl_unit_is_stopping(const char *name);

/* Asks systemd to start the unit when it has ended, and does not wait. name as above. */
void systemctl_start(const char *name);

/* For ExecStopPost=, from the environment that systemd.exec(5) describes. Without it, as after a requested
 * stop of an active unit. */

/* Returns true if anything of the unit failed: its start, or other commands of its start and stop. */
bool systemd_says_failure(void);

/* Returns true if ExecStart= succeeded; not if a stop cancelled it, see cancellation.h. */
bool systemd_says_started(void);
