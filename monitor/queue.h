/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The UUIDs that the monitor has to look at, and the time for each
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name.h"

struct queue_entry {
        char uuid[UUID_LENGTH + 1];
        uint64_t due;       /* CLOCK_MONOTONIC, in microseconds */
        unsigned int looks; /* since the last event */
        bool thorough;      /* look at the unit, even if device and note agree */
};

struct queue {
        struct queue_entry *entries;
        size_t n, size;
};

/* Adds a UUID, or moves its look to an earlier time, and resets its count of looks. Copies the UUID. due is
 * a time of CLOCK_MONOTONIC in microseconds. Returns -ENOMEM without memory. */
int queue_add(struct queue *queue, const char *uuid, uint64_t due, bool thorough);

/* Returns the entry of a UUID, or NULL. It is valid until the next change of the queue. */
struct queue_entry *queue_find(const struct queue *queue, const char *uuid);

/* Removes a UUID, if it is in the queue. */
void queue_remove(struct queue *queue, const char *uuid);

/* Returns the time of the next look, or UINT64_MAX if the queue is empty. */
uint64_t queue_next(const struct queue *queue);

/* Frees the entries. */
void queue_done(struct queue *queue);
