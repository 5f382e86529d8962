/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reads the stored definitions that a plan compares. Every function here reports its errors. */

#include "plan.h"
#include "root.h"

/* Reads all definitions under the parents of a document. A file that is not a definition is read as
 * unreadable; what a user without privileges must not read is an error, because it is unknown. The caller
 * frees *ret with plan_state_done(). */
int plan_load_state(const struct root *root, const struct document *document, struct plan_state *ret);

/* True if the definition that a change replaces or removes is still as it was. */
bool plan_change_is_current(const struct root *root, const struct plan_change *change);
