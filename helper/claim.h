/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Claims
 *
 * A claim is what a unit holds of a device that exists without it: its driver, or its type as a vGPU. The
 * note says what to give back.
 */

#include "note.h"

struct claim {
        const char *name; /* of the note */
        uint64_t device;  /* inode of the device, 0 if it is gone */
        /* Gives it back, logs the outcome and forgets the claim. -EBUSY if the device is in use. */
        int (*give_back)(const struct root *root, const struct claim *claim, struct note *note);
        const void *userdata;
};

/* Removes the note of what nobody has to give back any more. */
void claim_forget(const struct root *root, const char *name);

/* Cleans up after the start and the stop of a unit with a claim. */
int claim_clean_up(const struct root *root, const struct claim *claim, struct note *note);
