/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Opening files beneath a directory
 *
 * Names of attributes come from files. Symbolic links and ".." may lead to
 * another place below the directory, but not out of it. openat2(2) with
 * RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS enforces this in the kernel.
 * RestrictSUIDSGID=, systemd-udevd's own unit and older container runtimes
 * refuse openat2(2) with ENOSYS or EPERM; a walk in steps then replaces it.
 */

/* Opens a file or directory with the given flags of open(2), plus O_CLOEXEC and O_NOCTTY. Returns a file
 * descriptor, -EXDEV for a name that leads out of the directory, -ELOOP for too many links, or another
 * error of open(2). */
int open_beneath(int dirfd, const char *name, int flags);

/* The same without openat2(2): opens one component after the other and does not let the kernel follow
 * links. -ENAMETOOLONG if directories are nested too deeply. */
int open_beneath_by_steps(int dirfd, const char *name, int flags);
