/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One attempt to create a device: it asks the parent for the device and writes
 * the attributes. It enters the sandbox, so call it through sandbox_run().
 */

#include "definition.h"
#include "note.h"
#include "root.h"

/* Creates the device of a definition on the parent in the note, and updates the note at each step. Logs any
 * failure but two: -EINTR if the start is cancelled, -EEXIST if somebody else has created the device.
 * Returns 0, or -ENODEV if the parent or the device is gone, -EOPNOTSUPP if the parent refuses, -EREMOTEIO
 * if the driver refuses an attribute, -EROFS if the note cannot be written. */
int creation_run(
        const struct root *root, const char *uuid, struct note *note, const struct definition *definition);
