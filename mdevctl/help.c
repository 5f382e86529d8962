/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "help.h"

static void print_option(FILE *file, const struct option_use *use, bool is_long)
{
        const struct option_name *option = &option_names[use->option];
        int width = 0;

        width += option->letter ? fprintf(file, "  -%c, ", option->letter) : fprintf(file, "      ");
        width += fprintf(file, "--%s", option->name);
        if (option->value)
                width += fprintf(file, " <%s>", option->value);
        if (is_long)
                fprintf(file, "\n          %s\n\n", use->text);
        else
                fprintf(file, "%*s%s\n", 26 - width, "", use->text);
}

void help_print_command(FILE *file, const char *name, const struct command *command, bool is_long)
{
        if (command->summary)
                fprintf(file, "%s\n\n", command->summary);
        if (is_long && command->details)
                fprintf(file, "%s\n\n", command->details);
        fprintf(file, "Usage: %s %s\n\nOptions:\n", name, command->usage);
        for (const struct option_use *use = command->options; use->option != OPTION_COUNT; use++)
                print_option(file, use, is_long);
        if (is_long)
                fputs("mdevctl(8) tells more.\n", file);
}

void help_print_commands(FILE *file, const struct command *const commands[])
{
        fputs("Define, start and list mediated devices\n\nUsage: mdevctl <COMMAND>\n\nCommands:\n", file);
        for (; *commands; commands++)
                if ((*commands)->summary)
                        fprintf(file, "  %-10s%s\n", (*commands)->name, (*commands)->summary);
        fputs("  help      Print this, or the help of a command\n\n"
              "Options:\n"
              "  -h, --help     Print help\n"
              "  -V, --version  Print the version of mdevctl this program is compatible with\n",
                file);
}

void help_print_usage(FILE *file, const char *name, const struct command *command)
{
        fprintf(file, "\nUsage: %s %s\n\nFor more information, try '--help'.\n", name,
                command ? command->usage : "<COMMAND>");
}
