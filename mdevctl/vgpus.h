/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One view of all vGPUs: definitions, functions in sysfs, notes and units
 *
 * A function appears if it is defined or has the driver's directory. Under MDEVCTL_ENV_ROOT there are
 * neither units nor holders.
 */

#include "manager.h"
#include "unit-name.h"
#include "vgpu.h"

enum vgpus_part {
        VGPUS_UNITS = 1 << 0,   /* ask systemd for the state of units */
        VGPUS_HOLDERS = 1 << 1, /* look for the processes that use functions */
};

struct vgpu_function {
        char name[NAME_MAX + 1];
        char card[NAME_MAX + 1];               /* "" if the function is absent or none of SR-IOV */
        char driver[NAME_MAX + 1];             /* "" without one */
        bool is_defined, is_present, is_ready; /* ready: the driver's directory is there */
        struct definition definition;          /* empty if there is none or it is unreadable; an enabled unit
                                                * makes it automatic */
        char *fault;                           /* why it is unreadable, else NULL */
        int type;                            /* the number of the present type, 0 for none, -1 if unknown */
        char type_name[VGPU_TYPE_NAME_SIZE]; /* its name, or its number again */
        enum vgpu_match match;
        int noted_type;              /* what its unit has set or adopted, 0 for none */
        char types[VGPU_TYPES_SIZE]; /* what can be created now, for vgpu_next_type() */
        int iommu_group;             /* or -1 */
        char unit_name[UNIT_NAME_SIZE];
        struct unit_state unit; /* only active and sub */
        bool unit_is_known;
        struct holders holders;
        bool holders_are_known;
};

struct vgpus {
        struct vgpu_function *functions; /* sorted by card and address, absent ones first */
        size_t n, size;
        char **strange; /* other names in VGPU_DIR, or NULL; ends with NULL */
        size_t n_strange;
};

/* Loads the view; the parts are flags of enum vgpus_part. The caller ends it with vgpus_done() in any case.
 * Reports its errors. */
int vgpus_load(const struct root *root, unsigned int parts, struct vgpus *ret);

/* Warns of unreadable definitions; of one function only or one card, unless the name is NULL. */
void vgpus_warn(const struct root *root, const struct vgpus *vgpus, const char *name);

/* Keeps only the function or the functions of the card of this name, unless it is NULL. */
void vgpus_select(struct vgpus *vgpus, const char *name);

void vgpus_done(struct vgpus *vgpus);

#define _cleanup_vgpus_ __attribute__((cleanup(vgpus_done)))
