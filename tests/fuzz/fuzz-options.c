/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command line of mdevctl
 *
 * The input is a command line, one word per line. It goes to the parser of
 * every command: what that accepts keeps the command's own rules, and means the
 * same when it is spelled out or turned round. And it goes to main(), with a
 * root that no command starts with, so that nothing is ever done: help is on
 * stdout only, a complaint on stderr only, and the exit status fits.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "commands.h"
#include "fuzz.h"
#include "uuid.h"

#define WORDS_MAX 64
#define SPELLED_MAX (OPTION_COUNT + 3)

int mdevctl_main(int argc, char *argv[]);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void) argc;
        (void) argv;
        REQUIRE(setenv("MDEVCTL_ENV_ROOT", "not/absolute", true) == 0, "%m");
        return 0;
}

/* Cuts a text into words. Returns their number; a NULL follows. */
static int words_of(char *text, char *ret[static WORDS_MAX + 1])
{
        int n = 0;

        while (text && n < WORDS_MAX)
                ret[n++] = strsep(&text, "\n");
        ret[n] = NULL;
        return n;
}

static bool command_takes(const struct command *command, enum option option)
{
        for (const struct option_use *use = command->options; use->option != OPTION_COUNT; use++)
                if (use->option == option)
                        return true;
        return false;
}

static bool is_in_words(const char *value, char *const words[])
{
        for (; *words; words++)
                if (value >= *words && value <= *words + strlen(*words))
                        return true;
        return false;
}

static void check_values(
        const struct command *command, char *const words[], const struct arguments *arguments)
{
        char uuid[UUID_LENGTH + 1];

        for (enum option o = 0; o < OPTION_COUNT; o++) {
                const char *value = arguments->values[o];

                if (!arguments_have(arguments, o)) {
                        REQUIRE(!value, "--%s is not given and has a value", option_names[o].name);
                        continue;
                }
                REQUIRE(command_takes(command, o), "%s took --%s", command->name, option_names[o].name);
                REQUIRE(!value == !option_names[o].value, "--%s and its value", option_names[o].name);
                REQUIRE(!value || is_in_words(value, words), "--%s: from nowhere", option_names[o].name);
        }
        REQUIRE(!arguments->operand == !command->operand, "%s: the operand", command->name);
        REQUIRE(!arguments->operand || is_in_words(arguments->operand, words), "operand from nowhere");

        REQUIRE(arguments_have(arguments, OPTION_UUID) == (arguments->uuid[0] != '\0'), "UUID");
        if (arguments->uuid[0])
                REQUIRE(uuid_parse(arguments->values[OPTION_UUID], uuid) == 0 &&
                                strcmp(uuid, arguments->uuid) == 0,
                        "the UUID %s", arguments->uuid);
        if (arguments_have(arguments, OPTION_INDEX))
                REQUIRE(strtoull(arguments->values[OPTION_INDEX], NULL, 10) == arguments->index, "--index");
}

static void check_rules(const struct command *command, const struct arguments *arguments)
{
        const struct option_rule *rule;

        REQUIRE((command->all_of & ~arguments->given) == 0, "%s without what it needs", command->name);
        REQUIRE(!command->any_of || command->any_of & arguments->given, "%s with nothing", command->name);
        for (rule = command->conflicts; rule && rule->option != OPTION_COUNT; rule++)
                REQUIRE(!arguments_have(arguments, rule->option) || !(rule->others & arguments->given),
                        "%s: a conflict with --%s", command->name, option_names[rule->option].name);
}

static bool same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static void require_same(const struct arguments *a, const struct arguments *b)
{
        REQUIRE(a->given == b->given && a->index == b->index, "other options: %x, %x", a->given, b->given);
        REQUIRE(strcmp(a->uuid, b->uuid) == 0 && same_text(a->operand, b->operand),
                "another UUID or operand");
        for (enum option o = 0; o < OPTION_COUNT; o++)
                REQUIRE(same_text(a->values[o], b->values[o]), "another --%s", option_names[o].name);
}

static void require_spelled(const struct command *command, char *const words[],
        const struct arguments *arguments, const char *how)
{
        struct arguments again;

        REQUIRE(options_parse(command, words, &again) == PARSED_COMMAND, "refused when %s", how);
        require_same(&again, arguments);
}

/* Spells out what was understood: as --option=value, in one order and in the other, and as letters. */
static void check_spelled(const struct command *command, const struct arguments *arguments)
{
        char *forwards[SPELLED_MAX], *backwards[SPELLED_MAX], *letters[SPELLED_MAX];
        _cleanup_free_ char *operand = arguments->operand ? strdup(arguments->operand) : NULL;
        char end[] = "--";
        size_t n = 0, i;

        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (arguments_have(arguments, o)) {
                        const struct option_name *option = &option_names[o];
                        const char *value = arguments->values[o] ? arguments->values[o] : "";
                        const bool has_letter =
                                option->letter && value[0] != '=' && !option->value == !value[0];

                        REQUIRE(asprintf(&forwards[n], "--%s%s%s", option->name, option->value ? "=" : "",
                                        value) > 0,
                                "%m");
                        REQUIRE((has_letter ? asprintf(&letters[n], "-%c%s", option->letter, value)
                                            : asprintf(&letters[n], "%s", forwards[n])) > 0,
                                "%m");
                        n++;
                }
        for (i = 0; i < n; i++)
                backwards[i] = forwards[n - 1 - i];
        if (operand) {
                forwards[i] = backwards[i] = letters[i] = end;
                i++;
                forwards[i] = backwards[i] = letters[i] = operand;
                i++;
        }
        forwards[i] = backwards[i] = letters[i] = NULL;

        require_spelled(command, forwards, arguments, "spelled out");
        require_spelled(command, backwards, arguments, "turned round");
        require_spelled(command, letters, arguments, "made of letters");
        for (i = 0; i < n; i++) {
                free(forwards[i]);
                free(letters[i]);
        }
}

static void check_command(const struct command *command, char *const words[])
{
        struct arguments arguments;
        const char *message;
        int r;

        fuzz_capture(STDERR_FILENO);
        r = options_parse(command, words, &arguments);
        message = fuzz_captured(STDERR_FILENO);
        fuzz_check_message(message, "error: ");
        REQUIRE((r == -EINVAL) == (message[0] != '\0'), "%d and \"%s\"", r, message);
        REQUIRE(r == -EINVAL || (r >= PARSED_COMMAND && r <= PARSED_VERSION), "%d", r);
        if (r != PARSED_COMMAND)
                return;
        check_values(command, words, &arguments);
        check_rules(command, &arguments);
        check_spelled(command, &arguments);
}

static void check_main(int argc, char *argv[])
{
        const char *output, *message;
        int status;

        fuzz_capture(STDOUT_FILENO);
        fuzz_capture(STDERR_FILENO);
        status = mdevctl_main(argc, argv);
        message = fuzz_captured(STDERR_FILENO);
        output = fuzz_captured(STDOUT_FILENO);
        switch (status) {
        case 0:
                REQUIRE(output[0] && !message[0], "help: \"%s\", \"%s\"", output, message);
                break;
        case 1:
                REQUIRE(!output[0] && strstr(message, "MDEVCTL_ENV_ROOT"), "\"%s\", \"%s\"", output,
                        message);
                break;
        case 2:
                REQUIRE(!output[0] && strstr(message, "Usage: "), "\"%s\", \"%s\"", output, message);
                break;
        default:
                REQUIRE(false, "exit status %d", status);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = fuzz_text(data, size), *copy = fuzz_text(data, size);
        char *argv[WORDS_MAX + 1], *kept[WORDS_MAX + 1];
        const int argc = words_of(text, argv);
        const int before = strcmp(argv[0], "lsmdev") == 0 ? 1 : 2; /* what stands before the options */

        (void) words_of(copy, kept);
        for (const struct command *const *command = all_commands; *command; command++)
                check_command(*command, argv + (argc < before ? argc : before));
        check_main(argc, argv);
        for (int i = 0; i < argc; i++)
                REQUIRE(strcmp(argv[i], kept[i]) == 0, "word %d was changed to %s", i, argv[i]);
        return 0;
}
