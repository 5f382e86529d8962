/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Making, changing and printing definitions
 *
 * Names and values that the caller has not got from a parsed definition must
 * have been checked: name_check(), attribute_name_check(), utf8_is_valid().
 */

#include "definition.h"

/* Behind the last attribute. */
#define ATTRIBUTE_END SIZE_MAX

/* Makes a definition without attributes. The caller ends it with definition_done(). -ENOMEM. */
int definition_new(const char *type, bool autostart, struct definition *ret);

/* Sets the type. -ENOMEM. */
int definition_set_type(struct definition *definition, const char *type);

/* Puts an attribute in front of the one at index, or at the end. -ERANGE if there are fewer than
 * index attributes, -ENOMEM. */
int definition_insert_attribute(
        struct definition *definition, size_t index, const char *name, const char *value);

/* Deletes the attribute at index, or the last one. -ERANGE if there is none at index; to delete
 * the last of none is no error. */
int definition_delete_attribute(struct definition *definition, size_t index);

/* Replaces all attributes by those of another definition. -ENOMEM. */
int definition_copy_attributes(struct definition *definition, const struct definition *from);

/* Deletes all attributes. */
void definition_drop_attributes(struct definition *definition);

/* Makes the JSON of a definition as it is printed: type, start and attributes, nothing else. The caller
 * owns it, and it must not outlive the definition. NULL if there is no memory. */
cJSON *definition_to_json(const struct definition *definition);

/* Prints a definition as it is written to its file. The caller frees the text; NULL if there is no memory.
 */
char *definition_print(const struct definition *definition);

/* The same as the one line that callout scripts get. */
char *definition_print_line(const struct definition *definition);
