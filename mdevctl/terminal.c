/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <unistd.h>

#include "terminal.h"
#include "text.h"

void terminal_print_escaped(const char *text)
{
        while (*text) {
                size_t control = text_control_length(text);

                if (control == 0)
                        putchar(*text++);
                for (; control > 0; control--)
                        printf("\\x%02x", (unsigned char) *text++);
        }
}

void terminal_print(const char *text)
{
        if (isatty(STDOUT_FILENO))
                terminal_print_escaped(text);
        else
                fputs(text, stdout);
}
