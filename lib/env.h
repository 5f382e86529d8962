/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where the system is
 *
 * Every path of the system that a program works on is made by env_path(),
 * below one root; /proc, which tells about processes, is the real one. The root is empty on a live system.
 * The variable MDEVCTL_ENV_ROOT, which mdevctl uses for the same purpose, moves it into a directory, so that
 * the tests can run every program unprivileged against a made-up tree. Under a set root, no program talks to
 * systemd or udev.
 */

#include <limits.h>
#include <stdbool.h>

/* Notes about devices, see note.h. */
#define NOTES_DIR "/run/mdev-generator"

struct env {
        const char *root; /* "" on a live system; borrowed from the environment */
};

/* Reads MDEVCTL_ENV_ROOT, unless the program runs with raised privileges.
 * -EINVAL if it is set to something other than an absolute path. */
int env_init(struct env *ret);

/* True if the root is the real one: systemd, udev and the kernel's sysfs may be there. */
bool env_is_live(const struct env *env);

/* Makes a path below the root. -ENAMETOOLONG if it does not fit. */
int env_path(const struct env *env, char ret[static PATH_MAX], const char *format, ...)
        __attribute__((format(printf, 3, 4)));
