/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-id128.h>

/* Shows what the processes of one invocation of a unit have logged as errors, as this command's
 * errors. Returns how many there are; waits a moment for the first to arrive in the journal. */
int journal_report_errors(const char *unit, sd_id128_t invocation);
