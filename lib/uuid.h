/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * UUIDs as people write them
 *
 * The kernel and the names of definitions know one form, see uuid_is_canonical().
 * Command lines may use others: without hyphens, in braces, with "urn:uuid:" in
 * front, in upper case.
 */

#include "name.h"

/* Brings a UUID into its canonical form. -EINVAL if the text is none. */
int uuid_parse(const char *text, char ret[static UUID_LENGTH + 1]);

/* Makes a random one (version 4), or says what getrandom(2) says. */
int uuid_generate(char ret[static UUID_LENGTH + 1]);
