/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Making, changing and printing definitions
 *
 * The caller must check names and values that do not come from a parsed
 * definition: name_check(), attribute_name_check(), utf8_is_valid().
 */

#include "definition.h"

/* The index after the last attribute. */
#define ATTRIBUTE_END SIZE_MAX

/* Makes a definition without attributes. The caller frees it with definition_done(). -ENOMEM. */
int definition_new(const char *type, bool autostart, struct definition *ret);

/* The same for a definition of any kind. */
int definition_new_kind(enum definition_kind kind, const char *type, bool autostart, struct definition *ret);

/* Sets the type. -ENOMEM. */
int definition_set_type(struct definition *definition, const char *type);

/* Inserts an attribute before the one at index, or at the end. -ERANGE if there are fewer than
 * index attributes, -ENOMEM. */
int definition_insert_attribute(
        struct definition *definition, size_t index, const char *name, const char *value);

/* Deletes the attribute at index, or the last one for ATTRIBUTE_END. -ERANGE if index has none;
 * deleting the last attribute of an empty list is no error. */
int definition_delete_attribute(struct definition *definition, size_t index);

/* Replaces all attributes by those of another definition. -ENOMEM. */
int definition_copy_attributes(struct definition *definition, const struct definition *from);

/* Deletes all attributes. */
void definition_drop_attributes(struct definition *definition);

/* Makes the JSON that is printed: type, start and attributes only. The caller owns it and must free it
 * before the definition. NULL without memory. */
cJSON *definition_to_json(const struct definition *definition);

/* Prints a definition in the form of its file. The caller frees the text. NULL without memory. */
char *definition_print(const struct definition *definition);

/* The same, as the single line that callout scripts get. */
char *definition_print_line(const struct definition *definition);
