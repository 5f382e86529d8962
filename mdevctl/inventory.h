/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lists of devices
 *
 * Sorted bytewise by parent, then by UUID. A list never fails because of one
 * unreadable device or definition: it names that one on stderr and skips it.
 */

#include <stdint.h>

#include "callout.h"
#include "definition.h"
#include "enablement.h"
#include "name.h"

struct mdev {
        char uuid[UUID_LENGTH + 1];
        char *parent;
        struct definition definition; /* for an active device: its type, and attributes from its script */
        bool autostart;               /* the definition says so, or the unit is enabled */
        bool is_defined, is_active;
        char *fault;        /* why the definition cannot be read; the definition is then empty */
        uint64_t inode;     /* of the active device, see struct device */
        int iommu_group;    /* its number, or -1 */
        char *group, *cdev; /* existing nodes of the active device, or NULL */
};

/* A file or directory that a walk over the definitions had to skip; see definitions_next(). */
struct inventory_fault {
        char *path;   /* as opened, the root included */
        char *parent; /* for what is in the directory of a parent, else NULL */
        char *reason;
};

struct inventory {
        struct mdev *mdevs;
        struct inventory_fault *faults;
        size_t n, size, n_faults;
};

/* Selects devices; a NULL field selects all. */
struct inventory_filter {
        const char *uuid, *parent;
        bool without_attributes; /* drop the attributes of definitions to save memory */
        bool keep_faults;        /* keep what cannot be read, with the reason, instead of a warning */
        bool with_nodes;         /* look for the nodes of active devices */
        bool without_definition; /* do not look whether an active device is defined and starts by itself */
};

/* Adds the definitions. Reports its errors. */
int inventory_add_defined(const struct root *root, const struct inventory_filter *filter,
        const struct enablement *enablement, struct inventory *inventory);

/* Adds the active devices, with their attributes unless callouts is NULL. Reports its errors. */
int inventory_add_active(const struct root *root, const struct inventory_filter *filter,
        const struct enablement *enablement, struct callouts *callouts, struct inventory *inventory);

/* Reads the links that enable units. Warns if some cannot be read, and reports a lack of memory. */
int inventory_load_enablement(const struct root *root, struct enablement *ret);

void inventory_done(struct inventory *inventory);

#define _cleanup_inventory_ __attribute__((cleanup(inventory_done)))
