/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"

struct queue_entry *queue_find(const struct queue *queue, const char *uuid)
{
        for (size_t i = 0; i < queue->n; i++)
                if (memcmp(queue->entries[i].uuid, uuid, UUID_LENGTH) == 0)
                        return &queue->entries[i];
        return NULL;
}

int queue_add(struct queue *queue, const char *uuid, uint64_t due, bool thorough)
{
        struct queue_entry *entry = queue_find(queue, uuid);

        if (entry) {
                entry->looks = 0;
                entry->due = due < entry->due ? due : entry->due;
                entry->thorough |= thorough;
                return 0;
        }
        if (queue->n == queue->size) {
                const size_t size = queue->size ? 2 * queue->size : 16;
                struct queue_entry *more = reallocarray(queue->entries, size, sizeof(*more));

                if (!more)
                        return -ENOMEM;
                queue->entries = more;
                queue->size = size;
        }
        entry = &queue->entries[queue->n++];
        *entry = (struct queue_entry){.due = due, .thorough = thorough};
        snprintf(entry->uuid, sizeof(entry->uuid), "%s", uuid);
        return 0;
}

void queue_remove(struct queue *queue, const char *uuid)
{
        struct queue_entry *entry = queue_find(queue, uuid);

        if (!entry)
                return;
        *entry = queue->entries[--queue->n];
        /* Free the memory after a burst. */
        if (queue->n == 0)
                queue_done(queue);
}

uint64_t queue_next(const struct queue *queue)
{
        uint64_t next = UINT64_MAX;

        for (size_t i = 0; i < queue->n; i++)
                next = queue->entries[i].due < next ? queue->entries[i].due : next;
        return next;
}

void queue_done(struct queue *queue)
{
        free(queue->entries);
        *queue = (struct queue){};
}
