/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Talking to systemd
 *
 * As root, over systemd's private socket, without a bus daemon. Every call has
 * a time limit: systemd does not answer while it runs its generators, while it
 * re-executes, or when it hangs.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>

#include "patience.h"
#include "root.h"

#define MANAGER_DESTINATION "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE MANAGER_DESTINATION ".Manager"

/* How long systemd may take to answer, in seconds. */
#define MANAGER_ANSWER_LIMIT_S 10

struct manager {
        sd_bus *bus;
};

struct unit_state {
        char load[32];     /* "loaded", "not-found", "masked" … */
        char active[32];   /* "active", "inactive", "failed", "activating" … */
        char sub[32];      /* "exited", "dead", "start", "auto-restart" … */
        char job_path[64]; /* "/" if the unit has no job */
};

/* How the last run of a service ended. */
struct unit_run {
        char result[32]; /* "success", "exit-code", "timeout" … */
        sd_id128_t invocation;
};

/* True if systemd is the host's manager. */
bool manager_is_running(const struct root *root);

/* Connects to systemd; the caller ends the connection with manager_close(). -ENOENT or -ECONNREFUSED if
 * systemd does not listen, -ETIMEDOUT if it does not answer within MANAGER_ANSWER_LIMIT_S. */
int manager_open(struct manager *ret);

/* The same, but over the system bus for a user who may not connect to systemd. Such a user can only ask. */
int manager_open_as_user(struct manager *ret);

void manager_close(struct manager *manager);

/* Reconnects to systemd after it re-executed, within MANAGER_ANSWER_LIMIT_S. */
int manager_reopen(struct manager *manager);

/* True if the connection has ended. */
bool manager_is_lost(const struct manager *manager);

/* Handles one message, or waits a moment for one. -ETIMEDOUT if the patience has run out, or the errno of a
 * broken connection. */
int manager_step(struct manager *manager, struct patience *patience);

/* Calls a method. The types and the arguments are those of sd_bus_message_append(). *ret may be NULL.
 * -ETIMEDOUT without an answer within MANAGER_ANSWER_LIMIT_S. If systemd answers with an error, *error
 * holds it. */
int manager_call(struct manager *manager, const char *path, const char *interface, const char *method,
        sd_bus_error *error, sd_bus_message **ret, const char *types, ...);

/* Gets a string property; "" if it does not fit. */
int manager_get_string(struct manager *manager, const char *path, const char *interface, const char *name,
        char *ret, size_t size);

/* Gets the state of a unit. systemd loads the unit if necessary. */
int manager_get_unit(struct manager *manager, const char *unit, struct unit_state *ret);

/* Gets how the last run of a service ended. */
int manager_get_run(struct manager *manager, const char *unit, struct unit_run *ret);

/* True if a unit is starting or stopping; its job may have ended already. A unit that waits for its
 * automatic restart does not count. */
bool unit_is_moving(const struct unit_state *state);

/* True if a unit is active or becomes active without another request. */
bool unit_is_up(const struct unit_state *state);

/* Waits for at most the given seconds until a unit neither starts nor stops. */
int manager_wait_for_unit(
        struct manager *manager, const char *unit, unsigned int seconds, struct unit_state *ret);

#define _cleanup_bus_error_ __attribute__((cleanup(sd_bus_error_free)))
#define _cleanup_message_ __attribute__((cleanup(sd_bus_message_unrefp)))
#define _cleanup_slot_ __attribute__((cleanup(sd_bus_slot_unrefp)))
#define _cleanup_manager_ __attribute__((cleanup(manager_close)))
