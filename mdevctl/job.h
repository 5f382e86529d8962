/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A job of systemd that does not wait for its turn
 *
 * A job waits for every job that it is ordered after. One of those may be
 * waiting for the very command that asks, directly or through a daemon or
 * a hook, and nothing tells which. So a job that does not begin within
 * a moment because of an order is taken back.
 */

#include "manager.h"

/* How long a job may be held back by others before it is taken back, in milliseconds. */
#define JOB_ORDER_LIMIT_MS 1000

/* How long a job may run, in seconds: a start of mdev@.service has three minutes, as its clean-up has. */
#define JOB_RUN_LIMIT_S 300

enum {
        JOB_TAKEN_BACK = 0, /* nothing is queued any more on behalf of the caller */
        JOB_ENDED = 1,
};

/* Calls a method of systemd that makes a job for a unit ("StartUnit", "StopUnit") and waits until the
 * job has ended. Returns
 *
 *   JOB_ENDED       the unit may still be starting or stopping, and *ret says how the job ended:
 *                   "done", "failed", "canceled", "dependency" …, "unknown" if nobody heard
 *   JOB_TAKEN_BACK  it cannot run now, the unit does not exist, or systemd does not answer
 *   an error        systemd refuses, and *ret has its text */
int job_run(struct manager *manager, const char *method, const char *unit, const char *mode, char *ret,
        size_t size);

/* Takes a job back, unless it has begun or others wait for it. */
void job_cancel(struct manager *manager, const char *path);
