/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Jobs of systemd
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>

#include "env.h"

/* What is known of a unit when it neither starts nor stops any more. */
struct unit_state {
        char active[32]; /* "active", "inactive", "failed" … */
        char result[32]; /* of its service: "success", "exit-code", "timeout" … */
        sd_id128_t invocation;
};

/* True if systemd is the host's manager. */
bool manager_is_running(const struct env *env);

/* Connects to systemd, as root without the help of a bus daemon. */
int manager_connect(sd_bus **ret);

/* Calls a method of systemd that makes a job for a unit ("StartUnit", "StopUnit"),
 * and waits until the job is done. Sets *ret to how it ended: "done", "failed", "canceled",
 * "timeout", "dependency" …. With an error, *ret has its text. */
int manager_run_job(sd_bus *bus, const char *method, const char *unit, char *ret, size_t size);

/* Waits until a unit neither starts nor stops any more. */
int manager_wait_for_unit(sd_bus *bus, const char *unit, struct unit_state *ret);
