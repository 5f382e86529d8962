/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The commands, one file each
 *
 * A command gets its command line, checked against its table of options. It
 * returns 0, or a negative errno after an error on stderr. Only the output that
 * the command's manual promises goes to stdout.
 */

#include "options.h"

extern const struct command command_define;
extern const struct command command_undefine;
extern const struct command command_modify;
extern const struct command command_start;
extern const struct command command_stop;
extern const struct command command_list;
extern const struct command command_types;
extern const struct command command_status;
extern const struct command command_check;
extern const struct command command_start_parent_mdevs;
extern const struct command command_apply;
extern const struct command command_hostdev;
extern const struct command command_driver;
extern const struct command command_vgpu;

/* All commands in the order of the help; ends with NULL. */
extern const struct command *const all_commands[];

#define FORCE_TEXT "Go on even if a callout script refuses; only if you know why it does"
#define HELP_TEXT "Print help (-h: a summary, --help: everything)"
