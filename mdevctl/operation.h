/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callout scripts around what a command does
 *
 *   operations_init()       once per command
 *     operation_begin()     the scripts may refuse
 *     …                     the command does the work
 *     operation_end()       the scripts learn the result
 *   callouts_done()
 *
 * lib/callout.h describes the protocol. This file has the part that all commands
 * share: the output and the errors of scripts go to stderr.
 */

#include "callout.h"

struct operation {
        struct callout callout;
        char *json;
};

/* Prepares the scripts of the host; the caller frees them with callouts_done(). */
void operations_init(struct callouts *ret, const struct env *env);

/* Asks the scripts whether an action may take place, and reports errors. After 0, the caller must pass *ret
 * to operation_end(). All arguments are borrowed until then. */
int operation_begin(struct operation *ret, struct callouts *callouts, enum callout_action action,
        const char *uuid, const char *parent, const struct definition *definition, bool force);

/* Tells the scripts whether the action succeeded. */
void operation_end(struct operation *operation, bool success);

/* Lets the script of an active device change it; see callout_live(). Reports its errors. */
int operation_run_live(struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition);
