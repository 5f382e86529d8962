/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Talking to systemd
 *
 * Over its own socket, as root, without the help of a bus daemon. No call
 * waits without a limit: systemd answers nobody while it runs its generators,
 * while it is executed anew, or when it hangs.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>

#include "env.h"
#include "patience.h"

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
        char job_path[64]; /* "/" if no job is queued for it */
};

/* How the last run of a service ended. */
struct unit_run {
        char result[32]; /* "success", "exit-code", "timeout" … */
        sd_id128_t invocation;
};

/* True if systemd is the host's manager. */
bool manager_is_running(const struct env *env);

/* Connects to systemd; to be ended with manager_close(). -ENOENT or -ECONNREFUSED if nobody listens,
 * -ETIMEDOUT if nobody answers within MANAGER_ANSWER_LIMIT_S. */
int manager_open(struct manager *ret);

void manager_close(struct manager *manager);

/* Connects again to a systemd that was executed anew, within MANAGER_ANSWER_LIMIT_S. */
int manager_reopen(struct manager *manager);

/* True if the connection has ended. */
bool manager_is_lost(const struct manager *manager);

/* Handles one message, or waits a moment for one. -ETIMEDOUT if the time is up, or an error of the
 * connection. */
int manager_step(struct manager *manager, struct patience *patience);

/* Calls a method. The types and the arguments are those of sd_bus_message_append(). *ret may be NULL.
 * -ETIMEDOUT without an answer within MANAGER_ANSWER_LIMIT_S; with an answer that is an error,
 * *error has it. */
int manager_call(struct manager *manager, const char *path, const char *interface, const char *method,
        sd_bus_error *error, sd_bus_message **ret, const char *types, ...);

/* Gets a property that is a string, "" if it is longer than fits. */
int manager_get_string(struct manager *manager, const char *path, const char *interface, const char *name,
        char *ret, size_t size);

/* Gets what systemd knows of a unit, which it loads if need be. */
int manager_get_unit(struct manager *manager, const char *unit, struct unit_state *ret);

/* Gets how a service ended. */
int manager_get_run(struct manager *manager, const char *unit, struct unit_run *ret);

/* True if a unit is starting or stopping; its job may be gone already. One that waits for its restart
 * is not. */
bool unit_is_moving(const struct unit_state *state);

/* True if a unit is active or will be by itself. */
bool unit_is_up(const struct unit_state *state);

/* Waits until a unit neither starts nor stops any more, for at most so many seconds. */
int manager_wait_for_unit(
        struct manager *manager, const char *unit, unsigned int seconds, struct unit_state *ret);

#define _cleanup_bus_error_ __attribute__((cleanup(sd_bus_error_free)))
#define _cleanup_message_ __attribute__((cleanup(sd_bus_message_unrefp)))
#define _cleanup_slot_ __attribute__((cleanup(sd_bus_slot_unrefp)))
#define _cleanup_manager_ __attribute__((cleanup(manager_close)))
