/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From the definitions of vGPUs to units, see vgpu.h
 */

#include "output.h"
#include "vgpu.h"

/* Writes the drop-in and the links of each definition in the directory open at dirfd; overrides_fd is that
 * of configured drivers, or negative. Logs and skips an unusable file. Returns 0, or the first error. */
int vgpus_generate(const struct root *root, struct output *output, int dirfd, int overrides_fd);
