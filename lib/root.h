/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The root of the file system
 *
 * root_path() makes all paths of the system, below one root. Only /proc is always the real one, because it
 * describes processes. The root is empty on a live system. The variable MDEVCTL_ENV_ROOT, which mdevctl
 * uses for the same purpose, sets another root, so that the tests can run every program unprivileged
 * against a made-up tree. Under a set root, no program talks to systemd or udev.
 */

#include <limits.h>
#include <stdbool.h>

/* Notes about devices, see note.h. */
#define NOTES_DIR "/run/mdev-generator"

struct root {
        const char *path; /* "" on a live system; borrowed from the environment */
};

/* Reads MDEVCTL_ENV_ROOT, unless the program runs with raised privileges.
 * -EINVAL if it is set to something other than an absolute path. */
int root_init(struct root *ret);

/* True on the real root, where programs may talk to systemd, udev and the kernel's sysfs. */
bool root_is_live(const struct root *root);

/* Makes a path below the root. -ENAMETOOLONG if it does not fit. */
int root_path(const struct root *root, char ret[static PATH_MAX], const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Opens a directory below the root for reading. Returns a file descriptor, or a negative errno. */
int root_open_directory(const struct root *root, const char *directory);
