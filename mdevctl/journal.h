/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <systemd/sd-id128.h>

/* Reports the errors that the processes of one invocation of a unit logged, as errors of this command.
 * Returns their number. Waits a moment for the first to arrive in the journal. */
int journal_report_errors(const char *unit, sd_id128_t invocation);

/* Finds the last error of each invocation with one query. The processes of the unit say more than systemd
 * does, whose line counts if there is no other. Sets ret[i], which the caller frees, or leaves it NULL. The
 * identifiers must be sorted. -ENOMEM; a journal that cannot be read has no errors. */
int journal_find_errors(const sd_id128_t *invocations, size_t n, char **ret);

/* Gets the last lines of a unit, its own and systemd's about it, as journalctl prints them but without the
 * host's name: at most n, oldest first. ret has n elements, which the caller frees. Returns the number of
 * lines, or a negative errno. */
int journal_get_last(const char *unit, size_t n, char **ret);
