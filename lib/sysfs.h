/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files in sysfs
 *
 * The kernel hands one write(2) to the driver as one request, so a value is
 * written in exactly one, without a newline that nobody asked for. A value
 * longer than a page arrives cut off and counts as an error.
 */

#include <stddef.h>

/* How long a write that the kernel answers with EAGAIN is tried again, in milliseconds.
 * The kernel says so while the creation of a device has not finished, and vfio_ap while
 * another change to its matrix is under way; both take moments. */
#define SYSFS_RETRY_MS 1000

/* Writes a value to the file name below dirfd, which symbolic links may not lead out of.
 * Negative errno of open or write, among them -EXDEV for a name that leads out, -EAGAIN
 * after SYSFS_RETRY_MS, -EINTR if a signal came, -EFBIG if not all was taken. */
int sysfs_write(int dirfd, const char *name, const char *value);

/* The same without trying again. */
int sysfs_write_once(int dirfd, const char *name, const char *value);

/* Reads a file below dirfd into a buffer and cuts white space off its end. Returns 0. */
int sysfs_read(int dirfd, const char *name, char *ret, size_t size);

/* Copies the last component of what a symbolic link below dirfd points to. */
int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size);
