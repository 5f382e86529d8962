/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Brings units and devices into agreement
 *
 * Any event about a UUID puts it into the queue. The monitor does not need to
 * know the kind of event: it compares the device in sysfs, the helper's note and
 * the unit, and takes the one action that table.c gives. While an operation is
 * under way, it looks again, less and less often.
 *
 * All times are of CLOCK_MONOTONIC, in microseconds.
 */

#include <systemd/sd-bus.h>

#include "queue.h"
#include "root.h"

/* Looks at all UUIDs of the queue that are due. Keeps those that need another look, with a later time, and
 * removes the others. Connects to systemd only if device and note alone do not decide. */
void reconcile_due(const struct root *root, struct queue *queue, uint64_t now);

/* Queues every UUID that has a device, a note or a unit. If systemd does not answer, returns a negative
 * errno, but still queues the UUIDs that have a device or a note. */
int reconcile_queue_all(const struct root *root, struct queue *queue, uint64_t now);

/* Queues every UUID whose note names the parent. */
void reconcile_queue_parent(const struct root *root, struct queue *queue, const char *parent, uint64_t now);
