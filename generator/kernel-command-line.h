/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "root.h"

/* Returns whether devices start with their parents: false with systemd.mdev=no on the kernel command line.
 * Like systemd's own generators, reads $SYSTEMD_PROC_CMDLINE if set, else /proc/cmdline. Logs a warning
 * about an invalid value and ignores it. */
bool kernel_command_line_wants_autostart(const struct root *root);
