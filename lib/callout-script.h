/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which scripts there are, and what they say they can do
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
        bool hung;        /* it is not run again to find that out once more */
};

/* What a versioned script supports, one bit per action and event. */
struct callout_capabilities {
        uint32_t actions, events;
        char unknown[64]; /* the first word that is no action or event */
};

/* What a script is told in answer to which it says what it supports. */
extern const char callout_capabilities_offer[];

const char *callout_action_name(enum callout_action action);
const char *callout_event_name(enum callout_event event);

/* Lists the executable files of both directories of a kind, "callouts" or "notifiers", in the
 * order in which they are tried, unless that has been done. A directory that cannot be read
 * counts as empty and is a warning, but for one that does not exist. */
int callout_list_read(struct callouts *callouts, struct callout_list *list, const char *kind);

void callout_list_done(struct callout_list *list);

/* Reads what a script has printed about its capabilities. -EINVAL if that is something else:
 * the script is none that knows of them. */
int callout_capabilities_parse(const char *text, struct callout_capabilities *ret);

/* Hands a warning to the caller. */
void callouts_warn(const struct callouts *callouts, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
