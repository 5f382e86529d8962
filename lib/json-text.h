/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What cJSON lets pass
 *
 * cJSON checks the grammar of a text, but not all of its characters. It takes a byte
 * order mark, invalid UTF-8, control characters anywhere, "01", "1." and 1e999 as
 * numbers and \uzzzz as an escape, and it cuts a string at \u0000 without a word.
 * mdevctl refuses all of these, so they are refused here, before cJSON sees the text.
 */

#include <stddef.h>

#include "reason.h"

/* Checks size bytes of text, which must be followed by a NUL. -EINVAL with a reason if there
 * is something in it that cJSON would accept and RFC 8259 or mdevctl would not. A text that
 * passes may still break the grammar; cJSON finds that. */
int json_text_check(const char *text, size_t size, struct reason *reason);

/* Returns -EINVAL after setting the reason to a syntax error in the line of position. */
int json_text_report(const char *text, const char *position, struct reason *reason);
