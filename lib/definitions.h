/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directories of definitions
 *
 * A tree (DEFINITIONS_DIR or DEFINITIONS_TRANSIENT_DIR) has a directory per parent, and that has a
 * file per definition. Everything that lists definitions walks here, so all programs see the same:
 * symbolic links count as what they lead to, be it a definition or a parent's directory, because
 * stow, ostree and NixOS install links. Names that begin with ".." are how Kubernetes keeps the
 * versions of a volume; the links beside them lead into the current one.
 */

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>

#include "definition.h"
#include "env.h"

struct definitions_walk {
        const char *only_parent, *only_uuid;    /* set after definitions_open(): the others are skipped */
        const char *parent;                     /* the current parent */
        const char *uuid;                       /* the current file's name, a UUID */
        int dirfd;                              /* the parent's directory, in which the file is */
        char path[NAME_MAX + 1 + NAME_MAX + 2]; /* the current file or what is wrong, below the tree */
        DIR *tree, *files;
};

/* Opens a tree. Ended with definitions_close(). -ENOENT if there is no such tree. */
int definitions_open(const struct env *env, const char *tree, struct definitions_walk *ret);

/* Goes to the next definition. Returns 1, or 0 behind the last one. A negative errno comes with a
 * reason and concerns only what walk->path names (the tree itself if that is empty): go on. The
 * file may have any content; each parent's files come one after the other. */
int definitions_next(struct definitions_walk *walk, struct reason *reason);

void definitions_close(struct definitions_walk *walk);

/* True if an entry of a tree, which dirfd has open, is a parent's directory or a link to one. */
bool definitions_entry_is_parent(int dirfd, const struct dirent *entry);

/* Finds the parents under which a UUID is defined in a tree, sorted by name; a file that cannot be
 * parsed counts. Sets *ret to a NULL-terminated array, to be ended with parent_names_free(), and
 * returns the number of them. No such tree is none. */
int definition_find_parents_in(const struct env *env, const char *tree, const char *uuid, char ***ret);

/* The same in the tree that counts for this UUID: the transient one if it has any. */
int definition_find_parents(const struct env *env, const char *uuid, char ***ret);

/* Makes the path of a definition in the tree that counts for it. */
int definition_path(const struct env *env, const char *parent, const char *uuid, char ret[static PATH_MAX]);

void parent_names_free(char ***names);

#define DEFINITIONS_WALK_NONE                                                                               \
        {                                                                                                   \
                .dirfd = -1                                                                                 \
        }
#define _cleanup_definitions_ __attribute__((cleanup(definitions_close)))
#define _cleanup_parent_names_ __attribute__((cleanup(parent_names_free)))
