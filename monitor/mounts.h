/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Returns a digest of the mounts at, below and above the directory of the definitions. Takes the open
 * /proc/self/mountinfo, and leaves it open. Ignores other mounts, because they change all the time on a host
 * with containers. Returns 0 on errors. */
uint64_t mounts_of_definitions(int mountinfo_fd);
