/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "env.h"

/* Enough for the names of all of them, each with a space before it. */
#define GUEST_MANAGERS_SIZE 128

/* Collects the services that start guests at boot and are installed, each with a space before
 * its name. None is an empty string. */
void guest_managers_collect(const struct env *env, char ret[static GUEST_MANAGERS_SIZE]);
