/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The list of scripts, and the capabilities they report
 */

#include <stdbool.h>
#include <stdint.h>

#include "callout.h"

enum callout_event {
        CALLOUT_PRE,
        CALLOUT_POST,
        CALLOUT_NOTIFY,
        CALLOUT_GET,
        CALLOUT_LIVE,
};

struct callout_script {
        char *path;
        const char *name; /* the last component of the path */
        bool unusable;    /* execve(2) failed */
        bool hung;        /* it timed out; running it again would only cost the same time */
};

/* What a versioned script supports, one bit per action and event. */
struct callout_capabilities {
        uint32_t actions, events;
        char unknown[64]; /* the first word that is no action or event */
};

/* The input that asks a script for its capabilities. */
extern const char callout_capabilities_offer[];

/* Return the name of an action or event in the protocol. */
const char *callout_action_name(enum callout_action action);
const char *callout_event_name(enum callout_event event);

/* Lists the executable files in both directories of a kind ("callouts" or "notifiers"), in the order
 * in which they are tried. Does nothing if the list was already read. An unreadable directory counts
 * as empty and causes a warning; a missing directory counts as empty without one. -ENOMEM. */
int callout_list_read(struct callouts *callouts, struct callout_list *list, const char *kind);

/* Frees the list. */
void callout_list_done(struct callout_list *list);

/* Parses the capabilities that a script printed. -EINVAL for any other output: the script does not know
 * this request. */
int callout_capabilities_parse(const char *text, struct callout_capabilities *ret);

/* Passes a warning to the handler of the caller. */
void callouts_warn(const struct callouts *callouts, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
