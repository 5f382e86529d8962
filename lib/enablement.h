/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What makes a unit start with its parent
 *
 * A link in <parent>.device.wants/: the generator makes it for a definition
 * with "start": "auto", systemctl enable for any other.
 */

#include <stdbool.h>

#include "env.h"

/* True if an administrator has enabled the unit of a definition. */
bool unit_is_enabled(const struct env *env, const char *parent, const char *uuid);

/* True if the unit starts with its parent, for whichever reason. */
bool unit_is_wanted(const struct env *env, const char *parent, const char *uuid);

/* Takes back what systemctl enable has done for the unit of a definition. No enablement is no
 * error; systemd notices at its next reload. */
int unit_disable(const struct env *env, const char *parent, const char *uuid);
