/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "plan.h"

bool plan_stored_starts(const struct plan_stored *stored)
{
        return stored->definition.autostart || stored->enabled;
}

bool plan_same_device(const struct definition *a, const struct definition *b)
{
        const cJSON *a_position = NULL, *b_position = NULL;
        const char *a_name, *a_value, *b_name, *b_value;

        if (strcmp(a->type, b->type) != 0 ||
                definition_count_attributes(a) != definition_count_attributes(b))
                return false;
        while (definition_next_attribute(a, &a_position, &a_name, &a_value) &&
                definition_next_attribute(b, &b_position, &b_name, &b_value))
                if (strcmp(a_name, b_name) != 0 || strcmp(a_value, b_value) != 0)
                        return false;
        return true;
}

static bool is_as_wanted(const struct plan_stored *stored, const struct definition *wanted)
{
        return stored->is_readable && plan_stored_starts(stored) == wanted->autostart &&
               plan_same_device(&stored->definition, wanted);
}

static bool document_has_uuid(const struct document *document, const char *uuid)
{
        for (size_t i = 0; i < document->n; i++)
                if (strcmp(document->entries[i].uuid, uuid) == 0)
                        return true;
        return false;
}

/* True if one of the first n changes may remove links that enable the unit of a UUID. */
static bool plan_disables(const struct plan *plan, size_t n, const char *uuid)
{
        for (const struct plan_change *change = plan->changes; change < plan->changes + n; change++)
                if (strcmp(change->uuid, uuid) == 0 && (!change->new || !change->new->autostart))
                        return true;
        return false;
}

static void add_write(
        struct plan *plan, const struct document_entry *entry, const struct plan_stored *stored)
{
        plan->changes[plan->n++] = (struct plan_change){
                .action = stored ? PLAN_MODIFY : PLAN_DEFINE,
                .step = PLAN_STEP_WRITE,
                .parent = entry->parent,
                .uuid = entry->uuid,
                .old = stored,
                .new = &entry->definition,
        };
}

static void add_undefine(
        struct plan *plan, const struct document *document, const struct plan_stored *stored)
{
        plan->changes[plan->n++] = (struct plan_change){
                .action = PLAN_UNDEFINE,
                .step = document_has_uuid(document, stored->uuid) ? PLAN_STEP_MOVED : PLAN_STEP_REMOVE,
                .parent = stored->parent,
                .uuid = stored->uuid,
                .old = stored,
        };
}

static int compare_names(const char *parent, const char *uuid, const char *other_parent, const char *other)
{
        const int order = strcmp(parent, other_parent);

        return order ? order : strcmp(uuid, other);
}

static int compare_stored(const void *a, const void *b)
{
        const struct plan_stored *left = a, *right = b;

        return compare_names(left->parent, left->uuid, right->parent, right->uuid);
}

static int compare_changes(const void *a, const void *b)
{
        const struct plan_change *left = a, *right = b;

        return compare_names(left->parent, left->uuid, right->parent, right->uuid);
}

static int compare_entry_with_stored(const void *a, const void *b)
{
        const struct document_entry *entry = a;
        const struct plan_stored *stored = b;

        return compare_names(entry->parent, entry->uuid, stored->parent, stored->uuid);
}

static int compare_stored_with_entry(const void *a, const void *b)
{
        return -compare_entry_with_stored(b, a);
}

static const struct plan_stored *find_stored(
        const struct plan_state *state, const struct document_entry *entry)
{
        return state->n == 0 ? NULL
                             : bsearch(entry, state->stored, state->n, sizeof(*state->stored),
                                       compare_entry_with_stored);
}

static bool document_has(const struct document *document, const struct plan_stored *stored)
{
        return document->n > 0 && bsearch(stored, document->entries, document->n, sizeof(*document->entries),
                                          compare_stored_with_entry);
}

/* A stray link enables all definitions of a UUID, and a change of one of them may remove it. A definition
 * that starts by such a link then needs "start": "auto". */
static void add_enabled_by_stray_links(
        struct plan *plan, const struct document *document, const struct plan_state *state)
{
        const size_t n = plan->n;

        for (size_t i = 0; i < document->n; i++) {
                const struct document_entry *entry = &document->entries[i];
                const struct plan_stored *stored = find_stored(state, entry);

                if (stored && stored->enabled == ENABLED_BY_STRAY_LINK && !stored->definition.autostart &&
                        is_as_wanted(stored, &entry->definition) && plan_disables(plan, n, entry->uuid))
                        add_write(plan, entry, stored);
        }
}

int plan_make(const struct document *document, const struct plan_state *state, bool prune, struct plan *ret)
{
        struct plan plan = {};

        plan.changes = calloc(document->n + state->n + 1, sizeof(*plan.changes));
        if (!plan.changes)
                return -ENOMEM;
        for (size_t i = 0; i < document->n; i++) {
                const struct document_entry *entry = &document->entries[i];
                const struct plan_stored *stored = find_stored(state, entry);

                if (!stored || !is_as_wanted(stored, &entry->definition))
                        add_write(&plan, entry, stored);
        }
        for (size_t i = 0; prune && i < state->n; i++)
                if (document_has_parent(document, state->stored[i].parent) &&
                        !document_has(document, &state->stored[i]))
                        add_undefine(&plan, document, &state->stored[i]);
        add_enabled_by_stray_links(&plan, document, state);
        qsort(plan.changes, plan.n, sizeof(*plan.changes), compare_changes);
        *ret = plan;
        return 0;
}

void plan_done(struct plan *plan)
{
        free(plan->changes);
        *plan = (struct plan){};
}

void plan_state_sort(struct plan_state *state)
{
        if (state->n > 0)
                qsort(state->stored, state->n, sizeof(*state->stored), compare_stored);
}

void plan_stored_done(struct plan_stored *stored)
{
        free(stored->parent);
        definition_done(&stored->definition);
        *stored = (struct plan_stored){};
}

void plan_state_done(struct plan_state *state)
{
        for (size_t i = 0; i < state->n; i++)
                plan_stored_done(&state->stored[i]);
        free(state->stored);
        *state = (struct plan_state){};
}
