/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changes of definitions
 *
 * systemd runs mdev-generator, which reads the definitions, only when it reloads.
 * After any change of the directories or mounts, the monitor compares the
 * generator's present output with the output of the last reload. If they differ,
 * it reloads systemd.
 */

#include <systemd/sd-event.h>

#include "root.h"

struct definitions;

/* Begins to watch and compares at once, because nobody watched before. Release *ret with
 * definitions_unwatch(). Borrows root and event. Returns a negative errno on failure. */
int definitions_watch(struct definitions **ret, const struct root *root, sd_event *event);

/* Ends the watch and frees it. Accepts NULL. */
void definitions_unwatch(struct definitions *definitions);

/* Schedules a comparison for when no more changes follow. */
void definitions_hint(struct definitions *definitions);

/* Compares once and reloads systemd if needed, after it has announced functions that are newly defined as
 * vGPUs. During the boot, then starts the units that registered parents and such functions want, because
 * systemd acts on such a want only when the parent appears; after the boot, those of parents that appeared
 * since the time changed, CLOCK_MONOTONIC in microseconds, of the first change, or UINT64_MAX. *applied
 * holds what the last reload left; set it to 0 before the first call. If comparing or reloading fails, logs
 * it and returns a negative errno. */
int definitions_apply(const struct root *root, uint64_t changed, uint64_t *applied);

/* During the boot, makes systemd wait for the parents that the kernel has registered but udev has not
 * announced yet, and thereby for the devices that start with them. Logs a failure and returns a negative
 * errno. */
int definitions_await_parents(const struct root *root);
