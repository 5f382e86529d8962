/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callout scripts around what a command does
 *
 *   operations_init()       once per command
 *     operation_begin()     the scripts may refuse
 *     …                     the command does it
 *     operation_end()       the scripts learn how it went
 *   callouts_done()
 *
 * See lib/callout.h for the protocol; here is what is the same for all
 * commands: what scripts write and what went wrong with them goes to stderr.
 */

#include "callout.h"

struct operation {
        struct callout callout;
        char *json;
};

/* Prepares the scripts of the host, to be ended with callouts_done(). */
void operations_init(struct callouts *ret, const struct env *env);

/* Asks the scripts whether an action may take place. With 0, *ret must be given to
 * operation_end(); errors have been reported. All arguments are borrowed until then. */
int operation_begin(struct operation *ret, struct callouts *callouts, enum callout_action action,
        const char *uuid, const char *parent, const struct definition *definition, bool force);

/* Tells the scripts how it went. */
void operation_end(struct operation *operation, bool success);

/* Changes an active device by its script; see callout_live(). Errors have been reported. */
int operation_run_live(struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition);
