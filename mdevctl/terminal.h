/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Prints text that comes from files to stdout. A terminal gets control characters escaped, as they would be
 * commands to it; programs get every byte. */
void terminal_print(const char *text);
