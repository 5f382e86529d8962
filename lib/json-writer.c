/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "json-writer.h"

static void append(struct json_writer *writer, const char *bytes, size_t n)
{
        if (writer->failed)
                return;
        if (writer->length + n + 1 > writer->size) {
                size_t size = (writer->length + n + 1) * 2;
                char *text = realloc(writer->text, size < 256 ? 256 : size);

                if (!text) {
                        writer->failed = true;
                        return;
                }
                writer->text = text;
                writer->size = size < 256 ? 256 : size;
        }
        memcpy(writer->text + writer->length, bytes, n);
        writer->length += n;
        writer->text[writer->length] = '\0';
}

static void append_line_break(struct json_writer *writer)
{
        if (writer->compact)
                return;
        append(writer, "\n", 1);
        for (unsigned int i = 0; i < writer->depth; i++)
                append(writer, "  ", 2);
}

/* What stands between a value and what is in front of it. */
static void begin_value(struct json_writer *writer)
{
        if (writer->after_key) {
                writer->after_key = false;
                return;
        }
        if (writer->depth == 0)
                return;
        if (!writer->is_first)
                append(writer, ",", 1);
        append_line_break(writer);
        writer->is_first = false;
}

static void append_quoted(struct json_writer *writer, const char *value)
{
        static const char letters[] = "\"\\\b\t\n\f\r", escaped[] = "\"\\btnfr";
        const char *kept = value;

        append(writer, "\"", 1);
        for (const char *p = value; *p; p++) {
                const char *letter = strchr(letters, *p);
                char escape[8];
                int n;

                if (!letter && (unsigned char) *p >= 0x20)
                        continue;
                if (letter)
                        n = snprintf(escape, sizeof(escape), "\\%c", escaped[letter - letters]);
                else
                        n = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned int) *p);
                append(writer, kept, (size_t) (p - kept));
                append(writer, escape, (size_t) n);
                kept = p + 1;
        }
        append(writer, kept, strlen(kept));
        append(writer, "\"", 1);
}

void json_writer_open(struct json_writer *writer, char bracket)
{
        begin_value(writer);
        append(writer, &bracket, 1);
        writer->depth++;
        writer->is_first = true;
}

void json_writer_close(struct json_writer *writer, char bracket)
{
        writer->depth--;
        if (!writer->is_first)
                append_line_break(writer);
        append(writer, &bracket, 1);
        writer->is_first = false;
}

void json_writer_key(struct json_writer *writer, const char *key)
{
        begin_value(writer);
        append_quoted(writer, key);
        append(writer, ": ", writer->compact ? 1 : 2);
        writer->after_key = true;
}

void json_writer_string(struct json_writer *writer, const char *value)
{
        begin_value(writer);
        append_quoted(writer, value);
}

void json_writer_number(struct json_writer *writer, long value)
{
        char digits[3 * sizeof(value) + 2];

        begin_value(writer);
        append(writer, digits, (size_t) snprintf(digits, sizeof(digits), "%ld", value));
}

int json_writer_take(struct json_writer *writer, char **ret, size_t *ret_length)
{
        if (writer->failed || !writer->text)
                return -ENOMEM;
        *ret_length = writer->length;
        *ret = TAKE_PTR(writer->text);
        return 0;
}

void json_writer_done(struct json_writer *writer)
{
        free(writer->text);
        *writer = (struct json_writer){};
}
