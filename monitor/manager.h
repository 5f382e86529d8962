/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the monitor asks of systemd
 *
 * Each batch of requests opens a connection of its own and closes it. systemd
 * sends every change of every unit to whoever has its private socket open, and
 * that would cost all units of the host.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "table.h"

/* Connects to systemd's private socket: it is there before D-Bus is. */
int manager_open(sd_bus **ret);

/* Looks at n units of devices, in the order of their UUIDs, with one call. */
int manager_get_units(sd_bus *bus, const char *const *uuids, size_t n, enum unit_fact *ret);

/* Calls a function with the UUID of every unit of a device that systemd has loaded. */
int manager_for_each_unit(sd_bus *bus, void (*function)(void *userdata, const char *uuid), void *userdata);

/* Calls a method of systemd's manager that takes a unit and a mode: StartUnit, StopUnit, TryRestartUnit.
 * Does not wait for the job. */
int manager_request(sd_bus *bus, const char *method, const char *unit, const char *mode);

/* True if systemd has seen the parent leave since it last began to start the unit. */
bool manager_unit_has_lost_parent(sd_bus *bus, const char *uuid, const char *parent);

/* Calls a function with each active device unit of a parent, under both its names, and its path in sysfs. */
int manager_for_each_parent(
        sd_bus *bus, void (*function)(void *userdata, const char *unit, const char *path), void *userdata);

/* Makes systemd read its units again, and waits for it. */
int manager_reload(sd_bus *bus);

/* True until the boot's jobs have ended. */
bool manager_is_booting(sd_bus *bus);

#define _cleanup_bus_ __attribute__((cleanup(sd_bus_flush_close_unrefp)))
