/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * systemd jobs that do not wait for other jobs
 *
 * A job waits for every job that it is ordered after. One of those may be
 * waiting for this very command, directly or through a daemon or a hook, and
 * systemd does not show which. A job that ordering holds back for longer than
 * JOB_ORDER_LIMIT_MS is therefore cancelled.
 */

#include "manager.h"

/* How long other jobs may hold a job back before it is cancelled, in milliseconds. */
#define JOB_ORDER_LIMIT_MS 1000

/* How long a job may run, in seconds. mdev@.service allows three minutes each for a start and for the
 * stop that follows if it fails. */
#define JOB_RUN_LIMIT_S 300

enum {
        JOB_TAKEN_BACK = 0, /* the caller has no job in the queue any more */
        JOB_ENDED = 1,
};

/* Calls a method of systemd that queues a job for a unit ("StartUnit", "StopUnit") and waits until the
 * job ends. Returns
 *
 *   JOB_ENDED       the unit may still be starting or stopping, and *ret says how the job ended:
 *                   "done", "failed", "canceled", "dependency" …, or "unknown" if the signal got lost
 *   JOB_TAKEN_BACK  it cannot run now, the unit does not exist, or systemd does not answer
 *   negative errno  systemd refuses, and *ret has its message */
int job_run(struct manager *manager, const char *method, const char *unit, const char *mode, char *ret,
        size_t size);

/* Cancels a job, unless it has begun or other jobs wait for it. */
void job_cancel(struct manager *manager, const char *path);
