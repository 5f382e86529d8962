/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "json-text.h"
#include "json.h"
#include "name.h"
#include "text.h"

int json_parse(const char *text, size_t size, cJSON **ret, struct reason *reason)
{
        const char *end = text;
        int r;

        r = json_text_check(text, size, reason);
        if (r < 0)
                return r;
        /* cJSON does not report why it fails, but malloc(3) sets errno. */
        errno = 0;
        *ret = cJSON_ParseWithLengthOpts(text, size + 1, &end, true);
        if (*ret)
                return 0;
        if (errno == ENOMEM)
                return reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
        return json_text_report(text, end, reason);
}

cJSON *json_member(const cJSON *object, const char *name)
{
        cJSON *member, *found = NULL;

        if (cJSON_IsObject(object))
                cJSON_ArrayForEach(member, object) if (strcmp(member->string, name) == 0) found = member;
        return cJSON_IsNull(found) ? NULL : found;
}

static void delete_item(cJSON *parent, cJSON *item)
{
        cJSON_Delete(cJSON_DetachItemViaPointer(parent, item));
}

cJSON *json_only_member(cJSON *object)
{
        cJSON *member = cJSON_IsObject(object) ? object->child : NULL;

        while (member && member->next) {
                cJSON *next = member->next;

                if (strcmp(member->string, next->string) != 0)
                        return NULL;
                delete_item(object, member);
                member = next;
        }
        return member;
}

int json_append(cJSON *array, cJSON *item)
{
        if (cJSON_AddItemToArray(array, item))
                return 0;
        cJSON_Delete(item);
        return -ENOMEM;
}

int json_add(cJSON *object, const char *name, cJSON *item)
{
        if (cJSON_AddItemToObject(object, name, item))
                return 0;
        cJSON_Delete(item);
        return -ENOMEM;
}

/* Removes the members of that name before end; NULL removes all. */
static void remove_members(cJSON *object, const char *name, const cJSON *end)
{
        cJSON *next;

        for (cJSON *member = object->child; member != end; member = next) {
                next = member->next;
                if (strcmp(member->string, name) == 0)
                        delete_item(object, member);
        }
}

int json_set(cJSON *object, const char *name, cJSON *item)
{
        int r = json_add(object, name, item);

        if (r >= 0)
                remove_members(object, name, item);
        return r;
}

void json_remove(cJSON *object, const char *name)
{
        remove_members(object, name, NULL);
}

/* The printed text. If text is NULL, put() only counts. */
struct output {
        char *text;
        size_t length;
        bool escape; /* DEL and U+0080 to U+009F, too; cJSON escapes all other control characters */
};

static void put(struct output *output, char c)
{
        if (output->text)
                output->text[output->length] = c;
        output->length++;
}

static void put_line_break(struct output *output, unsigned int depth)
{
        put(output, '\n');
        for (unsigned int i = 0; i < 2 * depth; i++)
                put(output, ' ');
}

/* The last byte of these characters is their number. */
static void put_escape(struct output *output, unsigned char code)
{
        char escape[sizeof("\\u0000")];

        snprintf(escape, sizeof(escape), "\\u%04x", code);
        for (const char *p = escape; *p; p++)
                put(output, *p);
}

/* Copies a string. Returns its closing quote. */
static const char *put_string(struct output *output, const char *p)
{
        put(output, '"');
        while (*++p != '"') {
                const size_t control = output->escape ? text_control_length(p) : 0;

                if (control > 0) {
                        p += control - 1;
                        put_escape(output, (unsigned char) *p);
                        continue;
                }
                put(output, *p);
                if (*p == '\\')
                        put(output, *++p);
        }
        put(output, '"');
        return p;
}

static void put_indented(struct output *output, const char *compact)
{
        unsigned int depth = 0;

        for (const char *p = compact; *p; p++)
                switch (*p) {
                case '"':
                        p = put_string(output, p);
                        break;
                case '[':
                case '{':
                        put(output, *p);
                        if (p[1] == ']' || p[1] == '}')
                                put(output, *++p);
                        else
                                put_line_break(output, ++depth);
                        break;
                case ']':
                case '}':
                        put_line_break(output, --depth);
                        put(output, *p);
                        break;
                case ',':
                        put(output, ',');
                        put_line_break(output, depth);
                        break;
                case ':':
                        put(output, ':');
                        put(output, ' ');
                        break;
                default:
                        put(output, *p);
                }
        put(output, '\0');
}

static char *print(const cJSON *json, bool escape)
{
        _cleanup_free_ char *compact = cJSON_PrintUnformatted(json);
        struct output output = {.escape = escape};

        if (!compact)
                return NULL;
        put_indented(&output, compact);
        output.text = malloc(output.length);
        if (!output.text)
                return NULL;
        output.length = 0;
        put_indented(&output, compact);
        return output.text;
}

char *json_print(const cJSON *json)
{
        return print(json, false);
}

char *json_print_escaped(const cJSON *json)
{
        return print(json, true);
}

cJSON *json_string(const char *text)
{
        _cleanup_free_ char *valid = NULL;
        size_t size;

        if (!text)
                return cJSON_CreateNull();
        size = 3 * strlen(text) + 1;
        valid = malloc(size);
        if (!valid)
                return NULL;
        utf8_replace_invalid(text, valid, size);
        return cJSON_CreateString(valid);
}
