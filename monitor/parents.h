/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "env.h"

/* Brings systemd's device units of parents into agreement with the kernel, where udev lost events: asks the
 * kernel to repeat the event of each parent that systemd does not know, or should know no more. A parent
 * whose device is gone altogether needs a reload of systemd. */
int parents_compare(const struct env *env);
