/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files in sysfs
 *
 * The kernel passes each write(2) to the driver as one request, so one write(2)
 * writes the whole value, without adding a newline. The kernel truncates a
 * value longer than a page; that is an error here.
 */

#include <stddef.h>

/* How long to retry a write that fails with EAGAIN, in milliseconds. The kernel returns EAGAIN until the
 * creation of a device has finished, and vfio_ap during another change to its matrix. Both are short. */
#define SYSFS_RETRY_MS 1000

/* Writes a value to the file name below dirfd. Returns a negative errno of open or write, among them -EXDEV
 * for a name that leads out of dirfd, -EAGAIN after SYSFS_RETRY_MS, -EINTR after a signal, -EFBIG if the
 * kernel did not take the whole value. */
int sysfs_write(int dirfd, const char *name, const char *value);

/* The same without a retry. */
int sysfs_write_once(int dirfd, const char *name, const char *value);

/* Reads a file below dirfd into a buffer and strips trailing white space. Returns 0 or a negative errno. */
int sysfs_read(int dirfd, const char *name, char *ret, size_t size);

/* The same, but keeps the value as it is, and strips only line feeds. */
int sysfs_read_value(int dirfd, const char *name, char *ret, size_t size);

/* Copies the last component of the target of a symbolic link below dirfd. */
int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size);
