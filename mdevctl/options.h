/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line
 *
 * Options may stand anywhere behind the command. A value follows its option as
 * the next word, or after "=", or, for an option of one letter, directly; as
 * a word of its own it may not begin with "-". Letters without a value may be
 * put together. Names of options are not abbreviated and no option may be
 * given twice.
 */

#include <stdint.h>

#include "env.h"
#include "name.h"

enum option {
        OPTION_UUID,
        OPTION_PARENT,
        OPTION_TYPE,
        OPTION_JSONFILE,
        OPTION_ADDATTR,
        OPTION_DELATTR,
        OPTION_INDEX,
        OPTION_VALUE,
        OPTION_AUTO,
        OPTION_MANUAL,
        OPTION_LIVE,
        OPTION_DEFINED,
        OPTION_FORCE,
        OPTION_DUMPJSON,
        OPTION_VERBOSE,
        OPTION_HELP,
        OPTION_VERSION,
        OPTION_COUNT,
};

#define OPTION_BIT(option) (1u << (option))

struct option_name {
        const char *name;
        char letter;       /* '\0' if there is none */
        const char *value; /* what the value is called in texts, NULL for a flag */
};
extern const struct option_name option_names[OPTION_COUNT];

/* What was given. */
struct arguments {
        unsigned int given; /* bits of options */
        const char *values[OPTION_COUNT];
        const char *operand;
        char uuid[UUID_LENGTH + 1]; /* canonical, empty if not given */
        uint32_t index;
};

/* An option as one command takes it. */
struct option_use {
        enum option option;
        const char *text; /* for the help */
};

/* What other options mean for one: they must not be there, or must. */
struct option_rule {
        enum option option;
        unsigned int others;
};

struct command {
        const char *name;
        const char *summary;              /* NULL hides the command from the list of commands */
        const char *details;              /* for the long help, NULL if the summary says it all */
        const char *usage;                /* what follows "mdevctl <name> " */
        const char *operand;              /* the name of the one operand that must be given, NULL for none */
        const struct option_use *options; /* ends with OPTION_COUNT */
        unsigned int all_of, any_of;      /* of these all, at least one must be given */
        const struct option_rule *conflicts, *needs; /* end with OPTION_COUNT, NULL for none */
        int (*run)(const struct env *env, const struct arguments *arguments);
};

/* True if the option was given. */
bool arguments_have(const struct arguments *arguments, enum option option);

enum parsed {
        PARSED_COMMAND, /* go on with *ret */
        PARSED_HELP,
        PARSED_LONG_HELP,
        PARSED_VERSION,
};

/* Parses the words behind the command. Returns one of the above, or -EINVAL after a message; how
 * to use the command is left to the caller. Help wins over everything that follows it. */
int options_parse(const struct command *command, char *const words[], struct arguments *ret);
