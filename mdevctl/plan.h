/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What "mdevctl apply" must change
 *
 * The plan compares a document with the stored definitions under its parents. A
 * definition is changed only if it differs in meaning: white space, the order of
 * keys and unknown keys of a file mean nothing. Nothing here reads or writes.
 */

#include "document.h"
#include "enablement.h"
#include "reason.h"

/* A stored definition. */
struct plan_stored {
        char *parent; /* VGPU_DIR for a vGPU, whose function then stands for the UUID */
        char uuid[UUID_LENGTH + 1];
        bool is_readable;
        struct reason reason;         /* why it is not readable */
        struct definition definition; /* empty if it is not readable */
        enum enabled enabled;         /* whether its unit is enabled, which makes it start by itself, too */
};

struct plan_state {
        struct plan_stored *stored; /* sorted by parent and UUID */
        size_t n;
};

enum plan_action {
        PLAN_DEFINE,
        PLAN_MODIFY,
        PLAN_UNDEFINE,
};

/* Changes of a lower step come first. A definition that the document has nowhere goes before the others
 * come: it may hold what they need, and callout scripts refuse conflicts. A definition that moves to another
 * parent is written there before it goes. */
enum plan_step {
        PLAN_STEP_REMOVE,
        PLAN_STEP_WRITE,
        PLAN_STEP_MOVED,
        PLAN_STEP_COUNT,
};

struct plan_change {
        enum plan_action action;
        enum plan_step step;
        const char *parent, *uuid;
        const struct plan_stored *old; /* NULL if nothing is stored */
        const struct definition *new;  /* NULL for PLAN_UNDEFINE */
};

/* The changes, sorted by parent and UUID; they point into the document and the state. */
struct plan {
        struct plan_change *changes;
        size_t n;
};

/* Compares a document with the state under its parents. With prune, definitions that the document does not
 * have are undefined. The caller frees *ret with plan_done(). -ENOMEM. */
int plan_make(const struct document *document, const struct plan_state *state, bool prune, struct plan *ret);

void plan_done(struct plan *plan);

/* Sorts the state, as plan_make() needs it. */
void plan_state_sort(struct plan_state *state);

void plan_state_done(struct plan_state *state);

/* Frees one stored definition; it may be half filled. */
void plan_stored_done(struct plan_stored *stored);

/* True if a readable definition starts by itself, as "list -d" prints it. */
bool plan_stored_starts(const struct plan_stored *stored);

/* True if two definitions have the same type and attributes, whether or not they start by themselves. */
bool plan_same_device(const struct definition *a, const struct definition *b);

#define _cleanup_plan_ __attribute__((cleanup(plan_done)))
#define _cleanup_plan_state_ __attribute__((cleanup(plan_state_done)))
#define _cleanup_plan_stored_ __attribute__((cleanup(plan_stored_done)))
