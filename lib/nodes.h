/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The nodes of a device in /dev/vfio
 *
 * A process opens a device through its IOMMU group and, with newer kernels,
 * also through a character device of its own.
 */

#include "device.h"

struct nodes {
        int iommu_group;      /* its number, -1 without one */
        char group[PATH_MAX]; /* the node of the group, empty without a group */
        char cdev[PATH_MAX];  /* the node of the device, empty without one */
};

/* Finds the nodes of a device. On failure, *ret holds those that could be found. Returns 0, or a negative
 * errno of reading sysfs. */
int nodes_find(const struct root *root, const struct device *device, struct nodes *ret);
