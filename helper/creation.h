/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One attempt to make a device: the parent is asked for it, the attributes are
 * written. It enters the sandbox, so it is run by sandbox_run().
 */

#include "definition.h"
#include "env.h"
#include "note.h"

/* Makes the device of a definition on the parent in the note, and keeps the note up to date at each step.
 * Returns an exit status and has logged why it is not success; or -EINTR if the start was cancelled, -ENODEV
 * if the parent or the device is gone, which is logged as well, -EEXIST if somebody else has made the
 * device. */
int creation_run(
        const struct env *env, const char *uuid, struct note *note, const struct definition *definition);
