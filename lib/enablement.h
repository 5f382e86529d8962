/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Links that make a unit start with its parent
 *
 * A unit starts with its parent because of a link in <parent>.device.wants/. The generator makes the
 * link for a definition with "start": "auto", systemctl enable makes it for any other. The name of a
 * link counts, not its target; only the target /dev/null matters, because it masks.
 *
 * A stray link is under a parent that does not define the UUID: the definition moved to another parent,
 * and systemctl left the link. A stray link counts for the parents that define the UUID. systemctl
 * is-enabled calls such a unit enabled, too, and it starts with its present parent.
 */

#include <stdbool.h>
#include <stddef.h>

#include "definition.h"
#include "name.h"
#include "root.h"

struct enablement_link {
        char uuid[UUID_LENGTH + 1];
        const struct enablement_directory *directory;
        size_t order; /* the lowest of several links with the same name counts */
        bool is_mask;
};

struct enablement_directory {
        char path[PATH_MAX];       /* <parent>.device.wants, below the root */
        const char *name;          /* the last component of path */
        char parent[NAME_MAX + 1]; /* the name of the parent */
};

/* A unit that systemctl mask has masked. */
struct enablement_mask {
        char uuid[UUID_LENGTH + 1];
        bool is_runtime;
};

/* The links that systemctl enable made, for all units under all parents, and the masked units. */
struct enablement {
        struct enablement_link *links;
        struct enablement_directory **directories;
        struct enablement_mask *masks; /* sorted by UUID */
        size_t n, n_directories, n_masks;
};

/* Reads all links. On failure, *ret holds the links that could be read; the caller ends it with
 * enablement_done() in any case. Missing directories are no error. */
int enablement_load(const struct root *root, struct enablement *ret);

/* Frees the links. */
void enablement_done(struct enablement *enablement);

/* Whether the unit of a definition is enabled, and by which link. */
enum enabled {
        ENABLED_NOT = 0,
        ENABLED_BY_LINK,
        ENABLED_BY_STRAY_LINK,
};
/* Returns how the unit of a definition is enabled. A link under its parent decides before a stray one. */
enum enabled enablement_get(
        const struct enablement *enablement, const struct root *root, const char *parent, const char *uuid);

/* Returns what the links say about a unit in the words of systemctl is-enabled: "masked", "masked-runtime",
 * "enabled", "enabled-runtime", or NULL if there is none. The links of the generator do not count. */
const char *enablement_get_state(const struct enablement *enablement, const char *uuid);

/* True if a link to /dev/null keeps the parent from starting the unit. */
bool enablement_is_masked(const struct enablement *enablement, const char *parent, const char *uuid);

/* Returns the next stray link of a UUID, or NULL. *index must be 0 at first; the link is borrowed. */
const struct enablement_link *enablement_next_stray(
        const struct enablement *enablement, const struct root *root, const char *uuid, size_t *index);

/* True if systemctl enable has made a link that makes one unit want another. */
bool unit_is_enabled(const struct root *root, const char *wanting_unit, const char *unit);

/* True if the unit starts with its parent, no matter which directory has the link. */
bool unit_is_wanted(const struct root *root, const char *parent, const char *uuid);

/* Removes the links that systemctl enable made for a UUID, under all parents but those with another
 * definition of the UUID. No link is no error. systemd notices at its next reload. On failure the reason
 * names the link or directory. */
int unit_disable(const struct root *root, const char *parent, const char *uuid, struct reason *reason);

/* Removes all links that systemctl enable made for a unit. Errors are those of unit_disable(). */
int unit_disable_everywhere(const struct root *root, const char *unit, struct reason *reason);

/* Adjusts the links of a UUID after the removal of one of its definitions. Removes stray links and, if
 * exactly one parent still defines the UUID, makes them there. Without any definition, removes all links.
 * Errors are those of unit_disable(). */
int unit_enablement_follow(const struct root *root, const char *uuid, struct reason *reason);

#define _cleanup_enablement_ __attribute__((cleanup(enablement_done)))
