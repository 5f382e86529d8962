/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definitions.h"
#include "plan-load.h"
#include "report.h"
#include "stored.h"
#include "vgpu-file.h"

/* Errors that tell nothing about the content of a file. */
static bool is_unknown(int r)
{
        return r == -EACCES || r == -EPERM || r == -ENOMEM || r == -EMFILE || r == -ENFILE;
}

/* Returns 1, or 0 if the file has disappeared. */
static int load_one(enum definition_kind kind, int dirfd, const char *uuid, struct plan_stored *ret)
{
        struct stat st;
        int r = definition_load_kind(kind, dirfd, uuid, &ret->definition, &ret->reason);

        if (r == -ENOENT && fstatat(dirfd, uuid, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        if (is_unknown(r))
                return r;
        ret->is_readable = r >= 0;
        return 1;
}

/* Returns a new element at the end, or NULL without memory. */
static struct plan_stored *append(struct plan_state *state, size_t *size)
{
        if (!state->stored || state->n == *size) {
                struct plan_stored *more;

                *size = *size ? 2 * *size : 64;
                more = reallocarray(state->stored, *size, sizeof(*more));
                if (!more)
                        return NULL;
                state->stored = more;
        }
        state->stored[state->n] = (struct plan_stored){};
        return &state->stored[state->n];
}

/* Adds the definition name in the directory dirfd, which messages call path. Returns it in *ret, or NULL if
 * it has disappeared. */
static int add_definition(enum definition_kind kind, int dirfd, const char *parent, const char *name,
        const char *path, struct plan_state *state, size_t *size, struct plan_stored **ret)
{
        struct plan_stored *stored = append(state, size);
        int r;

        *ret = NULL;
        if (!stored)
                return report_error(-ENOMEM, "%m");
        r = load_one(kind, dirfd, name, stored);
        if (r < 0)
                return report_error(r, "%s: %s", path, stored->reason.text);
        if (r == 0)
                return 0;
        state->n++;
        stored->parent = strdup(parent);
        if (!stored->parent)
                return report_error(-ENOMEM, "%m");
        strcpy(stored->uuid, name);
        *ret = stored;
        return 0;
}

static int add_mdev(const struct root *root, const struct definitions_walk *walk,
        const struct enablement *enablement, struct plan_state *state, size_t *size)
{
        struct plan_stored *stored;
        char path[PATH_MAX];
        int r;

        snprintf(path, sizeof(path), "%s" DEFINITIONS_DIR "%s", root->path, walk->path);
        r = add_definition(
                DEFINITION_MDEV, walk->dirfd, walk->parent, walk->uuid, path, state, size, &stored);
        if (stored)
                stored->enabled = enablement_get(enablement, root, walk->parent, walk->uuid);
        return r;
}

static int load_vgpus(const struct root *root, struct plan_state *state, size_t *size)
{
        _cleanup_close_ int fd = vgpu_definitions_open(root);
        _cleanup_vgpu_names_ char **names = NULL;
        int r = fd;

        if (fd == -ENOENT)
                return 0;
        if (r >= 0)
                r = vgpu_definitions_list(fd, &names, NULL, NULL);
        if (r < 0)
                return report_error(r, "Failed to read %s" VGPU_DIR ": %m", root->path);
        for (char **name = names; r >= 0 && name && *name; name++) {
                struct plan_stored *stored;
                char path[PATH_MAX];

                snprintf(path, sizeof(path), "%s" VGPU_DIR "/%s", root->path, *name);
                r = add_definition(DEFINITION_VGPU, fd, VGPU_DIR, *name, path, state, size, &stored);
                if (stored && vgpu_file_is_enabled(root, *name))
                        stored->enabled = ENABLED_BY_LINK;
        }
        return r < 0 ? r : 0;
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

static int load_mdevs(
        const struct root *root, const struct document *document, struct plan_state *state, size_t *size)
{
        _cleanup_definitions_ struct definitions_walk walk = DEFINITIONS_WALK_NONE;
        _cleanup_enablement_ struct enablement enablement = {};
        struct reason reason;
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
                        r = add_mdev(root, &walk, &enablement, state, size);
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
        size_t size = 0;
        int r = load_mdevs(root, document, &state, &size);

        if (r >= 0 && document_has_parent(document, VGPU_DIR))
                r = load_vgpus(root, &state, &size);
        if (r < 0)
                return r;
        plan_state_sort(&state);
        *ret = state;
        state = (struct plan_state){};
        return 0;
}

static int load_now(const struct root *root, const struct plan_change *change, struct plan_stored *ret)
{
        char path[PATH_MAX];

        if (strcmp(change->parent, VGPU_DIR) == 0)
                return vgpu_file_load(root, change->uuid, &ret->definition, &ret->reason);
        return definition_load_of(
                root, DEFINITIONS_DIR, change->parent, change->uuid, path, &ret->definition, &ret->reason);
}

static bool exists_now(const struct root *root, const struct plan_change *change)
{
        return strcmp(change->parent, VGPU_DIR) == 0 ? vgpu_file_exists(root, change->uuid)
                                                     : stored_exists(root, change->parent, change->uuid);
}

bool plan_change_is_current(const struct root *root, const struct plan_change *change)
{
        _cleanup_plan_stored_ struct plan_stored now = {};
        const struct plan_stored *then = change->old;

        if (!then || !exists_now(root, change))
                return !then && !exists_now(root, change);
        now.is_readable = load_now(root, change, &now) >= 0;
        return now.is_readable == then->is_readable &&
               (!now.is_readable || (now.definition.autostart == then->definition.autostart &&
                                            plan_same_device(&now.definition, &then->definition)));
}
