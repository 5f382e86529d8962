/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One attempt to create a device: it asks the parent for the device and writes
 * the attributes. It enters the sandbox, so call it through sandbox_run().
 */

#include "definition.h"
#include "env.h"
#include "note.h"

/* Creates the device of a definition on the parent in the note, and updates the note at each step. Returns
 * an exit status and logs any failure; -ENODEV, also logged, if the parent or the device is gone; -EINTR if
 * the start is cancelled; -EEXIST if somebody else has created the device. */
int creation_run(
        const struct env *env, const char *uuid, struct note *note, const struct definition *definition);
