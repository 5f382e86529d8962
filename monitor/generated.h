/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Compares the generator's output at the last reload with its output now
 */

#include <stdint.h>

#include "root.h"

/* Sets *ret_now to a digest of the output that the generator would write now, and *ret_then to a digest of
 * its output at systemd's last reload. The two are equal exactly if a reload would change nothing. Returns a
 * negative errno on failure. */
int generated_compare(const struct root *root, uint64_t *ret_now, uint64_t *ret_then);

/* Returns the digest of the output at systemd's last reload alone. */
uint64_t generated_at_reload(const struct root *root);
