/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdevctl: defines, starts and lists mediated devices
 *
 * Accepts the command lines of mdevctl 1.4 and prints the same output, so that
 * libvirt and other programs written for mdevctl work with it. Definitions are
 * files; a running device is a systemd unit.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complete.h"
#include "help.h"
#include "report.h"
#include "util.h"

enum { EXIT_USAGE = 2 };

const struct command *const all_commands[] = {
        &command_define,
        &command_undefine,
        &command_modify,
        &command_start,
        &command_stop,
        &command_list,
        &command_types,
        &command_start_parent_mdevs,
        &command_status,
        &command_check,
        &command_apply,
        &command_hostdev,
        &command_driver,
        &command_vgpu,
        NULL,
};

/* The options that may precede a command. */
static const struct command no_command = {
        .usage = "<COMMAND>",
        .options =
                (const struct option_use[]){
                        {OPTION_HELP, NULL},
                        {OPTION_VERSION, NULL},
                        {OPTION_COUNT, NULL},
                },
};

static const struct command *find_command(const char *name)
{
        const struct command *const *command = all_commands;

        while (*command && strcmp((*command)->name, name) != 0)
                command++;
        return *command;
}

static int fail_usage(const char *name, const struct command *command)
{
        help_print_usage(stderr, name, command);
        return EXIT_USAGE;
}

/* Fails if stdout could not be written: lost output must not look like an empty list. */
static int finish(int status)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return status;
        if (status == EXIT_SUCCESS)
                report_error(-errno, "Failed to write to stdout: %m");
        if (status != EXIT_FAILURE)
                report_error(-errno, "Failed to write to stdout: %m");
        return EXIT_FAILURE;
}

static int init_root(struct root *ret)
{
        int r = root_init(ret);

        return r < 0 ? report_error(r, "MDEVCTL_ENV_ROOT must be an absolute path") : 0;
}

static int run_command(
        const char *name, const char *version_name, const struct command *command, char *const words[])
{
        struct arguments arguments;
        struct root root;
        int r;

        r = options_parse(command, words, &arguments);
        switch (r) {
        case PARSED_COMMAND:
                break;
        case PARSED_HELP:
        case PARSED_LONG_HELP:
                help_print_command(stdout, name, command, r == PARSED_LONG_HELP);
                return finish(EXIT_SUCCESS);
        case PARSED_VERSION:
                printf("%s " COMPATIBLE_VERSION "\n", version_name);
                return finish(EXIT_SUCCESS);
        default:
                return fail_usage(name, command);
        }

        if (init_root(&root) < 0)
                return EXIT_FAILURE;
        r = command->run(&root, &arguments);
        if (r < 0)
                return finish(EXIT_FAILURE);
        return finish(command->has_status ? r : EXIT_SUCCESS);
}

/* "help", "help COMMAND" and "help help" */
static int run_help(char *const words[])
{
        const struct command *command;
        char name[64];

        if (!words[0]) {
                help_print_commands(stdout, all_commands);
                return finish(EXIT_SUCCESS);
        }
        if (strcmp(words[0], "help") == 0 && !words[1]) {
                puts("Print the list of commands, or the help of a command\n\n"
                     "Usage: mdevctl help [COMMAND]");
                return finish(EXIT_SUCCESS);
        }
        command = find_command(words[0]);
        if (!command || words[1]) {
                report_usage("there is no command \"%s\"", words[command ? 1 : 0]);
                return fail_usage("mdevctl", NULL);
        }
        snprintf(name, sizeof(name), "mdevctl %s", command->name);
        help_print_command(stdout, name, command, true);
        return finish(EXIT_SUCCESS);
}

/* "complete PROGRAM WORD...", which only the shells' completions call */
static int run_complete(char *const words[])
{
        struct root root;

        if (init_root(&root) < 0)
                return EXIT_FAILURE;
        return finish(complete_print(&root, words));
}

/* The command line begins with an option. */
static int run_no_command(char *const words[])
{
        struct arguments arguments;

        switch (options_parse(&no_command, words, &arguments)) {
        case PARSED_HELP:
        case PARSED_LONG_HELP:
                help_print_commands(stdout, all_commands);
                return finish(EXIT_SUCCESS);
        case PARSED_VERSION:
                puts("mdevctl " COMPATIBLE_VERSION);
                return finish(EXIT_SUCCESS);
        case PARSED_COMMAND:
                report_usage("a command is missing");
        }
        return fail_usage("mdevctl", NULL);
}

int main(int argc, char *argv[])
{
        const struct command *command;
        char name[64], version_name[64];

        if (argc > 0 && ends_with(argv[0], "lsmdev"))
                return run_command("lsmdev", "lsmdev", &command_list, argv + 1);
        if (argc < 2) {
                help_print_commands(stderr, all_commands);
                return EXIT_USAGE;
        }
        if (argv[1][0] == '-')
                return run_no_command(argv + 1);
        if (strcmp(argv[1], "help") == 0)
                return run_help(argv + 2);
        if (strcmp(argv[1], "complete") == 0)
                return run_complete(argv + 2);

        command = find_command(argv[1]);
        if (!command) {
                report_usage("there is no command \"%s\"", argv[1]);
                return fail_usage("mdevctl", NULL);
        }
        snprintf(name, sizeof(name), "mdevctl %s", command->name);
        snprintf(version_name, sizeof(version_name), "mdevctl-%s", command->name);
        return run_command(name, version_name, command, argv + 2);
}
