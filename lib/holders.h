/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The processes that have a device open
 *
 * Writing to "remove" while the device is open cannot be undone. The write
 * blocks, immune to signals, until the device is closed, and the device
 * disappears from sysfs meanwhile; some drivers unplug it from a running guest
 * instead. sysfs does not show whether a device is open. Only one process at a
 * time can open a VFIO group, so opening /dev/vfio/<group> fails with EBUSY.
 * Newer kernels also have a character device per device, which many processes
 * may open. Such a device, or one without a group, requires a look at the
 * descriptors of every process.
 */

#include <stdbool.h>
#include <stddef.h>

#include "device.h"

/* A node to look for, and a number that the caller gives its device. */
struct holder_node {
        const char *path; /* borrowed */
        size_t device;
        bool is_group;
};

/* A process that has a node of a device open. */
struct holder {
        size_t device;
        int pid;
        bool is_use; /* false if it has only the group open, and no device through it */
        char name[64];
};

struct holder_list {
        struct holder *holders; /* in the order of /proc */
        size_t n, size;
        bool is_complete; /* false if the caller may not look into every process */
};

/* Lists the processes that have one of the nodes open, in one pass over /proc. A missing node is skipped.
 * The caller ends the list with holder_list_done() in any case. -ENOMEM, or an error of opendir(3). */
int holders_list(const struct holder_node *nodes, size_t n, struct holder_list *ret);

/* Frees the list. */
void holder_list_done(struct holder_list *list);

struct holders {
        bool in_use;
        char text[200]; /* "qemu-system-x86 (4711), …", for a message */
};

/* Finds out whether a device is open, and in which processes. Always sets *ret; the device counts as in
 * use if that cannot be determined. A process that has only the group open does not count: libvirt keeps
 * the group open while it runs "mdevctl stop", and a removal does not wait for the group. */
void holders_find(const struct root *root, const struct device *device, struct holders *ret);

#define _cleanup_holder_list_ __attribute__((cleanup(holder_list_done)))
