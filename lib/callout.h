/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callouts and notifiers
 *
 * Drivers and administrators install scripts that check, prepare and follow
 * operations on devices. An operation has three steps:
 *   callout_begin()    "pre": a script may refuse; nothing has happened yet
 *   …                  the caller does what it announced
 *   callout_end()      "post" with success or failure, then the notifiers
 *
 * Nothing here prints. The caller's handler gets warnings and the stderr of
 * scripts at once. A function that fails sets a reason.
 */

#include <stdbool.h>

#include "definition.h"
#include "root.h"

/*
 * The protocol is mdevctl's, so scripts written for mdevctl work unchanged:
 *
 *   <script> -t <type> -e <event> -a <action> -s <state> -u <uuid> -p <parent>
 *
 * The script gets the definition as one line of JSON on stdin. Scripts are in
 * /usr/lib/mdevctl/scripts.d/{callouts,notifiers}, then in
 * /etc/mdevctl.d/scripts.d/…; directories may be missing.
 *
 * All steps must run in one process that stays alive and is the direct parent
 * of every script, without a shell in between: a script may take a lock in its
 * parent's name in "pre" and release it in "post".
 */

/* A script gets SIGTERM after the first time and SIGKILL after the second, in milliseconds. In "pre"
 * and "live", a hung script counts as a refusal. Under a set root, the variable MDEV_CALLOUT_TIMEOUT_MS
 * replaces all three times. */
#define CALLOUT_TIMEOUT_MS 60000
#define CALLOUT_KILL_TIMEOUT_MS 5000

/* How long all notifiers of one event may take together, in milliseconds. Two callouts and the notifiers fit
 * into the start timeout of mdev@.service, because a notifier must not make a start fail. */
#define NOTIFIERS_TIMEOUT_MS 30000

enum callout_action {
        CALLOUT_START,
        CALLOUT_STOP,
        CALLOUT_DEFINE,
        CALLOUT_UNDEFINE,
        CALLOUT_MODIFY,
        CALLOUT_ATTRIBUTES,   /* used by callout_get_attributes() */
        CALLOUT_CAPABILITIES, /* used by the search for scripts */
};

/* Where messages go; each function may be NULL. */
struct callout_handler {
        /* The unchanged stderr of the selected script: any number of lines, the last one possibly
         * without a newline. The script's name comes without its directory. The priority is LOG_ERR
         * if the script failed, else LOG_INFO. */
        void (*on_stderr)(void *userdata, int priority, const char *script, const char *text);
        /* One line without a newline and without the device's name. */
        void (*on_warning)(void *userdata, const char *text);
        void *userdata;
        /* May be NULL. When a signal makes this true, a running script is terminated and the function
         * that runs it returns -EINTR. "post" and the notifiers still run to their end, because they
         * may release what "pre" took. */
        bool (*is_cancelled)(void);
};

struct callout_choice;
struct callout_script;

/* The scripts of the host. A process reads the list once and remembers the responsible script for each
 * type on each parent. */
struct callouts {
        const struct root *root;
        struct callout_handler handler;
        int timeout_ms, kill_timeout_ms, notifiers_timeout_ms;
        /* private */
        struct callout_list {
                struct callout_script *scripts;
                size_t n;
                bool read;
        } callouts, notifiers;
        struct callout_choice *choices;
        size_t n_choices;
};

/* Initializes *ret; reads no directory yet. Copies the handler and borrows root. */
void callouts_init(struct callouts *ret, const struct root *root, const struct callout_handler *handler);

/* Frees everything that callouts_init() and later calls allocated. */
void callouts_done(struct callouts *callouts);

/* True if any callout or notifier exists. Otherwise all functions below except callout_live() do
 * nothing, succeed, and need no JSON. */
bool callouts_exist(struct callouts *callouts);

/* One operation on one device. All strings are borrowed until callout_end(). */
struct callout {
        struct callouts *callouts;
        enum callout_action action; /* CALLOUT_START to CALLOUT_MODIFY */
        const char *uuid;
        const char *parent;
        const char *type;
        const char *json; /* from definition_print_line(); the same for all events. NULL for none */
        bool force;       /* callout_begin() warns where it would otherwise fail */
        /* private */
        struct callout_script *legacy;
        bool begun;
};

/* Runs "pre". Returns 0 if the operation may proceed; the same process must then call callout_end().
 * On an error the operation must not take place; this function has then run the notifiers (state
 * "none") and set *reason: -EPERM if a script refused, -EOPNOTSUPP if the responsible script does not
 * support the action, -ETIMEDOUT if it hung, -EINTR if cancelled, -ENOMEM and the like. */
int callout_begin(struct callout *callout, struct reason *reason);

/* Runs "post" and the notifiers. Cannot fail; a failing script only causes a warning. Does nothing if
 * callout_begin() did not succeed, or on a second call. */
void callout_end(struct callout *callout, bool success);

/* Asks the responsible script for the attributes of an active device. Always sets *ret to an array of
 * objects with one string each, or to NULL without memory; the caller frees it with cJSON_Delete(). The
 * array is empty if no script is responsible. Errors are those of callout_begin(), and -EINVAL if the
 * output is not such an array: *ret then holds the entries before the first wrong one. */
int callout_get_attributes(struct callouts *callouts, const char *uuid, const char *parent, const char *type,
        cJSON **ret, struct reason *reason);

/* Asks the responsible script to change an active device to match the JSON, then runs the notifiers
 * (state "none"). For CALLOUT_MODIFY; ignores "force" and needs no callout_end(). Errors are those of
 * callout_begin(), and -EOPNOTSUPP also if no script is responsible. */
int callout_live(struct callout *callout, struct reason *reason);

#define _cleanup_callouts_ __attribute__((cleanup(callouts_done)))
