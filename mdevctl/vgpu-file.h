/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files with the definitions of vGPUs, as commands change them
 *
 * They are written as those of mediated devices are: under the same lock, which stored_lock() takes, and by
 * a rename.
 */

#include "vgpu.h"

/* True if a function is defined, even if the file is invalid. */
bool vgpu_file_exists(const struct root *root, const char *function);

/* Reads a definition; errors and ownership are those of definition_load(). */
int vgpu_file_load(
        const struct root *root, const char *function, struct definition *ret, struct reason *reason);

/* Writes a definition and announces a present function to udev, so that it gets its device unit. The caller
 * holds the lock. Reports its errors. */
int vgpu_file_write(const struct root *root, const char *function, const struct definition *definition);

/* True if systemctl enable has made the unit start with its function. */
bool vgpu_file_is_enabled(const struct root *root, const char *function);

/* Takes back what systemctl enable has done to the unit. Reports its errors. */
int vgpu_file_disable(const struct root *root, const char *function);

/* Removes a definition and disables the unit. The caller holds the lock. Reports its errors, -ENOENT among
 * them. */
int vgpu_file_remove(const struct root *root, const char *function);
