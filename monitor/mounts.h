/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Returns a digest of the mounts at, below and above the directory of the definitions, given the open
 * /proc/self/mountinfo. Others come and go all the time on a host with containers. */
uint64_t mounts_of_definitions(int mountinfo_fd);
