/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the helpers have in common: mdev-helper, mdev-driver-helper and vgpu-helper
 *
 * Units run them; users run systemctl instead. One process performs one operation on
 * one device and exits. Starting the process is most of its cost, so each is a small
 * program of its own and links few libraries.
 */

#include "root.h"

/* Calls run with the command line and makes the exit status from what it returns: 0 or a negative errno,
 * after a message. mdev-helper(8) lists the statuses. */
int program_main(const char *name, int (*run)(const struct root *root, int argc, char *argv[]), int argc,
        char *argv[]);

/* Logs that the program knows no such operation. Returns -EINVAL. */
int program_unknown_operation(const char *operation);
