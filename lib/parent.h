/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Parents
 *
 * A parent is a device whose driver can make mediated devices. The kernel links
 * it into /sys/class/mdev_bus and lists what it can make in the directory
 * mdev_supported_types. Both come and go while the parent's own device stays.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "env.h"

/* One link per registered parent, and in each parent's directory one directory per type. */
#define PARENTS_DIR "/sys/class/mdev_bus"
#define TYPES_DIR "mdev_supported_types"

/* Opens a registered parent's directory in sysfs. Returns a file descriptor, or -ENOENT
 * if no such parent is registered. */
int parent_open(const struct env *env, const char *parent);

/* Tells one registration of a parent from the next: sysfs never gives two directories
 * the same inode number. -ENOENT if the parent is not registered. */
int parent_get_registration(const struct env *env, const char *parent, uint64_t *ret);

/* Opens the directory of one of the parent's types. -ENOENT if it has no such type. */
int parent_open_type(int parent_fd, const char *type);

/* Lists the parent's types, sorted, with ", " between them, for a message; as many as fit. */
int parent_list_types(int parent_fd, char *ret, size_t size);

/* Finds a registered parent whose name another tool spells in this way, for a message: in upper case or
 * with a domain of eight digits (nvidia-smi), without a domain (lspci), with the bus before it and "_"
 * between the parts (libvirt). -ENOENT if there is none. */
int parent_find_similar(const struct env *env, const char *parent, char ret[static NAME_MAX + 1]);
