/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A plan as lines for people and as JSON for programs
 */

#include "plan.h"

/* Prints one line per change to stdout, and indented lines for what a modification changes. Control
 * characters are escaped. */
void plan_print(const struct plan *plan);

/* Makes the JSON of a change. The caller frees it before the plan. NULL without memory. */
cJSON *plan_change_to_json(const struct plan_change *change);
