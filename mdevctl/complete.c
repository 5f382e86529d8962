/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "commands.h"
#include "complete.h"
#include "util.h"
#include "uuid.h"

/* Stores the value of an option. */
static void take_value(struct arguments *arguments, enum option option, const char *value)
{
        arguments->values[option] = value;
        if (option == OPTION_UUID)
                (void) uuid_parse(value, arguments->uuid);
}

static void take_operand(struct arguments *arguments, const char *word)
{
        if (!arguments->operand)
                arguments->operand = word;
        else
                for (size_t i = 0; i < ELEMENTSOF(arguments->more); i++)
                        if (!arguments->more[i]) {
                                arguments->more[i] = word;
                                return;
                        }
}

/* Takes "-dvu" or "-uUUID". Returns the option whose value is the next word, or OPTION_COUNT. */
static enum option take_letters(struct candidates *candidates, const char *word)
{
        for (const char *p = word + 1; *p; p++) {
                enum option option = option_find_by_letter(candidates->command, *p);

                if (option == OPTION_COUNT)
                        return OPTION_COUNT;
                candidates->arguments.given |= OPTION_BIT(option);
                if (!option_names[option].value)
                        continue;
                if (p[1] == '\0')
                        return option;
                take_value(&candidates->arguments, option, p[1] == '=' ? p + 2 : p + 1);
                return OPTION_COUNT;
        }
        return OPTION_COUNT;
}

/* Takes "--parent" or "--parent=mtty"; returns the same. */
static enum option take_name(struct candidates *candidates, const char *word)
{
        const size_t length = strcspn(word + 2, "=");
        const char *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
        enum option option = option_find_by_name(candidates->command, word + 2, length);

        if (option == OPTION_COUNT)
                return OPTION_COUNT;
        candidates->arguments.given |= OPTION_BIT(option);
        if (!option_names[option].value)
                return OPTION_COUNT;
        if (!value)
                return option;
        take_value(&candidates->arguments, option, value);
        return OPTION_COUNT;
}

static void add_options(struct candidates *candidates)
{
        for (const struct option_use *use = candidates->command->options; use->option != OPTION_COUNT;
                use++) {
                char name[64];

                if (arguments_have(&candidates->arguments, use->option) ||
                        option_is_excluded(candidates->command, &candidates->arguments, use->option))
                        continue;
                snprintf(name, sizeof(name), "--%s", option_names[use->option].name);
                candidates_add(candidates, name, use->text);
        }
}

/* The word is "--parent=m": only the value is to be completed. */
static bool is_name_with_value(struct candidates *candidates, enum option *ret)
{
        const char *word = candidates->word, *sign = strchr(word, '=');

        if (strncmp(word, "--", 2) != 0 || !sign)
                return false;
        *ret = option_find_by_name(candidates->command, word + 2, (size_t) (sign - word) - 2);
        candidates->prefix = word;
        candidates->prefix_length = (size_t) (sign - word) + 1;
        candidates->word = sign + 1;
        return true;
}

static bool add_words(struct candidates *candidates, char *const words[])
{
        enum option option = OPTION_COUNT;
        bool only_operands = false;

        for (; words[1]; words++)
                if (option != OPTION_COUNT) {
                        take_value(&candidates->arguments, option, words[0]);
                        option = OPTION_COUNT;
                } else if (only_operands || words[0][0] != '-' || words[0][1] == '\0')
                        take_operand(&candidates->arguments, words[0]);
                else if (strcmp(words[0], "--") == 0)
                        only_operands = true;
                else if (words[0][1] == '-')
                        option = take_name(candidates, words[0]);
                else
                        option = take_letters(candidates, words[0]);

        if (option == OPTION_COUNT && !only_operands && is_name_with_value(candidates, &option) &&
                option == OPTION_COUNT)
                return true;
        if (option != OPTION_COUNT)
                return candidates_add_values(candidates, option);
        if (candidates->word[0] != '-' || only_operands) {
                if (!candidates_add_operands(candidates))
                        return false;
                if (candidates->n_printed > 0)
                        return true;
        }
        if (!only_operands)
                add_options(candidates);
        return true;
}

static void add_commands(struct candidates *candidates, bool with_help)
{
        for (const struct command *const *command = all_commands; *command; command++)
                if ((*command)->summary)
                        candidates_add(candidates, (*command)->name, (*command)->summary);
        if (!with_help)
                return;
        candidates_add(candidates, "help", "Print the list of commands, or the help of a command");
        if (candidates->word[0] == '-') {
                candidates_add(candidates, "--help", "Print the list of commands");
                candidates_add(candidates, "--version",
                        "Print the version of mdevctl this program is compatible with");
        }
}

int complete_print(const struct root *root, char *const words[])
{
        _cleanup_candidates_ struct candidates candidates = {.root = root, .prefix = ""};
        const char *const program = words[0];

        if (!program || !*++words)
                return EXIT_SUCCESS;
        for (char *const *word = words; *word; word++)
                candidates.word = *word;

        if (ends_with(program, "lsmdev"))
                candidates.command = &command_list;
        else if (!words[1]) {
                add_commands(&candidates, true);
                return EXIT_SUCCESS;
        } else if (strcmp(words[0], "help") == 0) {
                if (!words[2])
                        add_commands(&candidates, false);
                return EXIT_SUCCESS;
        } else {
                for (const struct command *const *command = all_commands; *command; command++)
                        if (strcmp((*command)->name, words[0]) == 0)
                                candidates.command = *command;
                words++;
        }
        return !candidates.command || add_words(&candidates, words) ? EXIT_SUCCESS : COMPLETE_FILES;
}
