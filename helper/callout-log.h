/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Logs the output of callouts
 *
 * Each line that a script writes to stderr becomes a message "<script>: <line>".
 */

#include "callout.h"

/* Returns the handler for one device's callouts. Borrows the UUID. */
struct callout_handler callout_log_handler(const char *uuid);

/* Logs why callouts stop an operation. Returns -EPERM if a script refuses,
 * does not support the operation or hangs (r is -EPERM, -EOPNOTSUPP or -ETIMEDOUT), else -ENOMEM. */
int callout_log_refusal(const struct callout *callout, int r, const struct reason *reason);
