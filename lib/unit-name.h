/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of units
 *
 * A definition's unit is mdev@<uuid>.service with the raw UUID as instance:
 * it can be typed, and %i gives it back unchanged. A parent is named by the
 * device unit of the alias /sys/class/mdev_bus/<parent> that the udev rules
 * give it. That name follows from the parent's name alone, so it can be
 * written down before the parent exists.
 */

#include <limits.h>
#include <stdbool.h>

/* Length of the longest unit name systemd loads, plus NUL. */
#define UNIT_NAME_SIZE 256

/* Escapes an absolute path as systemd-escape(1) --path does and appends the suffix
 * (".device"). -EINVAL if the path has a ".." component, -ENAMETOOLONG if no unit
 * can have that name. */
int unit_name_from_path(char ret[static UNIT_NAME_SIZE], const char *path, const char *suffix);

/* The device unit that stands for a parent. Errors as above; a name counts as too long if there
 * cannot be a directory <name>.wants. */
int unit_name_of_parent(char ret[static UNIT_NAME_SIZE], const char *parent);

/* Another name of that unit, to which units of devices are bound. Errors as of unit_name_from_path(). */
int unit_name_of_registration(char ret[static UNIT_NAME_SIZE], const char *parent);

/* The reverse of unit_name_of_parent(). False if the unit does not stand for a parent. */
bool unit_name_get_parent(const char *unit, char ret[static NAME_MAX + 1]);

/* The unit of a definition; the UUID must be canonical. */
void unit_name_of_definition(char ret[static UNIT_NAME_SIZE], const char *uuid);
