/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "options.h"

/* The version that is printed: the mdevctl release whose features this program has. Scripts and libvirt
 * compare it. */
#define COMPATIBLE_VERSION "1.4.0"

/* Prints the purpose and the options of a command. The name is how the user called the command:
 * "mdevctl list", "lsmdev". */
void help_print_command(FILE *file, const char *name, const struct command *command, bool is_long);

/* Prints the list of commands, which ends with NULL. */
void help_print_commands(FILE *file, const struct command *const commands[]);

/* Prints the one line that follows a usage error. */
void help_print_usage(FILE *file, const char *name, const struct command *command);
