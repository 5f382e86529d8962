/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The forms in which mdevctl status prints a survey. */

#include "survey.h"

/* Prints one JSON document. Reports its errors. */
int status_print_json(const struct root *root, const struct survey *survey);

/* Prints parents and their devices, one line each and the reasons of failures below. Reports its errors. */
int status_print_tree(const struct root *root, const struct survey *survey);

/* Prints all that is known of each device. Reports its errors. */
int status_print_details(const struct root *root, const struct survey *survey);
