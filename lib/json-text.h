/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Checks that cJSON does not make
 *
 * cJSON checks the grammar of a text, but not all of its characters. It accepts a byte
 * order mark, invalid UTF-8, control characters anywhere, "01", "1." and 1e999 as
 * numbers and \uzzzz as an escape, and it silently cuts a string at \u0000. mdevctl
 * refuses all of these; these checks refuse them before cJSON sees the text.
 */

#include <stddef.h>

#include "reason.h"

/* Checks size bytes of text; a NUL must follow them. -EINVAL with a reason if cJSON would accept something
 * that RFC 8259 or mdevctl does not. A text that passes may still break the grammar; cJSON finds that. */
int json_text_check(const char *text, size_t size, struct reason *reason);

/* Sets the reason to a syntax error in the line of position. Returns -EINVAL. */
int json_text_report(const char *text, const char *position, struct reason *reason);
