/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "root.h"

/* Updates systemd's device units of parents after udev lost events: asks the kernel to repeat the event of
 * each parent that systemd is missing or should have dropped. Reloads systemd if a dropped parent's device
 * is gone altogether. Returns a negative errno on failure. */
int parents_compare(const struct root *root);
