/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdint.h>

#include "cleanup.h"
#include "definition-edit.h"

int definition_new(const char *type, bool autostart, struct definition *ret)
{
        return definition_new_kind(DEFINITION_MDEV, type, autostart, ret);
}

int definition_new_kind(enum definition_kind kind, const char *type, bool autostart, struct definition *ret)
{
        _cleanup_definition_ struct definition definition = {.kind = kind, .autostart = autostart};
        int r;

        definition.json = cJSON_CreateObject();
        if (!definition.json)
                return -ENOMEM;
        r = definition_set_type(&definition, type);
        if (r < 0)
                return r;
        *ret = definition;
        definition = (struct definition){};
        return 0;
}

int definition_set_type(struct definition *definition, const char *type)
{
        cJSON *item = cJSON_CreateString(type);
        int r = json_set(definition->json, definition_type_member(definition->kind), item);

        if (r >= 0)
                definition->type = item->valuestring;
        return r;
}

static int attributes_set(struct definition *definition, cJSON *attributes)
{
        int r = json_set(definition->json, "attrs", attributes);

        if (r >= 0)
                definition->attributes = attributes;
        return r;
}

static cJSON *attribute_new(const char *name, const char *value)
{
        _cleanup_json_ cJSON *entry = cJSON_CreateObject();

        if (!cJSON_AddStringToObject(entry, name, value))
                return NULL;
        return TAKE_PTR(entry);
}

/* Returns the attribute at index, or NULL at the end. */
static cJSON *attribute_at(const struct definition *definition, size_t index)
{
        cJSON *entry = definition->attributes ? definition->attributes->child : NULL;

        while (entry && index-- > 0)
                entry = entry->next;
        return entry;
}

int definition_insert_attribute(
        struct definition *definition, size_t index, const char *name, const char *value)
{
        cJSON *behind = NULL, *entry, *next;
        int r;

        if (index != ATTRIBUTE_END) {
                if (index > definition_count_attributes(definition))
                        return -ERANGE;
                behind = attribute_at(definition, index);
        }
        if (!definition->attributes) {
                r = attributes_set(definition, cJSON_CreateArray());
                if (r < 0)
                        return r;
        }
        entry = attribute_new(name, value);
        r = json_append(definition->attributes, entry);
        /* Debian 12's cJSON_InsertItemInArray() can insert only at the end. So append the new attribute and
         * move the attributes that must follow it to the end. */
        for (; r >= 0 && behind && behind != entry; behind = next) {
                next = behind->next;
                r = json_append(
                        definition->attributes, cJSON_DetachItemViaPointer(definition->attributes, behind));
        }
        return r;
}

int definition_delete_attribute(struct definition *definition, size_t index)
{
        const size_t n = definition_count_attributes(definition);

        if (index == ATTRIBUTE_END) {
                if (n == 0)
                        return 0;
                index = n - 1;
        }
        if (index >= n)
                return -ERANGE;
        cJSON_Delete(cJSON_DetachItemViaPointer(definition->attributes, attribute_at(definition, index)));
        return 0;
}

int definition_copy_attributes(struct definition *definition, const struct definition *from)
{
        if (from->attributes)
                return attributes_set(definition, cJSON_Duplicate(from->attributes, true));
        definition_drop_attributes(definition);
        return 0;
}

void definition_drop_attributes(struct definition *definition)
{
        json_remove(definition->json, "attrs");
        definition->attributes = NULL;
}

cJSON *definition_to_json(const struct definition *definition)
{
        const cJSON *first = definition->attributes ? definition->attributes->child : NULL;
        _cleanup_json_ cJSON *json = cJSON_CreateObject();

        if (!cJSON_AddStringToObject(json, definition_type_member(definition->kind), definition->type) ||
                !cJSON_AddStringToObject(json, "start", definition->autostart ? "auto" : "manual") ||
                json_add(json, "attrs", cJSON_CreateArrayReference(first)) < 0)
                return NULL;
        return TAKE_PTR(json);
}

char *definition_print(const struct definition *definition)
{
        _cleanup_json_ cJSON *json = definition_to_json(definition);

        return json_print(json);
}

char *definition_print_line(const struct definition *definition)
{
        _cleanup_json_ cJSON *json = definition_to_json(definition);

        return cJSON_PrintUnformatted(json);
}
