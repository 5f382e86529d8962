/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What callouts say, in the log
 *
 * Each line that a script writes to stderr becomes a message "<script>: <line>".
 */

#include "callout.h"

/* The handler for one device's callouts; the UUID is borrowed. */
struct callout_handler callout_log_handler(const char *uuid);

/* Logs why an operation may not go on and returns the program's exit status: EX_NOPERM if a
 * script has refused, does not support the operation or hangs, else EX_OSERR. */
int callout_log_refusal(const char *uuid, int r, const struct reason *reason);
