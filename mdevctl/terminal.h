/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Prints text from files to stdout. On a terminal, control characters are escaped because it would obey
 * them; programs get every byte. */
void terminal_print(const char *text);

/* The same, with control characters escaped even for programs. */
void terminal_print_escaped(const char *text);
