/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages on stderr
 *
 * libvirt and other programs show these lines to people, so they begin as
 * mdevctl's do: "Error: ". Control characters are escaped. Nothing here writes
 * to the journal: stderr may be a pipe to libvirt.
 */

#include <stddef.h>

#include "root.h"

/* A longer message is shortened to this size. */
#define REPORT_TEXT_MAX 4096

/* Prints why a command fails. %m is the text of the negative errno r. Returns r. */
int report_error(int r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies the next error to ret, too, up to size bytes and without "Error: "; ret is "" until then. NULL ends
 * that. */
void report_copy_error(char *ret, size_t size);

/* Does the same, with a second paragraph for the cause. */
int report_error_caused(int r, const char *cause, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Prints a problem that does not make the command fail. */
void report_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what a slow command is doing. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints an error in the command line. Returns -EINVAL. */
int report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns 0 if this process may change the system, else -EPERM after an error that names the command. */
int report_unless_root(const struct root *root, const char *command);
