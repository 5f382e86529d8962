/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stored definitions as commands ask for them
 *
 * Every function here reports its errors.
 */

#include "definition.h"
#include "name.h"

/* True if a UUID is defined under a parent, even if the file is invalid. */
bool stored_exists(const struct root *root, const char *parent, const char *uuid);

/* Finds the parent of a UUID's definition; only under the given parent, unless that is NULL. Returns 1, 0 if
 * there is no definition, -ENOTUNIQ if several parents define the UUID. */
int stored_find_parent(
        const struct root *root, const char *uuid, const char *parent, char ret[static NAME_MAX + 1]);

/* The same, but if several parents define the UUID, chooses the registered one; see
 * definition_choose_parent(). */
int stored_choose_parent(
        const struct root *root, const char *uuid, const char *parent, char ret[static NAME_MAX + 1]);

/* Reports that several parents, of which the array names at least two, define a UUID. Returns -ENOTUNIQ. */
int stored_report_ambiguous(const char *uuid, char **parents);

/* Reads a definition; the caller frees it. An error message names the file. */
int stored_load(const struct root *root, const char *parent, const char *uuid, struct definition *ret);

/* Locks the tree and returns the file descriptor of the lock, which the caller closes. Without a tree,
 * creates one if make is true, else returns -ENOENT without a message. */
int stored_lock(const struct root *root, bool make);

/* Writes a definition. The caller must hold the lock. */
int stored_write(
        const struct root *root, const char *parent, const char *uuid, const struct definition *definition);

/* Removes a definition; takes the lock itself. */
int stored_remove(const struct root *root, const char *parent, const char *uuid);

/* Return 0 if the name is valid for a parent or for a type, else a negative errno. */
int check_parent(const char *parent);
int check_type(const char *type);
