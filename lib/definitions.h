/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directories of definitions
 *
 * A tree (DEFINITIONS_DIR or DEFINITIONS_TRANSIENT_DIR) has one directory per parent, which has one
 * file per definition. All programs list definitions with this walk, so all see the same ones.
 * The walk follows symbolic links to definitions and to parents' directories, because stow, ostree
 * and NixOS install links. It skips names that begin with "..": Kubernetes keeps the versions of a
 * volume under them, and the links beside them lead into the current version.
 */

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>

#include "definition.h"
#include "root.h"

struct definitions_walk {
        const char *only_parent, *only_uuid;    /* if set after definitions_open(), skip others */
        const char *parent;                     /* the current parent */
        const char *uuid;                       /* the current file's name, a UUID */
        int dirfd;                              /* the directory of the parent */
        char path[NAME_MAX + 1 + NAME_MAX + 2]; /* the current or faulty file, below the tree */
        DIR *tree, *files;
};

/* Opens a tree. The caller ends the walk with definitions_close(). -ENOENT if the tree is missing. */
int definitions_open(const struct root *root, const char *tree, struct definitions_walk *ret);

/* Moves to the next definition. Returns 1, or 0 after the last one. A negative errno comes with a reason
 * and concerns only walk->path (the tree itself if that is empty); the caller can go on. The file may
 * have any content. The files of one parent come one after the other. */
int definitions_next(struct definitions_walk *walk, struct reason *reason);

/* Ends the walk and closes its directories. */
void definitions_close(struct definitions_walk *walk);

/* Checks the name of a parent that is to have definitions, as name_check() does, and also refuses names that
 * the walk skips. */
const char *parent_name_check(const char *name);

/* True if an entry of the tree open at dirfd is a parent's directory or a link to one. */
bool definitions_entry_is_parent(int dirfd, const struct dirent *entry);

/* Finds the parents that define a UUID in a tree, sorted by name; a file that cannot be parsed counts,
 * too. Sets *ret to a NULL-terminated array, which the caller frees with parent_names_free(), and returns
 * the number of parents: 0 for a missing tree. */
int definition_find_parents_in(const struct root *root, const char *tree, const char *uuid, char ***ret);

/* The same in the tree that counts for this UUID: the transient tree if it defines the UUID. */
int definition_find_parents(const struct root *root, const char *uuid, char ***ret);

/* Chooses among the parents that definition_find_parents() found: the only one, or the only one that is
 * registered. Several parents that take turns may define the same UUID. An unreadable definition does not
 * affect the others; its fault goes to warn. Sets *ret, which points into the array. -ENOTUNIQ with a reason
 * if there is not exactly one; -EBADMSG if every candidate is unreadable. */
int definition_choose_parent(const struct root *root, const char *tree, const char *uuid, char **parents,
        void (*warn)(const char *path, const struct reason *reason), const char **ret,
        struct reason *reason);

/* Reads the definition of a UUID under a parent in a tree, or in the one that counts for the UUID if tree is
 * NULL. Sets the path for messages. Ownership and errors are those of definition_load(). */
int definition_load_of(const struct root *root, const char *tree, const char *parent, const char *uuid,
        char ret_path[static PATH_MAX], struct definition *ret, struct reason *reason);

/* Frees the array and its names. */
void parent_names_free(char ***names);

#define DEFINITIONS_WALK_NONE                                                                               \
        {                                                                                                   \
                .dirfd = -1                                                                                 \
        }
#define _cleanup_definitions_ __attribute__((cleanup(definitions_close)))
#define _cleanup_parent_names_ __attribute__((cleanup(parent_names_free)))
