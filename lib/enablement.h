/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What makes a unit start with its parent
 *
 * A link in <parent>.device.wants/: the generator makes it for a definition with "start": "auto",
 * systemctl enable for any other. A definition may move to another parent, and systemctl leaves the
 * link where it was. The name of a link counts, not its target, except for /dev/null: that masks.
 *
 * A stray link is one under a parent that does not define the UUID. It counts for the parents that
 * do: the unit is enabled, as systemctl is-enabled says, and starts with the parent it has now.
 */

#include <stdbool.h>
#include <stddef.h>

#include "definition.h"
#include "env.h"
#include "name.h"

struct enablement_link {
        char uuid[UUID_LENGTH + 1];
        const struct enablement_directory *directory;
        size_t order; /* of several links with the same name, the lowest one counts */
        bool is_mask;
};

struct enablement_directory {
        char path[PATH_MAX];       /* <parent>.device.wants, below the root */
        const char *name;          /* the last component of path */
        char parent[NAME_MAX + 1]; /* the name of the parent */
};

/* The links of all units under all parents, as systemctl enable has made them. */
struct enablement {
        struct enablement_link *links;
        struct enablement_directory **directories;
        size_t n, n_directories;
};

/* Reads all links. Ended with enablement_done(), on failure too: what could be read is in *ret.
 * Missing directories are no error. */
int enablement_load(const struct env *env, struct enablement *ret);

void enablement_done(struct enablement *enablement);

/* Whether the unit of a definition is enabled, and whether its parent has the link. */
enum enabled {
        ENABLED_NOT = 0,
        ENABLED_BY_LINK,
        ENABLED_BY_STRAY_LINK,
};
enum enabled enablement_get(
        const struct enablement *enablement, const struct env *env, const char *parent, const char *uuid);

/* Goes through the stray links of a UUID. *index is 0 at first. NULL if there are no more. */
const struct enablement_link *enablement_next_stray(
        const struct enablement *enablement, const struct env *env, const char *uuid, size_t *index);

/* True if the unit starts with its parent, for whichever reason. */
bool unit_is_wanted(const struct env *env, const char *parent, const char *uuid);

/* Takes back what systemctl enable has done for a UUID, wherever the links are; only those under
 * parents with another definition of the UUID stay. No link is no error, and systemd notices at its
 * next reload. On failure the reason names the link. */
int unit_disable(const struct env *env, const char *parent, const char *uuid, struct reason *reason);

/* Has the links of a UUID follow its definitions, one of which has been removed: removes stray links
 * and, if one parent is left that defines it, makes them there. Without any definition, removes all.
 * Errors as of unit_disable(). */
int unit_enablement_follow(const struct env *env, const char *uuid, struct reason *reason);

#define _cleanup_enablement_ __attribute__((cleanup(enablement_done)))
