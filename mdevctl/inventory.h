/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lists of devices
 *
 * Sorted by parent and then by UUID, by their bytes. What cannot be read is
 * named on stderr and left out; a list never fails for it.
 */

#include "callout.h"
#include "definition.h"
#include "name.h"

struct mdev {
        char uuid[UUID_LENGTH + 1];
        char *parent;
        struct definition definition; /* for an active device: its type, its script's attributes */
        bool autostart;               /* by its definition or because its unit is enabled */
        bool is_defined, is_active;
};

struct inventory {
        struct mdev *mdevs;
        size_t n, size;
};

/* Which devices; NULL for all. */
struct inventory_filter {
        const char *uuid, *parent;
        bool without_attributes; /* nobody will look at those of definitions */
};

/* Adds the definitions. Errors have been reported. */
int inventory_add_defined(
        const struct env *env, const struct inventory_filter *filter, struct inventory *inventory);

/* Adds the active devices, with attributes if there are callouts to ask for them. */
int inventory_add_active(const struct env *env, const struct inventory_filter *filter,
        struct callouts *callouts, struct inventory *inventory);

void inventory_done(struct inventory *inventory);

#define _cleanup_inventory_ __attribute__((cleanup(inventory_done)))
