/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "text.h"
#include "xml.h"

/* True if XML 1.0 cannot hold the character, not even as a reference. */
static bool is_forbidden(const char *text)
{
        return ((unsigned char) *text < 0x20 && !strchr("\t\n\r", *text)) ||
               strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0;
}

static const char *entity_find(char c)
{
        switch (c) {
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '&':
                return "&amp;";
        case '"':
                return "&quot;";
        case '\'':
                return "&apos;";
        default:
                return NULL;
        }
}

static void print_escaped(const char *text)
{
        size_t length;

        for (; *text; text += length) {
                const size_t control = text_control_length(text);
                const char *entity = entity_find(*text);

                length = utf8_character_length(text);
                if (length == 0) {
                        fputs(UTF8_REPLACEMENT, stdout);
                        length = 1;
                } else if (is_forbidden(text))
                        continue;
                else if (entity)
                        fputs(entity, stdout);
                else if (control > 0)
                        /* The last byte of U+0080 to U+009F is the number of the character. */
                        printf("&#%u;", (unsigned char) text[control - 1]);
                else
                        fwrite(text, 1, length, stdout);
        }
}

void xml_print(int indent, const char *format, ...)
{
        va_list ap;

        printf("%*s", indent, "");
        va_start(ap, format);
        for (const char *p = format; *p; p++)
                if (p[0] == '%' && p[1] == 's') {
                        print_escaped(va_arg(ap, const char *));
                        p++;
                } else
                        putchar(*p);
        va_end(ap);
        putchar('\n');
}
