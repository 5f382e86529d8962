/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bringing units and devices into agreement
 *
 * reconcile() is called for every UUID to which something may have happened.
 * It never needs to know what: it compares the device in sysfs, the helper's
 * note and the unit, and takes the one action that table.c gives. As long as
 * something is under way it looks again, less and less often.
 */

#include <systemd/sd-bus.h>

#include "env.h"
#include "queue.h"

/* Looks at all UUIDs of the queue that are due. Those that need another look stay, with a later time; the
 * others go. Connects to systemd only if device and note alone leave a question open. */
void reconcile_due(const struct env *env, struct queue *queue, uint64_t now);

/* Queues every UUID that has a device, a note or a unit. Returns an error if systemd does not answer; the
 * others are queued all the same. */
int reconcile_queue_all(const struct env *env, struct queue *queue, uint64_t now);

/* Queues the UUIDs whose note names the parent. */
void reconcile_queue_parent(const struct env *env, struct queue *queue, const char *parent, uint64_t now);
