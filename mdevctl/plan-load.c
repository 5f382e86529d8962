/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definitions.h"
#include "plan-load.h"
#include "report.h"
#include "stored.h"

/* Errors that tell nothing about the content of a file. */
static bool is_unknown(int r)
{
        return r == -EACCES || r == -EPERM || r == -ENOMEM || r == -EMFILE || r == -ENFILE;
}

/* Returns 1, or 0 if the file has disappeared. */
static int load_one(int dirfd, const char *uuid, struct plan_stored *ret)
{
        struct stat st;
        int r = definition_load(dirfd, uuid, &ret->definition, &ret->reason);

        if (r == -ENOENT && fstatat(dirfd, uuid, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        if (is_unknown(r))
                return r;
        ret->is_readable = r >= 0;
        return 1;
}

static int add_definition(const struct root *root, const struct definitions_walk *walk,
        const struct enablement *enablement, struct plan_state *state, size_t *size)
{
        struct plan_stored *stored;
        int r;

        if (!state->stored || state->n == *size) {
                *size = *size ? 2 * *size : 64;
                stored = realloc(state->stored, *size * sizeof(*stored));
                if (!stored)
                        return report_error(-ENOMEM, "%m");
                state->stored = stored;
        }
        stored = &state->stored[state->n];
        *stored = (struct plan_stored){};
        r = load_one(walk->dirfd, walk->uuid, stored);
        if (r < 0)
                return report_error(
                        r, "%s" DEFINITIONS_DIR "%s: %s", root->path, walk->path, stored->reason.text);
        if (r == 0)
                return 0;
        state->n++;
        stored->parent = strdup(walk->parent);
        if (!stored->parent)
                return report_error(-ENOMEM, "%m");
        strcpy(stored->uuid, walk->uuid);
        stored->enabled = enablement_get(enablement, root, walk->parent, walk->uuid);
        return 0;
}

/* True if a fault in the tree is in what belongs to the document. */
static bool concerns(const struct document *document, const struct definitions_walk *walk)
{
        char parent[sizeof(walk->path)];

        if (walk->path[0] == '\0')
                return true;
        strcpy(parent, walk->path + 1);
        parent[strcspn(parent, "/")] = '\0';
        return document_has_parent(document, parent);
}

static int load(const struct root *root, const struct document *document, struct plan_state *state)
{
        _cleanup_definitions_ struct definitions_walk walk = DEFINITIONS_WALK_NONE;
        _cleanup_enablement_ struct enablement enablement = {};
        struct reason reason;
        size_t size = 0;
        int r, k;

        r = definitions_open(root, DEFINITIONS_DIR, &walk);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return report_error(r, "Failed to read %s" DEFINITIONS_DIR ": %m", root->path);
        r = enablement_load(root, &enablement);
        if (r < 0)
                return report_error(r, "Failed to find out which units are enabled: %m");
        while (r >= 0 && (k = definitions_next(&walk, &reason)) != 0) {
                if (k > 0 && document_has_parent(document, walk.parent))
                        r = add_definition(root, &walk, &enablement, state, &size);
                else if (k < 0 && concerns(document, &walk)) {
                        if (is_unknown(k) || walk.path[0] == '\0')
                                return report_error(k, "%s" DEFINITIONS_DIR "%s: %s", root->path, walk.path,
                                        reason.text);
                        report_warning("%s" DEFINITIONS_DIR "%s: %s", root->path, walk.path, reason.text);
                }
        }
        return r;
}

int plan_load_state(const struct root *root, const struct document *document, struct plan_state *ret)
{
        _cleanup_plan_state_ struct plan_state state = {};
        int r = load(root, document, &state);

        if (r < 0)
                return r;
        plan_state_sort(&state);
        *ret = state;
        state = (struct plan_state){};
        return 0;
}

bool plan_change_is_current(const struct root *root, const struct plan_change *change)
{
        _cleanup_plan_stored_ struct plan_stored now = {};
        const struct plan_stored *then = change->old;
        char path[PATH_MAX];

        if (!then || !stored_exists(root, change->parent, change->uuid))
                return !then && !stored_exists(root, change->parent, change->uuid);
        now.is_readable = definition_load_of(root, DEFINITIONS_DIR, change->parent, change->uuid, path,
                                  &now.definition, &now.reason) >= 0;
        return now.is_readable == then->is_readable &&
               (!now.is_readable || (now.definition.autostart == then->definition.autostart &&
                                            plan_same_device(&now.definition, &then->definition)));
}
