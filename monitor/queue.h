/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The UUIDs to look at, and when
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "name.h"

struct queue_entry {
        char uuid[UUID_LENGTH + 1];
        uint64_t due;       /* CLOCK_MONOTONIC, in microseconds */
        unsigned int looks; /* since something has happened */
        bool thorough;      /* look at the unit, even if device and note agree */
};

struct queue {
        struct queue_entry *entries;
        size_t n, size;
};

/* Adds a UUID, or brings its look forward, and begins to count its looks anew. -ENOMEM. */
int queue_add(struct queue *queue, const char *uuid, uint64_t due, bool thorough);

/* The entry of a UUID, or NULL; valid until the next change of the queue. */
struct queue_entry *queue_find(const struct queue *queue, const char *uuid);

/* Removes a UUID. */
void queue_remove(struct queue *queue, const char *uuid);

/* When the next look is due; UINT64_MAX if the queue is empty. */
uint64_t queue_next(const struct queue *queue);

/* Frees the entries. */
void queue_done(struct queue *queue);
