/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Calling a script
 *
 * Scripts are of two kinds. One that answers the question for its capabilities
 * ("versioned") is responsible for its types on their parents and is called
 * alone, for what it supports. If none answers, every script is called until
 * one does not end with the status that says that the device is none of its
 * business.
 */

#include "callout-process.h"
#include "callout-script.h"

/* What a script is called for. */
struct call {
        const struct callout *callout;
        enum callout_event event;
        enum callout_action action;
        const char *state;
        const char *input;
        int timeout_ms; /* until the script gets SIGTERM */
};

/* Calls one script. As process_run(). */
int callout_call_run(const struct call *call, struct callout_script *script, struct process_result *ret);

/* Calls the script that is responsible. Returns 1 if one was and has done it, 0 if none was, or an
 * error as of callout_begin(). On 1, *ret is what it has written. */
int callout_call_responsible(
        struct callout *callout, const struct call *call, struct process_result *ret, struct reason *reason);

/* Forgets who is responsible. */
void callout_choices_done(struct callouts *callouts);
