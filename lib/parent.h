/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Parents
 *
 * A parent is a device whose driver can make mediated devices. The kernel links
 * it into /sys/class/mdev_bus and lists its types in the directory
 * mdev_supported_types. Both may come and go while the parent's device stays.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "root.h"

/* One link per registered parent, and in each parent's directory one directory per type. */
#define PARENTS_DIR "/sys/class/mdev_bus"
#define TYPES_DIR "mdev_supported_types"

/* Opens a registered parent's directory in sysfs. Returns a file descriptor, or -ENOENT if the parent is
 * not registered. */
int parent_open(const struct root *root, const char *parent);

/* Returns a number that identifies one registration of a parent. It is an inode number, because sysfs never
 * gives two directories the same one. -ENOENT if the parent is not registered. */
int parent_get_registration(const struct root *root, const char *parent, uint64_t *ret);

/* Opens the directory of a parent's type. Returns a file descriptor, or -ENOENT if it has no such type. */
int parent_open_type(int parent_fd, const char *type);

/* Lists as many of the parent's types as fit, sorted and separated by ", ", for a message. */
int parent_list_types(int parent_fd, char *ret, size_t size);

/* Finds a registered parent whose name another tool spells this way, for a message. nvidia-smi uses upper
 * case and a domain of eight digits, lspci leaves out the domain, libvirt puts the bus first and "_" between
 * the parts. -ENOENT if no parent matches. */
int parent_find_similar(const struct root *root, const char *parent, char ret[static NAME_MAX + 1]);

/* The same, or else the registered parent whose name differs in the fewest characters, but in no more than
 * two: a misspelt name, or a PCI address after renumbering. */
int parent_find_nearest(const struct root *root, const char *parent, char ret[static NAME_MAX + 1]);
