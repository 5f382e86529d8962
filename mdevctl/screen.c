/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cleanup.h"
#include "screen.h"
#include "text.h"
#include "util.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 20
#define ELLIPSIS_UTF8 "\u2026"
#define ELLIPSIS_ASCII "..."
#define COLOUR_END "\x1b[0m"

static const char *const colours[_COLOURS] = {
        [COLOUR_NONE] = "",
        [COLOUR_GREEN] = "\x1b[0;1;32m",
        [COLOUR_RED] = "\x1b[0;1;31m",
        [COLOUR_YELLOW] = "\x1b[0;1;33m",
        [COLOUR_BOLD] = "\x1b[0;1m",
        [COLOUR_GREY] = "\x1b[0;90m",
};

/* Returns 1 or 0 for what $SYSTEMD_COLORS decides, -1 if it leaves the decision to others. */
static int parse_systemd_colors(const char *value)
{
        static const char *const on[] = {"1", "yes", "y", "true", "t", "on", "16", "256", "24bit"};
        static const char *const off[] = {"0", "no", "n", "false", "f", "off"};

        for (size_t i = 0; value && i < ELEMENTSOF(on); i++)
                if (strcasecmp(value, on[i]) == 0)
                        return 1;
        for (size_t i = 0; value && i < ELEMENTSOF(off); i++)
                if (strcasecmp(value, off[i]) == 0)
                        return 0;
        return -1;
}

/* The order is systemd's: $SYSTEMD_COLORS decides for pipes, too. */
static bool wants_colours(bool is_terminal)
{
        const int decision = parse_systemd_colors(getenv("SYSTEMD_COLORS"));
        const char *term = getenv("TERM");

        if (decision >= 0)
                return decision;
        return !getenv("NO_COLOR") && is_terminal && term && strcmp(term, "dumb") != 0;
}

static size_t get_width(void)
{
        const char *columns = getenv("COLUMNS");
        struct winsize size = {};
        char *end;
        unsigned long width = 0;

        if (columns && columns[0] >= '0' && columns[0] <= '9') {
                width = strtoul(columns, &end, 10);
                if (*end != '\0' || width > UINT16_MAX)
                        width = 0;
        }
        if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                width = size.ws_col;
        if (width == 0)
                width = WIDTH_DEFAULT;
        return width < WIDTH_MIN ? WIDTH_MIN : width;
}

void screen_init(struct screen *ret)
{
        (void) setlocale(LC_CTYPE, "");
        *ret = (struct screen){
                .is_terminal = isatty(STDOUT_FILENO),
                .is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                .width = SIZE_MAX,
        };
        ret->has_colours = wants_colours(ret->is_terminal);
        if (ret->is_terminal)
                ret->width = get_width();
}

void line_begin(struct line *ret, struct screen *screen)
{
        *ret = (struct line){.screen = screen};
}

/* Adds bytes that are some cells wide. */
static void put(struct line *line, const char *bytes, size_t n, size_t cells)
{
        const size_t ellipsis = line->screen->is_utf8 ? 1 : strlen(ELLIPSIS_ASCII);

        if (line->length + n + 1 > line->size) {
                const size_t size = 2 * (line->length + n + 128);
                char *text = realloc(line->text, size);

                if (!text) {
                        line->screen->failed = true;
                        return;
                }
                line->text = text;
                line->size = size;
        }
        memcpy(line->text + line->length, bytes, n);
        line->length += n;
        line->text[line->length] = '\0';
        line->cells += cells;
        if (line->screen->width == SIZE_MAX || line->cells + ellipsis <= line->screen->width)
                line->cut = line->length;
}

static void put_ascii(struct line *line, const char *text)
{
        for (; *text; text++)
                put(line, text, 1, 1);
}

static void put_colour(struct line *line, const char *sequence)
{
        if (line->screen->has_colours)
                put(line, sequence, strlen(sequence), 0);
}

static void put_escaped(struct line *line, const char *text)
{
        mbstate_t state = {};

        while (*text) {
                const size_t control = text_control_length(text);
                size_t n = (unsigned char) *text < 0x80 ? 1 : 0;
                int cells = 1;
                wchar_t c;

                if (n == 0 && line->screen->is_utf8) {
                        n = mbrtowc(&c, text, strlen(text), &state);
                        cells = n > 0 && n <= MB_LEN_MAX ? wcwidth(c) : -1;
                }
                if (control == 0 && n > 0 && cells >= 0) {
                        put(line, text, n, (size_t) cells);
                } else {
                        char escape[8];

                        n = control > 0 ? control : 1;
                        state = (mbstate_t){};
                        for (size_t i = 0; i < n; i++) {
                                snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char) text[i]);
                                put_ascii(line, escape);
                        }
                }
                text += n;
        }
}

void line_add(struct line *line, const char *text, enum colour colour)
{
        if (colour != COLOUR_NONE)
                put_colour(line, colours[colour]);
        put_escaped(line, text);
        if (colour != COLOUR_NONE)
                put_colour(line, COLOUR_END);
}

void line_addf(struct line *line, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0) {
                text = NULL;
                line->screen->failed = true;
                return;
        }
        put_escaped(line, text);
}

void line_add_symbol(struct line *line, const char *utf8, const char *ascii, enum colour colour)
{
        if (line->screen->is_terminal)
                line_add(line, line->screen->is_utf8 ? utf8 : ascii, colour);
}

void line_pad(struct line *line, size_t column)
{
        while (line->cells < column && !line->screen->failed)
                put(line, " ", 1, 1);
}

void line_print(struct line *line)
{
        while (line->length > 0 && line->text[line->length - 1] == ' ') {
                line->length--;
                line->cells--;
        }
        if (line->cells <= line->screen->width) {
                fwrite(line->text, 1, line->length, stdout);
        } else {
                fwrite(line->text, 1, line->cut, stdout);
                if (line->screen->has_colours)
                        fputs(COLOUR_END, stdout);
                fputs(line->screen->is_utf8 ? ELLIPSIS_UTF8 : ELLIPSIS_ASCII, stdout);
        }
        putchar('\n');
        line_done(line);
}

void line_done(struct line *line)
{
        free(line->text);
        line->text = NULL;
        line->length = line->size = line->cells = line->cut = 0;
}
