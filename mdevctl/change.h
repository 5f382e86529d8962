/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changing one stored definition, with the callout scripts
 *
 * Every function here reports its errors.
 */

#include "callout.h"

struct change {
        struct callouts *callouts;
        const char *uuid, *parent;
        bool force; /* go on although a script refuses */
};

/* Writes a definition that scripts are told of as CALLOUT_DEFINE or CALLOUT_MODIFY. With disable, a
 * definition that is manual also loses the links of systemctl enable. The caller holds the lock; it is
 * released before the scripts learn the result, so that they can change definitions, and *lock is then -1.
 */
int change_write(const struct change *change, enum callout_action action,
        const struct definition *definition, bool disable, int *lock);

/* Removes a definition, even an unreadable one, and moves links of systemctl enable to the only remaining
 * definition of the UUID. Takes the lock itself, for the removal only: a script may change other definitions
 * meanwhile. */
int change_undefine(const struct change *change);
