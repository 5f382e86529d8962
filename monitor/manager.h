/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The monitor's requests to systemd. On failure, each function that returns int
 * returns a negative errno.
 *
 * Each batch of requests opens a connection of its own and closes it. systemd
 * sends every change of every unit to each client of its private socket, so an
 * open connection would slow down all units of the host.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "table.h"

/* Connects to systemd's private socket, which exists before D-Bus runs. The caller closes *ret, see
 * _cleanup_bus_. */
int manager_open(sd_bus **ret);

/* Sets ret[0] to ret[n - 1] to the states of the units of n UUIDs, in the same order, with one call. */
int manager_get_units(sd_bus *bus, const char *const *uuids, size_t n, enum unit_fact *ret);

/* Calls a function with the UUID of every unit of a device that systemd has loaded. */
int manager_for_each_unit(sd_bus *bus, void (*function)(void *userdata, const char *uuid), void *userdata);

/* Calls a method of systemd's manager that takes a unit and a mode: StartUnit, StopUnit, TryRestartUnit.
 * Does not wait for the job. */
int manager_request(sd_bus *bus, const char *method, const char *unit, const char *mode);

/* Returns true if a unit is active, and false also if systemd does not answer. */
bool manager_unit_is_active(sd_bus *bus, const char *unit);

/* Returns when the unit last became active, CLOCK_MONOTONIC in microseconds; 0 if never, and on errors. */
uint64_t manager_unit_get_active_since(sd_bus *bus, const char *unit);

/* Returns true if systemd has seen the parent leave since it last began to start the unit. */
bool manager_unit_has_lost_parent(sd_bus *bus, const char *uuid, const char *parent);

/* Calls a function with each active device unit of each parent and its path in sysfs. A parent has two such
 * units, one for each alias. */
int manager_for_each_parent(
        sd_bus *bus, void (*function)(void *userdata, const char *unit, const char *path), void *userdata);

/* Reloads systemd, and waits until it has finished. */
int manager_reload(sd_bus *bus);

/* Returns true until the jobs of the boot have ended. */
bool manager_is_booting(sd_bus *bus);

#define _cleanup_bus_ __attribute__((cleanup(sd_bus_flush_close_unrefp)))
