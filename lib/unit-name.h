/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of units
 *
 * A definition's unit is mdev@<uuid>.service. The instance is the raw UUID, so
 * that people can type it and %i expands to it unchanged. A parent's unit is
 * the device unit of the alias /sys/class/mdev_bus/<parent>, which the udev
 * rules set. Its name depends on the parent's name only, so units can refer to
 * it before the parent exists.
 */

#include <limits.h>
#include <stdbool.h>

#include "uuid.h"

/* The length of the longest unit name that systemd loads, plus a NUL. */
#define UNIT_NAME_SIZE 256

/* Escapes an absolute path as systemd-escape(1) --path does and appends the suffix (".device"). -EINVAL if
 * the path has a ".." component, -ENAMETOOLONG if the name is too long for a unit. */
int unit_name_from_path(char ret[static UNIT_NAME_SIZE], const char *path, const char *suffix);

/* Makes the name of a parent's device unit. Errors are those of unit_name_from_path(); a name is also too
 * long if <name>.wants is too long for a directory. */
int unit_name_of_parent(char ret[static UNIT_NAME_SIZE], const char *parent);

/* Makes a second name of that unit; the units of devices are bound to it. Errors as above, without the
 * limit for directories. */
int unit_name_of_registration(char ret[static UNIT_NAME_SIZE], const char *parent);

/* Gets the parent from the name of its unit. False if the unit is not a parent's. */
bool unit_name_get_parent(const char *unit, char ret[static NAME_MAX + 1]);

/* Makes the name of a definition's unit; the UUID must be canonical. */
void unit_name_of_definition(char ret[static UNIT_NAME_SIZE], const char *uuid);

/* Makes the name of the unit that gives a device its driver; name is <bus>-<device>. "-" is not escaped, so
 * that people can type it. -ENAMETOOLONG if the name is too long for a unit. */
int unit_name_of_driver(char ret[static UNIT_NAME_SIZE], const char *name);

/* Gets <bus>-<device> from the instance of that unit. -EINVAL if it is none. */
int unit_instance_get_driver(const char *instance, char ret[static NAME_MAX + 1]);

/* Makes the name of the unit of a vGPU from the address of its function. */
void unit_name_of_vgpu(char ret[static UNIT_NAME_SIZE], const char *function);

/* Makes the name of the unit whose helper writes the note of that name; see note.h. Errors are those of
 * unit_name_of_driver(). */
int unit_name_of_note(char ret[static UNIT_NAME_SIZE], const char *note);

/* Makes the name of the device unit that wants the driver's unit, and of its second name, to which that unit
 * is bound. Errors are those of unit_name_from_path(). */
int unit_name_of_bus_device(char ret[static UNIT_NAME_SIZE], const char *bus, const char *device);
int unit_name_of_bus_device_driver(char ret[static UNIT_NAME_SIZE], const char *bus, const char *device);

/* Gets the UUID from the name of a definition's unit. False for any other unit. */
bool unit_name_get_definition(const char *unit, char ret[static UUID_LENGTH + 1]);
