/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the generator has written, against what it would write now
 */

#include <stdint.h>

#include "env.h"

/* Sets *ret_now to a digest of what the generator would write for the definitions as they are, and *ret_then
 * to one of what systemd's last reload made it write. Both are equal exactly if a reload would change
 * nothing. */
int generated_compare(const struct env *env, uint64_t *ret_now, uint64_t *ret_then);
