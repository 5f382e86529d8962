/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdint.h>

#include "cleanup.h"
#include "definition-edit.h"

int definition_new(const char *type, bool autostart, struct definition *ret)
{
        _cleanup_definition_ struct definition definition = {.autostart = autostart};
        int r;

        definition.json = json_object();
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
        json_t *item = json_string_nocheck(type); /* of a directory, whatever its name is */

        if (json_object_set_new(definition->json, "mdev_type", item) < 0)
                return -ENOMEM;
        definition->type = json_string_value(item);
        return 0;
}

static int attributes_set(struct definition *definition, json_t *attributes)
{
        if (json_object_set_new(definition->json, "attrs", attributes) < 0)
                return -ENOMEM;
        definition->attributes = attributes;
        return 0;
}

int definition_insert_attribute(
        struct definition *definition, size_t index, const char *name, const char *value)
{
        size_t n = definition_count_attributes(definition);
        json_t *entry;
        int r;

        if (index == ATTRIBUTE_END)
                index = n;
        if (index > n)
                return -ERANGE;
        if (!definition->attributes) {
                r = attributes_set(definition, json_array());
                if (r < 0)
                        return r;
        }
        entry = json_pack("{s:s}", name, value);
        return json_array_insert_new(definition->attributes, index, entry) < 0 ? -ENOMEM : 0;
}

int definition_delete_attribute(struct definition *definition, size_t index)
{
        size_t n = definition_count_attributes(definition);

        if (index == ATTRIBUTE_END) {
                if (n == 0)
                        return 0;
                index = n - 1;
        }
        return json_array_remove(definition->attributes, index) < 0 ? -ERANGE : 0;
}

int definition_copy_attributes(struct definition *definition, const struct definition *from)
{
        if (from->attributes)
                return attributes_set(definition, json_deep_copy(from->attributes));
        definition_drop_attributes(definition);
        return 0;
}

void definition_drop_attributes(struct definition *definition)
{
        (void) json_object_del(definition->json, "attrs");
        definition->attributes = NULL;
}

void definition_print(const struct definition *definition, struct json_writer *writer)
{
        const char *name, *value;

        json_writer_open(writer, '{');
        json_writer_key(writer, "mdev_type");
        json_writer_string(writer, definition->type);
        json_writer_key(writer, "start");
        json_writer_string(writer, definition->autostart ? "auto" : "manual");
        json_writer_key(writer, "attrs");
        json_writer_open(writer, '[');
        for (size_t i = 0; definition_get_attribute(definition, i, &name, &value); i++) {
                json_writer_open(writer, '{');
                json_writer_key(writer, name);
                json_writer_string(writer, value);
                json_writer_close(writer, '}');
        }
        json_writer_close(writer, ']');
        json_writer_close(writer, '}');
}

char *definition_print_line(const struct definition *definition)
{
        _cleanup_json_writer_ struct json_writer writer = {.compact = true};
        char *text;
        size_t length;

        definition_print(definition, &writer);
        return json_writer_take(&writer, &text, &length) < 0 ? NULL : text;
}
