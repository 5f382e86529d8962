/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names are hostile until checked
 *
 * Parents, types, UUIDs and attributes come from files that anybody may have
 * written and end up in paths below /sys and in unit files. Each check returns
 * NULL for a usable name, else what is wrong with it, to be put after the name
 * in a message.
 */

#include <stdbool.h>
#include <stddef.h>

#define UUID_LENGTH 36

/* True for a lower-case, hyphenated UUID: the only form in which the kernel
 * names devices, and so the only one that may name a definition or a unit. */
bool uuid_is_canonical(const char *uuid);

/* True if the text is UTF-8, as JSON has to be. */
bool utf8_is_valid(const char *text);

/* Copies a text and puts U+FFFD in the place of each byte that is no UTF-8. What does not fit is cut off
 * between two characters. */
void utf8_replace_invalid(const char *text, char *ret, size_t size);

/* A parent or a type: one component of a path, without what systemd does not take in a unit file. */
const char *name_check(const char *name);

/* An attribute: a path inside the device's directory ("vendor/param" is usual),
 * and none of the kernel's own controls. */
const char *attribute_name_check(const char *name);

/* The same for a name in a definition that is only read: mdevctl stores the empty name, too. No device has
 * an attribute of that name, so it fails at a start. */
const char *stored_attribute_name_check(const char *name);
