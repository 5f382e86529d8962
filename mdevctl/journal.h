/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-id128.h>

/* Reports the errors that the processes of one invocation of a unit logged, as errors of this command.
 * Returns their number. Waits a moment for the first to arrive in the journal. */
int journal_report_errors(const char *unit, sd_id128_t invocation);
