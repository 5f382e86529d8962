/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The output that the generator may and must write
 *
 * A second opinion: drop-ins are read back as systemd reads them, line by
 * line, and every value must be the one it was made of, and nothing more.
 */

#include <stdbool.h>

/* Requires of the three directories below out, made from the definitions below root: there is a
 * drop-in for every definition that can be used, and none for anything else; its lines are the
 * expected ones; every link leads to the template, or to /dev/null where nothing starts by itself. */
void check_output(const char *root, const char *out, bool autostart);
