/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "report.h"
#include "uuid.h"

const struct option_name option_names[OPTION_COUNT] = {
        [OPTION_UUID] = {"uuid", 'u', "UUID"},
        [OPTION_PARENT] = {"parent", 'p', "PARENT"},
        [OPTION_TYPE] = {"type", 't', "TYPE"},
        [OPTION_JSONFILE] = {"jsonfile", '\0', "FILE"},
        [OPTION_ADDATTR] = {"addattr", '\0', "NAME"},
        [OPTION_DELATTR] = {"delattr", '\0', NULL},
        [OPTION_INDEX] = {"index", 'i', "INDEX"},
        [OPTION_VALUE] = {"value", '\0', "VALUE"},
        [OPTION_AUTO] = {"auto", 'a', NULL},
        [OPTION_MANUAL] = {"manual", 'm', NULL},
        [OPTION_LIVE] = {"live", 'l', NULL},
        [OPTION_DEFINED] = {"defined", 'd', NULL},
        [OPTION_FORCE] = {"force", 'f', NULL},
        [OPTION_DUMPJSON] = {"dumpjson", '\0', NULL},
        [OPTION_DUMPXML] = {"dumpxml", '\0', NULL},
        [OPTION_QEMU] = {"qemu", '\0', NULL},
        [OPTION_VERBOSE] = {"verbose", 'v', NULL},
        [OPTION_DRY_RUN] = {"dry-run", '\0', NULL},
        [OPTION_PRUNE] = {"prune", '\0', NULL},
        [OPTION_JSON] = {"json", '\0', NULL},
        [OPTION_BUS] = {"bus", 'b', "BUS"},
        [OPTION_NOW] = {"now", '\0', NULL},
        [OPTION_NOSAVE] = {"nosave", '\0', NULL},
        [OPTION_ALL] = {"all", '\0', NULL},
        [OPTION_HELP] = {"help", 'h', NULL},
        [OPTION_VERSION] = {"version", 'V', NULL},
};

bool arguments_have(const struct arguments *arguments, enum option option)
{
        return arguments->given & OPTION_BIT(option);
}

static bool command_takes(const struct command *command, enum option option)
{
        const struct option_use *use = command->options;

        while (use->option != OPTION_COUNT && use->option != option)
                use++;
        return use->option == option;
}

enum option option_find_by_name(const struct command *command, const char *name, size_t length)
{
        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (strlen(option_names[o].name) == length &&
                        memcmp(option_names[o].name, name, length) == 0 && command_takes(command, o))
                        return o;
        return OPTION_COUNT;
}

enum option option_find_by_letter(const struct command *command, char letter)
{
        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (option_names[o].letter == letter && command_takes(command, o))
                        return o;
        return OPTION_COUNT;
}

static int parse_index(const char *value, uint32_t *ret)
{
        const char *digits = value[0] == '+' ? value + 1 : value;
        unsigned long long number;

        errno = 0;
        number = strtoull(digits, NULL, 10);
        if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0' || errno != 0 ||
                number > UINT32_MAX)
                return report_usage("--index: \"%s\" is not a number from 0 to %u", value, UINT32_MAX);
        *ret = (uint32_t) number;
        return 0;
}

/* Stores one option. A NULL value is missing. */
static int take(enum option option, const char *value, struct arguments *ret)
{
        const struct option_name *name = &option_names[option];

        if (arguments_have(ret, option))
                return report_usage("--%s is given more than once", name->name);
        ret->given |= OPTION_BIT(option);
        ret->values[option] = value;
        if (!name->value)
                return PARSED_COMMAND;
        if (!value)
                return report_usage("--%s needs a value: --%s=%s", name->name, name->name, name->value);

        if (option == OPTION_UUID && uuid_parse(value, ret->uuid) < 0)
                return report_usage("--uuid: \"%s\" is not a UUID", value);
        if (option == OPTION_INDEX)
                return parse_index(value, &ret->index);
        return PARSED_COMMAND;
}

/* Returns the next word and advances to it if it can be a value. */
static const char *next_value(char *const **word)
{
        const char *next = (*word)[1];

        if (!next || (next[0] == '-' && next[1] != '\0'))
                return NULL;
        ++*word;
        return next;
}

static int parse_long(const struct command *command, char *const **word, struct arguments *ret)
{
        const char *name = **word + 2;
        size_t length = strcspn(name, "=");
        const char *value = name[length] == '=' ? name + length + 1 : NULL;
        enum option option = option_find_by_name(command, name, length);

        if (option == OPTION_COUNT)
                return report_usage("there is no option --%.*s here", (int) length, name);
        if (value && !option_names[option].value)
                return report_usage("--%s takes no value", option_names[option].name);
        if (option == OPTION_HELP)
                return PARSED_LONG_HELP;
        if (option == OPTION_VERSION)
                return PARSED_VERSION;
        return take(option, option_names[option].value && !value ? next_value(word) : value, ret);
}

static int parse_letters(const struct command *command, char *const **word, struct arguments *ret)
{
        for (const char *p = **word + 1; *p; p++) {
                enum option option = option_find_by_letter(command, *p);
                int r;

                if (option == OPTION_COUNT)
                        return report_usage("there is no option -%c here", *p);
                if (option == OPTION_HELP)
                        return PARSED_HELP;
                if (option == OPTION_VERSION)
                        return PARSED_VERSION;
                if (option_names[option].value) {
                        const char *value = p[1] == '=' ? p + 2 : p + 1;

                        return take(option, p[1] == '\0' ? next_value(word) : value, ret);
                }
                r = take(option, NULL, ret);
                if (r != PARSED_COMMAND)
                        return r;
        }
        return PARSED_COMMAND;
}

static int take_operand(const struct command *command, const char *word, struct arguments *ret)
{
        if (command->operand && !ret->operand) {
                ret->operand = word;
                return PARSED_COMMAND;
        }
        for (unsigned int i = 0; command->operand && i < command->more; i++)
                if (!ret->more[i]) {
                        ret->more[i] = word;
                        return PARSED_COMMAND;
                }
        return report_usage("unexpected argument \"%s\"", word);
}

static int check_conflicts(const struct command *command, const struct arguments *arguments)
{
        const struct option_rule *rule = command->conflicts;

        for (; rule && rule->option != OPTION_COUNT; rule++)
                for (enum option o = 0; o < OPTION_COUNT; o++)
                        if (arguments_have(arguments, rule->option) && arguments_have(arguments, o) &&
                                rule->others & OPTION_BIT(o))
                                return report_usage("--%s and --%s cannot be used together",
                                        option_names[rule->option].name, option_names[o].name);
        return PARSED_COMMAND;
}

static const struct operation *operation_find(const struct command *command, const char *name)
{
        const struct operation *operation = command->operations;

        while (operation && operation->name && (!name || strcmp(operation->name, name) != 0))
                operation++;
        return operation && operation->name ? operation : NULL;
}

static bool operation_takes(const struct operation *operation, enum option option)
{
        return option == OPTION_HELP || operation->options & OPTION_BIT(option);
}

static int check_operation(const struct command *command, const struct arguments *arguments)
{
        const struct operation *operation = operation_find(command, arguments->operand);

        if (!command->operations)
                return PARSED_COMMAND;
        if (!operation)
                return report_usage("\"%s\" is not %s", arguments->operand, command->operand);
        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (arguments_have(arguments, o) && !operation_takes(operation, o))
                        return report_usage("mdevctl %s %s has no option --%s", command->name,
                                operation->name, option_names[o].name);
        return PARSED_COMMAND;
}

bool option_is_excluded(const struct command *command, const struct arguments *arguments, enum option option)
{
        const struct operation *operation = operation_find(command, arguments->operand);
        const struct option_rule *rule = command->conflicts;

        if (operation && !operation_takes(operation, option))
                return true;
        for (; rule && rule->option != OPTION_COUNT; rule++)
                if ((rule->option == option && rule->others & arguments->given) ||
                        (rule->others & OPTION_BIT(option) && arguments_have(arguments, rule->option)))
                        return true;
        return false;
}

/* An excluded option does not count as missing; the command itself reports that case. */
static int check_needs(const struct command *command, const struct arguments *arguments)
{
        const struct option_rule *rule = command->needs;

        for (; rule && rule->option != OPTION_COUNT; rule++)
                for (enum option o = 0; o < OPTION_COUNT; o++)
                        if (arguments_have(arguments, rule->option) && !arguments_have(arguments, o) &&
                                rule->others & OPTION_BIT(o) && !option_is_excluded(command, arguments, o))
                                return report_usage("--%s needs --%s, too", option_names[rule->option].name,
                                        option_names[o].name);
        return PARSED_COMMAND;
}

static int check_required(const struct command *command, const struct arguments *arguments)
{
        char list[256] = "";

        if (command->operand && !arguments->operand)
                return report_usage("%s is missing", command->operand);
        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (command->all_of & OPTION_BIT(o) && !arguments_have(arguments, o))
                        return report_usage("--%s is missing", option_names[o].name);
        if (!command->any_of || command->any_of & arguments->given)
                return PARSED_COMMAND;

        for (enum option o = 0; o < OPTION_COUNT; o++)
                if (command->any_of & OPTION_BIT(o)) {
                        strcat(list, list[0] ? ", --" : "--");
                        strcat(list, option_names[o].name);
                }
        return report_usage("one of these options is missing: %s", list);
}

int options_parse(const struct command *command, char *const words[], struct arguments *ret)
{
        bool only_operands = false;
        int r;

        *ret = (struct arguments){};
        for (char *const *word = words; *word; word++) {
                if (only_operands || (*word)[0] != '-' || (*word)[1] == '\0')
                        r = take_operand(command, *word, ret);
                else if (strcmp(*word, "--") == 0) {
                        only_operands = true;
                        continue;
                } else if ((*word)[1] == '-')
                        r = parse_long(command, &word, ret);
                else
                        r = parse_letters(command, &word, ret);
                if (r != PARSED_COMMAND)
                        return r;
        }

        r = check_conflicts(command, ret);
        if (r == PARSED_COMMAND)
                r = check_needs(command, ret);
        if (r == PARSED_COMMAND)
                r = check_required(command, ret);
        return r == PARSED_COMMAND ? check_operation(command, ret) : r;
}
