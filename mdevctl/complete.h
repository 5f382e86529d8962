/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Completion of command lines
 *
 * The shells' completions, see completions/, ask "mdevctl complete" what can
 * stand in place of the word at the cursor. It knows the commands and options
 * from the same tables as the parser and the help.
 */

#include "root.h"

/* The exit status if a file name is expected, which the shell itself completes. */
#define COMPLETE_FILES 3

/* Prints the candidates for the last word, one per line, each with a tab and a description behind it if it
 * has one. Only what begins as the word does is printed. The first word is the program as the user called
 * it. Never fails; returns EXIT_SUCCESS or COMPLETE_FILES. */
int complete_print(const struct root *root, char *const words[]);
