/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Definitions that change
 *
 * systemd reads definitions, by mdev-generator, when it reloads. Whatever may
 * have changed them, directories and mounts, leads to one comparison of what
 * the generator would write with what it has written. If they differ, systemd
 * reloads.
 */

#include <systemd/sd-event.h>

#include "env.h"

struct definitions;

/* Begins to watch. The first comparison comes at once: before this, changes were not seen. */
int definitions_watch(struct definitions **ret, const struct env *env, sd_event *event);

/* Ends the watch. */
void definitions_unwatch(struct definitions *definitions);

/* Compares as soon as nothing more changes. */
void definitions_hint(struct definitions *definitions);

/* Compares once and reloads systemd if needed. During the boot, it then starts what the parents want that
 * are there: systemd acts upon such a want only when the parent comes. Returns an error if systemd did not
 * reload. Keeps in *applied for which state systemd was reloaded, 0 at first. */
int definitions_apply(const struct env *env, uint64_t *applied);
