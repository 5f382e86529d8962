/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text for people
 *
 * A message names a value first, and the cause and the advice last. A text that
 * is too long therefore loses its middle, where a long value is. It is never
 * cut inside a UTF-8 character.
 */

#include <stdarg.h>
#include <stddef.h>

/* Formats a text as vsnprintf(3) does, but shortens it to size bytes. Returns its length. */
size_t text_format(char *ret, size_t size, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));

/* Returns the length in bytes of the control character at the start of a text, or 0. */
size_t text_control_length(const char *text);

/* Copies a text as one line, with control characters as \xNN, and shortens it to size bytes. Returns its
 * length: 0, and an empty text, without memory. */
size_t text_escape(const char *text, char *ret, size_t size);

/* Adds an item to a list separated by ", ", for a message. "..." replaces the items that do not fit into
 * size bytes. The list must be "" at first. */
void text_list(char *list, size_t size, const char *item);
