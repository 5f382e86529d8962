/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lists of devices
 *
 * Sorted bytewise by parent, then by UUID. A list never fails because of one
 * unreadable device or definition: it names that one on stderr and skips it.
 */

#include "callout.h"
#include "definition.h"
#include "name.h"

struct mdev {
        char uuid[UUID_LENGTH + 1];
        char *parent;
        struct definition definition; /* for an active device: its type, and attributes from its script */
        bool autostart;               /* the definition says so, or the unit is enabled */
        bool is_defined, is_active;
};

struct inventory {
        struct mdev *mdevs;
        size_t n, size;
};

/* Selects devices; a NULL field selects all. */
struct inventory_filter {
        const char *uuid, *parent;
        bool without_attributes; /* drop the attributes of definitions to save memory */
};

/* Adds the definitions. Reports its errors. */
int inventory_add_defined(
        const struct root *root, const struct inventory_filter *filter, struct inventory *inventory);

/* Adds the active devices, with their attributes unless callouts is NULL. Reports its errors. */
int inventory_add_active(const struct root *root, const struct inventory_filter *filter,
        struct callouts *callouts, struct inventory *inventory);

void inventory_done(struct inventory *inventory);

#define _cleanup_inventory_ __attribute__((cleanup(inventory_done)))
