/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From definitions to units
 *
 * mdev-generator runs this for systemd, and mdev-monitor to see whether the
 * result would be another one than at the last reload.
 */

#include "env.h"

/* Writes drop-ins and links for all definitions into the two directories. Logs and skips a definition that
 * cannot be used. Returns the first error of what could not be read or written, but only at the end. */
int definitions_generate(const struct env *env, const char *normal, const char *early);
