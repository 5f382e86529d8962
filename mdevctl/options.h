/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line
 *
 * Options may stand anywhere after the command. A value is the next word, or
 * follows "=", or follows a one-letter option directly; a value in its own word
 * cannot begin with "-". One-letter flags can be combined. Option names cannot
 * be abbreviated, and each option can be given only once.
 */

#include <stdint.h>

#include "name.h"
#include "root.h"

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
        OPTION_DUMPXML,
        OPTION_QEMU,
        OPTION_VERBOSE,
        OPTION_DRY_RUN,
        OPTION_PRUNE,
        OPTION_JSON,
        OPTION_BUS,
        OPTION_NOW,
        OPTION_NOSAVE,
        OPTION_ALL,
        OPTION_HELP,
        OPTION_VERSION,
        OPTION_COUNT,
};

#define OPTION_BIT(option) (1u << (option))

struct option_name {
        const char *name;
        char letter;       /* '\0' for none */
        const char *value; /* the name of the value in texts, NULL for a flag */
};
extern const struct option_name option_names[OPTION_COUNT];

/* The parsed command line. The strings are borrowed from it. */
struct arguments {
        unsigned int given; /* bits of options */
        const char *values[OPTION_COUNT];
        const char *operand;
        const char *more[2];        /* what follows the operand, from the first one on; NULL if not given */
        char uuid[UUID_LENGTH + 1]; /* canonical, empty if not given */
        uint32_t index;
};

/* An option as one command takes it. */
struct option_use {
        enum option option;
        const char *text; /* for the help */
};

/* The other options that one option excludes or needs. */
struct option_rule {
        enum option option;
        unsigned int others;
};

/* What one operation of a command takes of its options, besides --help. */
struct operation {
        const char *name;
        unsigned int options; /* bits */
};

struct command {
        const char *name;
        const char *summary;                /* NULL hides the command from the list of commands */
        const char *details;                /* for the long help, NULL for none */
        const char *usage;                  /* the text after "mdevctl <name> " */
        const char *operand;                /* the name of the one mandatory operand, NULL for none */
        const struct operation *operations; /* one of which the operand is; ends with a NULL name; or NULL */
        unsigned int more;                  /* how many operands may follow it */
        const struct option_use *options;   /* ends with OPTION_COUNT */
        unsigned int all_of, any_of;        /* required: all of these, at least one of these */
        const struct option_rule *conflicts, *needs; /* end with OPTION_COUNT, NULL for none */
        /* Returns a negative errno after an error; else the command has succeeded, or the result is the exit
         * status if has_status is set. */
        int (*run)(const struct root *root, const struct arguments *arguments);
        bool has_status;
};

/* True if the option was given. */
bool arguments_have(const struct arguments *arguments, enum option option);

/* Finds an option that the command takes, by length bytes of its name or by its letter. OPTION_COUNT if it
 * takes none of that name. */
enum option option_find_by_name(const struct command *command, const char *name, size_t length);
enum option option_find_by_letter(const struct command *command, char letter);

/* True if the given options, or the operation that is given, exclude an option. */
bool option_is_excluded(
        const struct command *command, const struct arguments *arguments, enum option option);

enum parsed {
        PARSED_COMMAND, /* *ret is valid */
        PARSED_HELP,
        PARSED_LONG_HELP,
        PARSED_VERSION,
};

/* Parses the words after the command. Returns one of the above, or -EINVAL after a message; the caller
 * prints the usage. Help takes precedence over everything that follows it. */
int options_parse(const struct command *command, char *const words[], struct arguments *ret);
