/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text for people
 *
 * A message names a value first and the cause and the advice last. So what does
 * not fit is taken out of the middle, which is where a long value is. No
 * character of UTF-8 is cut.
 */

#include <stdarg.h>
#include <stddef.h>

/* Formats a text as vsnprintf(3) does. One that does not fit into size bytes is shortened. Returns its
 * length. */
size_t text_format(char *ret, size_t size, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));

/* How many bytes the control character has that a text begins with, 0 if that is none. */
size_t text_control_length(const char *text);

/* Copies a text with control characters as \xNN, so that it is one line, and shortens it to size bytes.
 * Returns its length. */
size_t text_escape(const char *text, char *ret, size_t size);

/* Adds an item to a list with ", " between the items, for a message. "..." stands for the items that do not
 * fit into size bytes. The list begins as "". */
void text_list(char *list, size_t size, const char *item);
