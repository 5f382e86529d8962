/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing definitions
 *
 * A reader always finds the complete old definition or the complete new one:
 * a writer writes a temporary file beside it, syncs it and renames it. The
 * temporary name begins with a dot, so readers skip it. It is the same for
 * every write of a UUID, so the next writer reuses the file of a killed one.
 *
 * A read followed by a write is atomic only under the lock of the tree. The
 * kernel drops the lock when the process ends; the lock file stays.
 */

#include "definition.h"

/* The locks of the two trees. Only root can open these files, so only root can make a program wait. */
#define DEFINITIONS_LOCK NOTES_DIR "/.definitions.lock"
#define DEFINITIONS_TRANSIENT_LOCK NOTES_DIR "/.transient.lock"

/* How long to wait for the lock, in seconds: longer than the holder may wait for a callout script. */
#define DEFINITIONS_LOCK_SECONDS 90

/* Takes the lock of a tree, DEFINITIONS_DIR or DEFINITIONS_TRANSIENT_DIR. Returns a file descriptor;
 * closing it releases the lock. Creates a missing tree, or returns -ENOENT if make is false.
 * -EWOULDBLOCK if another process held the lock for too long, or an error of mkdir(2) or open(2) for
 * the lock file. */
int definitions_lock(const struct root *root, const char *tree, bool make);

/* Writes the definition of a UUID under a parent. The caller holds the lock of the tree and has checked
 * both names. Creates the parent's directory if necessary. -EFBIG above DEFINITION_SIZE_MAX, which
 * readers refuse; -ENOMEM; or an error of the file operations. */
int definition_write(const struct root *root, const char *tree, const char *parent, const char *uuid,
        const struct definition *definition);

/* Removes the definition; the caller holds the lock. -ENOENT if it is missing. The parent's directory stays.
 */
int definition_remove(const struct root *root, const char *tree, const char *parent, const char *uuid);

/* Removes the transient definitions of a UUID, and their directories once those are empty. */
void definition_remove_transient(const struct root *root, const char *uuid);
