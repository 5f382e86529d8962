/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names are hostile until checked
 *
 * The names of parents, types, UUIDs and attributes come from files of unknown
 * origin and end up in paths below /sys and in unit files. Each check returns
 * NULL for a usable name, or a text that follows the name in a message.
 */

#include <stdbool.h>
#include <stddef.h>

#define UUID_LENGTH 36

/* True for a lower-case, hyphenated UUID. The kernel names devices in this form only, so definitions and
 * units use it, too. */
bool uuid_is_canonical(const char *uuid);

/* True for the address of a PCI function as the kernel writes it: 0000:41:00.4. */
bool pci_function_is_canonical(const char *name);

/* U+FFFD, which replaces what is not valid. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* True if the text is valid UTF-8, which JSON requires. */
bool utf8_is_valid(const char *text);

/* Returns the length in bytes of the UTF-8 character at the start of a text, or 0 if it is invalid. */
size_t utf8_character_length(const char *text);

/* Copies a text and replaces each byte of invalid UTF-8 with U+FFFD. Truncates to size bytes, between two
 * characters. */
void utf8_replace_invalid(const char *text, char *ret, size_t size);

/* Checks a parent or a type: one path component, without characters that systemd refuses in unit files. */
const char *name_check(const char *name);

/* Checks an attribute: a path below the device's directory ("vendor/param" is usual), but none of the
 * kernel's own controls. */
const char *attribute_name_check(const char *name);

/* The same for a stored definition. Accepts the empty name, because mdevctl stores it; the start then
 * fails, because no device has such an attribute. */
const char *stored_attribute_name_check(const char *name);
