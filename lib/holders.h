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

#include "device.h"

struct holders {
        bool in_use;
        char text[200]; /* "qemu-system-x86 (4711), …", for a message */
};

/* Finds out whether a device is open, and in which processes. Always sets *ret; the device counts as in
 * use if that cannot be determined. A process that has only the group open does not count: libvirt keeps
 * the group open while it runs "mdevctl stop", and a removal does not wait for the group. */
void holders_find(const struct root *root, const struct device *device, struct holders *ret);
