/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON as mdevctl reads and writes it, with cJSON
 *
 * Of repeated members the last one counts. cJSON keeps all of them and finds the first,
 * so members are looked up and set here. Arrays and objects are lists: walk through them
 * with cJSON_ArrayForEach(), an index makes a loop quadratic.
 */

#include <cjson/cJSON.h>
#include <stddef.h>

#include "reason.h"

/* Parses size bytes of text, which must be followed by a NUL. On success the caller owns *ret.
 * -EINVAL with a reason if that is not one JSON value, -ENOMEM with a reason. */
int json_parse(const char *text, size_t size, cJSON **ret, struct reason *reason);

/* Finds a member: the last one of that name. NULL if it is missing or null, or if there is no object. */
cJSON *json_member(const cJSON *object, const char *name);

/* Returns the member of an object that has members of one name only, after deleting those that
 * a later one replaces. NULL if it has none or several names, or if it is no object. */
cJSON *json_only_member(cJSON *object);

/* These add an item, which they own from then on even if they fail; NULL stands for one that could
 * not be made. -ENOMEM. json_set() also deletes the members of that name that are there. */
int json_append(cJSON *array, cJSON *item);
int json_add(cJSON *object, const char *name, cJSON *item);
int json_set(cJSON *object, const char *name, cJSON *item);

/* Deletes all members of that name. */
void json_remove(cJSON *object, const char *name);

/* Prints as mdevctl prints to files and to people: two spaces a level, ": ", no newline at the end.
 * The caller frees the text. NULL if there is no memory. cJSON_PrintUnformatted() is the form
 * without any white space, which callout scripts get. */
char *json_print(const cJSON *json);

static inline void json_done(cJSON **json)
{
        cJSON_Delete(*json);
}

#define _cleanup_json_ __attribute__((cleanup(json_done)))
