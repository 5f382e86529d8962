/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing definitions
 *
 * Whoever reads a definition at any time finds the old one or the new one as a
 * whole: it is written to a temporary file beside it, brought to the disk, and
 * renamed. The temporary file's name begins with a dot, which readers skip, and
 * is always the same for a UUID, so one that a killed process has left is used
 * up by the next.
 *
 * A change made of reading and writing is one only under the lock of the tree.
 * The lock goes with the process that holds it; its file stays.
 */

#include "definition.h"

/* The locks of the two trees. Only root can open these files, so only root can make a program wait. */
#define DEFINITIONS_LOCK NOTES_DIR "/.definitions.lock"
#define DEFINITIONS_TRANSIENT_LOCK NOTES_DIR "/.transient.lock"

/* How long to wait for others, in seconds: longer than a callout script that they ask may take. */
#define DEFINITIONS_LOCK_SECONDS 90

/* Takes the lock of a tree, DEFINITIONS_DIR or DEFINITIONS_TRANSIENT_DIR, and returns a file
 * descriptor; close it to give the lock back. If there is no such directory it is made or, where
 * make is false, -ENOENT. -EWOULDBLOCK if others had the lock for too long, or what mkdir(2) and
 * open(2) say about the file of the lock. */
int definitions_lock(const struct env *env, const char *tree, bool make);

/* Writes the definition of a UUID under a parent, for a caller that has the lock of the tree. The
 * parent's directory is made if need be. Both names must have been checked. -EFBIG if nobody
 * could read it any more. */
int definition_write(const struct env *env, const char *tree, const char *parent, const char *uuid,
        const struct definition *definition);

/* Removes it, for a caller that has the lock. -ENOENT if there is none. The parent's directory stays. */
int definition_remove(const struct env *env, const char *tree, const char *parent, const char *uuid);

/* Removes the transient definitions of a UUID, with their directories when they are empty. */
void definition_remove_transient(const struct env *env, const char *uuid);
