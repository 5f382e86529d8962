/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lines for people
 *
 * A terminal gets colours, symbols, and lines that fit its width; a pipe gets
 * words, and nothing is cut. Text from files and sysfs is escaped for both:
 * control characters, bytes that are not UTF-8, and without a UTF-8 locale
 * everything that is not ASCII. NO_COLOR, SYSTEMD_COLORS, TERM and COLUMNS work
 * as in systemd's programs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
        bool is_terminal, is_utf8, has_colours;
        size_t width; /* of a terminal, SIZE_MAX for a pipe */
        bool failed;  /* a line was lost for want of memory */
};

enum colour { COLOUR_NONE, COLOUR_GREEN, COLOUR_RED, COLOUR_YELLOW, COLOUR_BOLD, COLOUR_GREY, _COLOURS };

/* A line under construction. */
struct line {
        struct screen *screen;
        char *text;
        size_t length, size;
        size_t cells; /* how wide it is on a terminal, without the colours */
        size_t cut;   /* how many bytes fit in front of an ellipsis */
};

/* Finds out what stdout is. Sets the locale for the types of characters. */
void screen_init(struct screen *ret);

/* Begins an empty line; line_print() or line_done() frees it. */
void line_begin(struct line *ret, struct screen *screen);

/* Add text. The first two escape it; line_add_symbol() adds one of two texts of this program, which need no
 * escaping: the first on a UTF-8 terminal, the second on another one. A pipe gets none. */
void line_add(struct line *line, const char *text, enum colour colour);
void line_addf(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void line_add_symbol(struct line *line, const char *utf8, const char *ascii, enum colour colour);

/* Adds spaces up to a column. */
void line_pad(struct line *line, size_t column);

/* Prints the line without white space at its end and frees it; cuts it to the width of a terminal. */
void line_print(struct line *line);

void line_done(struct line *line);

#define _cleanup_line_ __attribute__((cleanup(line_done)))
