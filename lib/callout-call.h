/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calling a script
 *
 * There are two kinds of scripts. A versioned script answers the request for
 * its capabilities. It is responsible for its types on their parents; it is
 * called alone, and only for the events and actions it supports. If no script
 * answers, the scripts are called in turn until one does not decline: exit
 * status 2 means that the device is none of its business.
 */

#include "callout-script.h"
#include "process.h"

/* One event of one operation, as a script sees it. */
struct call {
        const struct callout *callout;
        enum callout_event event;
        enum callout_action action;
        const char *state;
        const char *input;
        int timeout_ms; /* until the script gets SIGTERM */
};

/* Calls one script. Returns and sets *ret as process_run() does. */
int callout_call_run(const struct call *call, struct callout_script *script, struct process_result *ret);

/* Calls the responsible script. Returns 1 if it succeeded, 0 if no script is responsible, or an error
 * as callout_begin() does. On 1, *ret holds its output. */
int callout_call_responsible(
        struct callout *callout, const struct call *call, struct process_result *ret, struct reason *reason);

/* Forgets the responsible scripts and frees the memory of that list. */
void callout_choices_done(struct callouts *callouts);
