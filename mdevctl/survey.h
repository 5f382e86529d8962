/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One view of the whole system
 *
 * Joins definitions, devices in sysfs, parents, units, holders and the journal.
 * The expensive parts are optional. Each costs one call, pass or query, however
 * many devices there are. Under MDEVCTL_ENV_ROOT there are no units, no holders
 * and no journal; the tree's own files give the enablement.
 *
 * A device that is defined under one parent and active under another appears
 * under both.
 */

#include "holders.h"
#include "inventory.h"
#include "units.h"

enum survey_part {
        SURVEY_UNITS = 1 << 0,   /* ask systemd for the state of units */
        SURVEY_HOLDERS = 1 << 1, /* look for the processes that use devices; needs SURVEY_NODES */
        SURVEY_FAILURES =
                1 << 2, /* read the last errors of failed units from the journal; needs SURVEY_UNITS */
        SURVEY_SINCE = 1 << 3, /* ask systemd when each unit changed its state; needs SURVEY_UNITS */
        SURVEY_TYPES = 1 << 4, /* read the types of the parents */
        SURVEY_NODES = 1 << 5, /* look for the nodes of active devices */
};

struct survey_type {
        char *id;
        char *name, *device_api, *description; /* NULL if the driver does not provide it */
        long available;                        /* free instances, or -1 if unknown */
};

struct survey_device {
        char uuid[UUID_LENGTH + 1];
        const char *parent;
        char *file;                   /* of the definition, as opened, the root included; NULL without one */
        struct definition definition; /* empty if there is none or it is unreadable */
        char *fault;                  /* why the definition is unreadable, else NULL */
        bool is_defined, is_active;   /* under this parent */
        bool autostart;               /* as list -d shows it */
        char *running_type;           /* of the active device, else NULL */
        uint64_t inode;               /* of the active device */
        int iommu_group;              /* its number, or -1 */
        char *nodes[2];               /* existing nodes, the group's first; NULL from the end on */
        char unit_name[UNIT_NAME_SIZE];
        const char *enablement;        /* as systemctl is-enabled calls it, from files */
        const struct unit_facts *unit; /* NULL if unknown or not loaded; see survey.units.is_known */
        const char *failure;           /* the last error of a failed unit, or NULL */
        const struct holder *holders;
        size_t n_holders;
        bool holders_are_known;
};

struct survey_parent {
        char *name;
        bool is_registered;
        char *path;                /* in sysfs, as opened, the root included; NULL unless registered */
        char *driver;              /* NULL without one */
        char *other_driver;        /* the one that is configured, if it is not bound; else NULL */
        struct survey_type *types; /* sorted by id */
        size_t n_types;
        struct survey_device *devices; /* sorted by UUID */
        size_t n_devices;
};

struct survey {
        struct survey_parent *parents; /* sorted by name */
        size_t n_parents;
        struct enablement enablement;
        struct unit_list units;
        const struct inventory_fault *faults; /* files and directories that no device stands for */
        size_t n_faults;
        /* The rest is what the others point into. */
        struct inventory inventory;
        struct survey_device *devices;
        struct holder_list holders;
        char **failures;
        size_t n_devices, n_failures;
};

/* Makes the survey. The filter narrows it; only its uuid and parent count. Without a device, a parent
 * appears if it is registered and the filter has no UUID. Reports its errors, and warns of types and devices
 * that cannot be read, but not of unreadable definitions. The caller ends it with survey_done() in any case.
 */
int survey_make(const struct root *root, const struct inventory_filter *filter, unsigned int parts,
        struct survey *ret);

/* Warns of each unreadable definition and each fault, as list -d does. */
void survey_warn(const struct survey *survey);

/* The type that counts for a device: the running one, the defined one, or NULL if the definition is
 * unreadable. */
const char *survey_device_get_type(const struct survey_device *device);

/* Frees the survey. */
void survey_done(struct survey *survey);

#define _cleanup_survey_ __attribute__((cleanup(survey_done)))
