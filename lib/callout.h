/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Callouts and notifiers
 *
 * Scripts that drivers and administrators install to check, prepare and follow
 * what happens to a device. The protocol is mdevctl's, so that scripts written
 * for mdevctl work unchanged:
 *
 *   <script> -t <type> -e <event> -a <action> -s <state> -u <uuid> -p <parent>
 *
 * with the definition as one line of JSON on stdin. They are looked for in
 * /usr/lib/mdevctl/scripts.d/{callouts,notifiers}, then in
 * /etc/mdevctl.d/scripts.d/…; directories may be missing.
 *
 *   callout_begin()    "pre": a script may refuse. Nothing has been done yet.
 *   …                  the caller does what it has announced
 *   callout_end()      "post" with success or failure, then the notifiers
 *
 * All of this must happen in one process that stays alive and is the parent of
 * every script: a script may take a lock in its parent's name in "pre" and give
 * it back in "post". So the scripts are direct children, never by way of a
 * shell or another process.
 *
 * Nothing here prints. What scripts write to stderr and what is worth a warning
 * goes to the caller's handler at once, and a function that fails says why in
 * a reason.
 */

#include <stdbool.h>

#include "definition.h"
#include "env.h"

/* How long a script may take, in milliseconds; then it gets SIGTERM, and SIGKILL after the
 * second time. A hung script counts as a refusal in "pre" and "live". Under a set root, the
 * variable MDEV_CALLOUT_TIMEOUT_MS replaces all three. */
#define CALLOUT_TIMEOUT_MS 60000
#define CALLOUT_KILL_TIMEOUT_MS 5000

/* How long all notifiers of one event may take together. Two callouts and the notifiers fit into the time
 * that mdev@.service gives a start; whoever is notified must not make it fail. */
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
        /* What the selected script has written to stderr, as it is: any number of lines, the
         * last one possibly without a newline. The script is named without its directory.
         * Priority LOG_ERR if the script has failed, else LOG_INFO. */
        void (*on_stderr)(void *userdata, int priority, const char *script, const char *text);
        /* One line without a newline and without the device's name. */
        void (*on_warning)(void *userdata, const char *text);
        void *userdata;
        /* If not NULL: when this comes true, by a signal, a script that checks or fetches something
         * is ended and the function that runs it returns -EINTR. "post" and the notifiers are not
         * cut short, as they may release what "pre" has taken. */
        bool (*is_cancelled)(void);
};

struct callout_choice;
struct callout_script;

/* The scripts of the host as one process sees them: read once, and remembered which of them is
 * responsible for which type on which parent. */
struct callouts {
        const struct env *env;
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

/* Prepares; reads no directory yet. The handler is copied. */
void callouts_init(struct callouts *ret, const struct env *env, const struct callout_handler *handler);

/* Frees what callouts_init() and later calls have allocated. */
void callouts_done(struct callouts *callouts);

/* True if there is any callout or notifier; else all functions below do nothing and succeed
 * (but for callout_live()), and need no JSON. */
bool callouts_exist(struct callouts *callouts);

/* One operation on one device. All strings are borrowed until callout_end(). */
struct callout {
        struct callouts *callouts;
        enum callout_action action; /* CALLOUT_START to CALLOUT_MODIFY */
        const char *uuid;
        const char *parent;
        const char *type;
        const char *json; /* from definition_print_line(); the same for all events. NULL for none */
        bool force;       /* what callout_begin() would fail for is only a warning */
        /* private */
        struct callout_script *legacy;
        bool begun;
};

/* Runs "pre". Returns 0 if the operation may go on; the caller must then end it with
 * callout_end() from the same process. Otherwise the notifiers have been told (state "none"),
 * the operation must not take place and *reason says why: -EPERM a script refused, -EOPNOTSUPP
 * the responsible script does not support the action, -ETIMEDOUT it hung, -EINTR cancelled,
 * -ENOMEM and the like. */
int callout_begin(struct callout *callout, struct reason *reason);

/* Runs "post" and the notifiers. Cannot fail: a script that does is a warning. Does nothing if
 * callout_begin() has not succeeded, and nothing when called again. */
void callout_end(struct callout *callout, bool success);

/* Asks the responsible script for the attributes of an active device. Always sets *ret to an
 * array of objects with one string each, to be freed with cJSON_Delete(), or to NULL if there is
 * no memory; it is empty if there is no such script. Errors as of callout_begin(), and -EINVAL if
 * the output is not such an array: *ret then has the entries before the first wrong one. */
int callout_get_attributes(struct callouts *callouts, const char *uuid, const char *parent, const char *type,
        cJSON **ret, struct reason *reason);

/* Changes an active device to what the JSON says, and runs the notifiers (state "none"). For
 * CALLOUT_MODIFY; "force" has no effect and callout_end() is not to be called. Errors as of
 * callout_begin(), and -EOPNOTSUPP also if no script is responsible. */
int callout_live(struct callout *callout, struct reason *reason);

#define _cleanup_callouts_ __attribute__((cleanup(callouts_done)))
