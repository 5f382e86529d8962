/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "env.h"

/* Whether devices shall start with their parents: false after systemd.mdev=no on the kernel
 * command line. Read from $SYSTEMD_PROC_CMDLINE if set, as by systemd's own generators, else
 * from /proc/cmdline. What cannot be understood is warned about and ignored. */
bool kernel_command_line_wants_autostart(const struct env *env);
