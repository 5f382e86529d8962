/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who has a device open
 *
 * A write to "remove" while the device is open cannot be taken back: it blocks,
 * immune to signals, until the device is closed, and the device is gone from
 * sysfs meanwhile; some drivers unplug it from a running guest instead. sysfs
 * does not say whether a device is open. But a VFIO group can be opened by one
 * process at a time, so opening /dev/vfio/<group> tells: EBUSY. Newer kernels
 * also have a character device per device, which many may open; there, and
 * where there are no groups, only a look at every process's descriptors helps.
 *
 * A group that is open is not yet a device that is open, and removing a device
 * does not wait for its group. libvirt makes the same test as we do and keeps
 * the group open while it runs "mdevctl stop". So the kernel is asked, through
 * the descriptor of the process that has the group: before a group is attached
 * to a container or to an IOMMU descriptor no device of it can be opened.
 */

#include <stdbool.h>

#include "device.h"

struct holders {
        bool in_use;
        char text[200]; /* "qemu-system-x86 (4711), …", for a message */
};

/* Finds out whether a device is open and who holds it. Always sets *ret; where it cannot be found
 * out, the device counts as in use. */
void holders_find(const struct env *env, const struct device *device, struct holders *ret);
