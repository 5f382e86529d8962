/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON as mdevctl reads and writes it, with cJSON
 *
 * The last of repeated members counts. cJSON keeps all of them and finds the first, so
 * use these functions to find and set members. Arrays and objects are linked lists: walk
 * through them with cJSON_ArrayForEach(), because an index makes a loop quadratic.
 */

#include <cjson/cJSON.h>
#include <stddef.h>

#include "reason.h"

/* Parses size bytes of text; a NUL must follow them. On success the caller owns *ret. -EINVAL with a
 * reason if the text is not exactly one JSON value, -ENOMEM with a reason. */
int json_parse(const char *text, size_t size, cJSON **ret, struct reason *reason);

/* Finds the last member of that name; borrowed. NULL if it is missing or null, or if object is NULL or no
 * object. */
cJSON *json_member(const cJSON *object, const char *name);

/* Returns the only member of an object, after deleting earlier members of the same name. NULL if the
 * object has no member or several names, or if it is no object. */
cJSON *json_only_member(cJSON *object);

/* These add an item and take ownership of it, even on failure. -ENOMEM, also for a NULL item, which the
 * caller failed to make. json_set() also deletes the existing members of that name. */
int json_append(cJSON *array, cJSON *item);
int json_add(cJSON *object, const char *name, cJSON *item);
int json_set(cJSON *object, const char *name, cJSON *item);

/* Deletes all members of that name. */
void json_remove(cJSON *object, const char *name);

/* Prints in mdevctl's format for files and people: two spaces per level, ": ", no newline at the end. The
 * caller frees the text. NULL without memory. Callout scripts get the format without white space; see
 * cJSON_PrintUnformatted(). */
char *json_print(const cJSON *json);

/* Prints the same value with every control character escaped, for output that may reach a terminal. */
char *json_print_escaped(const cJSON *json);

/* Makes a string, with U+FFFD for each byte that is not UTF-8, or null if text is NULL. NULL without memory.
 */
cJSON *json_string(const char *text);

/* Frees a value; for _cleanup_json_. */
static inline void json_done(cJSON **json)
{
        cJSON_Delete(*json);
}

#define _cleanup_json_ __attribute__((cleanup(json_done)))
