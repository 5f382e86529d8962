/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "inventory.h"
#include "root.h"

/* Prints the <device> element that libvirt's node device driver shows for a device, with type and attributes
 * as the inventory has them. For a definition this is what "virsh nodedev-dumpxml --inactive" prints. */
void device_xml_print(const struct root *root, const struct mdev *mdev);
