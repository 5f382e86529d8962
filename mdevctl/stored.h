/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stored definitions as commands ask for them
 *
 * Every function here reports its errors.
 */

#include "definition.h"
#include "name.h"

/* True if a UUID is defined under a parent, whatever the file holds. */
bool stored_exists(const struct env *env, const char *parent, const char *uuid);

/* Finds the parent of the definition that is meant by a UUID and, unless that is NULL, a parent.
 * Returns 1, 0 if there is none, -ENOTUNIQ if several parents define it. */
int stored_find_parent(
        const struct env *env, const char *uuid, const char *parent, char ret[static NAME_MAX + 1]);

/* Reads a definition; a message names its file. */
int stored_load(const struct env *env, const char *parent, const char *uuid, struct definition *ret);

/* Takes the lock of the tree. Where make is false, -ENOENT without a message if there is no tree. */
int stored_lock(const struct env *env, bool make);

/* Writes a definition, for a caller that has the lock. */
int stored_write(
        const struct env *env, const char *parent, const char *uuid, const struct definition *definition);

/* Removes a definition under the lock. */
int stored_remove(const struct env *env, const char *parent, const char *uuid);

/* Returns 0 if the name can be a parent's or a type's. */
int check_parent(const char *parent);
int check_type(const char *type);
