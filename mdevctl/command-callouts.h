/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callout scripts around what a command does
 *
 *   command_callouts_init()       once per command
 *     command_callout_begin()     the scripts may refuse
 *     …                     the command does the work
 *     command_callout_end()       the scripts learn the result
 *   callouts_done()
 *
 * lib/callout.h describes the protocol. This file has the part that all commands
 * share: the output and the errors of scripts go to stderr.
 */

#include "callout.h"

struct command_callout {
        struct callout callout;
        char *json;
};

/* Prepares the scripts of the host; the caller frees them with callouts_done(). */
void command_callouts_init(struct callouts *ret, const struct root *root);

/* Asks the scripts whether an action may take place, and reports errors. After 0, the caller must pass *ret
 * to command_callout_end(). All arguments are borrowed until then. */
int command_callout_begin(struct command_callout *ret, struct callouts *callouts, enum callout_action action,
        const char *uuid, const char *parent, const struct definition *definition, bool force);

/* Tells the scripts whether the action succeeded. */
void command_callout_end(struct command_callout *operation, bool success);

/* Lets the script of an active device change it; see callout_live(). Reports its errors. */
int command_callout_run_live(struct callouts *callouts, const char *uuid, const char *parent,
        const struct definition *definition);
