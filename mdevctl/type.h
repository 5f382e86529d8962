/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The types of a parent, as its driver describes them in sysfs
 *
 * Drivers write what they like. Values are made valid UTF-8 and lose the white
 * space around them.
 */

#include <stddef.h>

/* A sysfs file has at most one page, and each byte may be replaced by three. */
#define TYPE_PAGE_SIZE 4096
#define TYPE_VALUE_SIZE (3 * TYPE_PAGE_SIZE + 1)

/* The files of one type. An error is a negative errno of reading the file. */
struct type {
        int available_error, api_error, name_error, description_error;
        long available;                        /* -EBADMSG if it is not a number */
        char available_text[32];               /* as the file has it */
        char api[256], name[256];              /* empty on error */
        char description[2 * TYPE_VALUE_SIZE]; /* its lines joined with ", " */
};

/* Reads the type whose directory is open at fd. Not every driver provides name and description. */
void type_read(int fd, struct type *ret);

/* Lists the names of a parent's types in the order of strcmp(3). Returns their number; the caller frees the
 * array with type_names_free(). */
int type_list(int types_fd, char ***ret);

/* Frees an array of names, which ends with NULL. */
void type_names_free(char ***names);

#define _cleanup_type_names_ __attribute__((cleanup(type_names_free)))
