/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What can stand at one place of a command line, from the definitions and sysfs
 *
 * Errors print nothing: a completion has no place for messages.
 */

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

struct candidates {
        const struct root *root;
        const struct command *command;
        struct arguments arguments; /* what precedes the word; an unfinished command line */
        const char *word;           /* the candidates begin with it */
        const char *prefix;         /* of prefix_length bytes, printed before each candidate: "--parent=" */
        size_t prefix_length;
        char **printed;
        size_t n_printed;
};

/* Prints a candidate that begins with the word, once. The description may be NULL. */
void candidates_add(struct candidates *candidates, const char *candidate, const char *description);

/* Prints the writable files of a device and of its driver's directories, except one name. */
void candidates_add_files(struct candidates *candidates, int device_fd, const char *except);

/* Print the functions that are or can be vGPUs, perhaps with their cards; what can follow "vgpu OPERATION";
 * the types and the attributes of the function that the command line has, or of all. */
void candidates_add_vgpus(struct candidates *candidates, bool with_cards);
void candidates_add_vgpu_operands(struct candidates *candidates);
void candidates_add_vgpu_types(struct candidates *candidates);
void candidates_add_vgpu_attributes(struct candidates *candidates);

/* Frees the list of what was printed. */
void candidates_done(struct candidates *candidates);

/* Prints the values of an option. False if they are names of files. */
bool candidates_add_values(struct candidates *candidates, enum option option);

/* Prints the operands that can follow the given ones. False if they are names of files. */
bool candidates_add_operands(struct candidates *candidates);

#define _cleanup_candidates_ __attribute__((cleanup(candidates_done)))
