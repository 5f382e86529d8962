/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What goes to stderr
 *
 * Other programs show these lines to people, libvirt among them, so they begin
 * as mdevctl's do: "Error: ". Control characters are shown escaped. Nothing
 * here goes to the journal by itself: stderr may be a pipe of libvirt's.
 */

#include "env.h"

/* Says why a command fails. %m is the text of the negative errno r, which is returned. */
int report_error(int r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with a second paragraph for the cause. */
int report_error_caused(int r, const char *cause, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Says what went wrong without making the command fail. */
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what a command that takes long is doing. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what is wrong with the command line. Returns -EINVAL. */
int report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns 0 if this process may change the system, else -EPERM after an error that names what
 * it cannot do. */
int report_unless_root(const struct env *env, const char *command);
