/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "text.h"

#define GAP "..."
#define ESCAPE_LENGTH 4 /* \xNN */

/* True if a character begins here. A UTF-8 character has at most three more bytes. */
static bool is_boundary(const char *text, size_t position)
{
        return ((unsigned char) text[position] & 0xc0) != 0x80;
}

/* Keep enough of the end for the longest error text and advice, and for the last words of a script. */
static size_t shorten(const char *text, size_t length, char *ret, size_t size)
{
        const size_t gap = strlen(GAP);
        size_t head, tail;

        if (length < size) {
                memcpy(ret, text, length + 1);
                return length;
        }
        if (size <= 2 * gap) {
                ret[0] = '\0';
                return 0;
        }
        head = (size - gap) / 2;
        tail = length - (size - 1 - gap - head);
        for (int i = 0; i < 3 && head > 0 && !is_boundary(text, head); i++)
                head--;
        for (int i = 0; i < 3 && tail < length && !is_boundary(text, tail); i++)
                tail++;
        memcpy(ret, text, head);
        memcpy(ret + head, GAP, gap);
        memcpy(ret + head + gap, text + tail, length - tail + 1);
        return head + gap + length - tail;
}

size_t text_format(char *ret, size_t size, const char *format, va_list ap)
{
        _cleanup_free_ char *text = NULL;
        int n = vasprintf(&text, format, ap);

        if (n < 0) {
                text = NULL;
                return shorten(format, strlen(format), ret, size);
        }
        return shorten(text, (size_t) n, ret, size);
}

/* In UTF-8, terminals also treat U+0080 to U+009F as commands. */
size_t text_control_length(const char *text)
{
        const unsigned char *p = (const unsigned char *) text;

        if ((p[0] > 0 && p[0] < 0x20) || p[0] == 0x7f)
                return 1;
        return p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0 ? 2 : 0;
}

size_t text_escape(const char *text, char *ret, size_t size)
{
        _cleanup_free_ char *escaped = malloc(ESCAPE_LENGTH * strlen(text) + 1);
        char *end = escaped;

        if (!escaped) {
                ret[0] = '\0';
                return 0;
        }
        while (*text) {
                size_t control = text_control_length(text);

                if (control == 0)
                        *end++ = *text++;
                for (; control > 0; control--)
                        end += sprintf(end, "\\x%02x", (unsigned char) *text++);
        }
        *end = '\0';
        return shorten(escaped, (size_t) (end - escaped), ret, size);
}

void text_list(char *list, size_t size, const char *item)
{
        const char *separator = list[0] ? ", " : "";
        const size_t used = strlen(list), more = strlen(separator) + strlen(item);
        const size_t rest = strlen(", " GAP);

        if (used >= strlen(GAP) && strcmp(list + used - strlen(GAP), GAP) == 0)
                return;
        if (used + more + rest < size)
                snprintf(list + used, size - used, "%s%s", separator, item);
        else
                snprintf(list + used, size - used, "%s" GAP, separator);
}
