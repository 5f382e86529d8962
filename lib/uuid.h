/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * UUIDs as people write them
 *
 * The kernel and the names of definitions use one form; see uuid_is_canonical().
 * Command lines may use others: upper case, without hyphens, in braces, or with
 * the prefix "urn:uuid:".
 */

#include "name.h"

/* Converts a UUID to its canonical form. -EINVAL if the text is no UUID. */
int uuid_parse(const char *text, char ret[static UUID_LENGTH + 1]);

/* Makes a random UUID (version 4). Returns an error of getrandom(2) on failure. */
int uuid_generate(char ret[static UUID_LENGTH + 1]);
