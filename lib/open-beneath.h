/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Opening files beneath a directory
 *
 * Names of attributes come from files. Symbolic links may lead from one place
 * below the directory to another, but not out of it, and neither may "..".
 * openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS decides that in the
 * kernel. RestrictSUIDSGID=, systemd-udevd's own unit and older container
 * runtimes refuse it with ENOSYS or EPERM.
 */

/* Opens a file or directory with the flags of open(2), O_CLOEXEC and O_NOCTTY. Returns a file
 * descriptor, -EXDEV for a name that leads out of the directory, -ELOOP for too many links, or
 * what open(2) says. */
int open_beneath(int dirfd, const char *name, int flags);

/* The same without openat2(2): one component after the other, none of which the kernel may follow
 * as a link. -ENAMETOOLONG if directories are nested too deeply. */
int open_beneath_by_steps(int dirfd, const char *name, int flags);
