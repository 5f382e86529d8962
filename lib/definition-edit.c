/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "cleanup.h"
#include "definition-edit.h"

int definition_new(const char *type, bool autostart, struct definition *ret)
{
        _cleanup_definition_ struct definition definition = {.autostart = autostart};
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
        /* Of repeated keys the last one counts. */
        const cJSON *item = cJSON_AddStringToObject(definition->json, "mdev_type", type);

        if (!item)
                return -ENOMEM;
        definition->type = item->valuestring;
        return 0;
}

static int attributes_ensure(struct definition *definition)
{
        if (!definition->attributes)
                definition->attributes = cJSON_AddArrayToObject(definition->json, "attrs");
        return definition->attributes ? 0 : -ENOMEM;
}

int definition_insert_attribute(
        struct definition *definition, size_t index, const char *name, const char *value)
{
        size_t n = definition_count_attributes(definition);
        cJSON *entry;
        int r;

        if (index == ATTRIBUTE_END)
                index = n;
        if (index > n || index > INT_MAX)
                return -ERANGE;
        r = attributes_ensure(definition);
        if (r < 0)
                return r;

        entry = cJSON_CreateObject();
        if (!entry || !cJSON_AddStringToObject(entry, name, value) ||
                !cJSON_AddItemToArray(definition->attributes, entry)) {
                cJSON_Delete(entry);
                return -ENOMEM;
        }
        /* Moves what shall be behind it there. cJSON can insert, but 1.7.17 and what distributions
         * have taken over from it refuse to, in the middle of an array. */
        for (; index < n; n--)
                cJSON_AddItemToArray(definition->attributes,
                        cJSON_DetachItemFromArray(definition->attributes, (int) index));
        return 0;
}

int definition_delete_attribute(struct definition *definition, size_t index)
{
        size_t n = definition_count_attributes(definition);

        if (index == ATTRIBUTE_END) {
                if (n == 0)
                        return 0;
                index = n - 1;
        }
        if (index >= n)
                return -ERANGE;
        cJSON_DeleteItemFromArray(definition->attributes, (int) index);
        return 0;
}

int definition_copy_attributes(struct definition *definition, const struct definition *from)
{
        cJSON *copy = NULL;

        if (from->attributes) {
                copy = cJSON_Duplicate(from->attributes, true);
                if (!copy)
                        return -ENOMEM;
                if (!cJSON_AddItemToObject(definition->json, "attrs", copy)) {
                        cJSON_Delete(copy);
                        return -ENOMEM;
                }
        }
        definition->attributes = copy;
        return 0;
}

void definition_drop_attributes(struct definition *definition)
{
        cJSON_Delete(cJSON_DetachItemViaPointer(definition->json, definition->attributes));
        definition->attributes = NULL;
}

void definition_print(const struct definition *definition, struct json_writer *writer)
{
        const cJSON *attribute = NULL;
        const char *name, *value;

        json_open(writer, '{');
        json_key(writer, "mdev_type");
        json_string(writer, definition->type);
        json_key(writer, "start");
        json_string(writer, definition->autostart ? "auto" : "manual");
        json_key(writer, "attrs");
        json_open(writer, '[');
        while ((attribute = definition_next_attribute(definition, attribute, &name, &value))) {
                json_open(writer, '{');
                json_key(writer, name);
                json_string(writer, value);
                json_close(writer, '}');
        }
        json_close(writer, ']');
        json_close(writer, '}');
}
