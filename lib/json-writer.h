/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON in the one form that is on people's disks
 *
 * Files and lists made by mdevctl have two spaces per level, ": " after a key
 * and no newline at the end; callout scripts get the compact form, without any
 * white space. Strings are escaped no more than JSON demands. Programs compare
 * these bytes, so nothing here may change.
 *
 * An error is remembered and told by json_writer_take() only.
 */

#include <stdbool.h>
#include <stddef.h>

struct json_writer {
        char *text;
        size_t length, size;
        unsigned int depth;
        bool compact;
        bool is_first; /* the innermost array or object has nothing in it yet */
        bool after_key;
        bool failed;
};

/* Opens an object or an array: '{' or '['. */
void json_writer_open(struct json_writer *writer, char bracket);

/* Closes it: '}' or ']'. */
void json_writer_close(struct json_writer *writer, char bracket);

/* Begins a member of an object; its value follows. */
void json_writer_key(struct json_writer *writer, const char *key);

void json_writer_string(struct json_writer *writer, const char *value);
void json_writer_number(struct json_writer *writer, long value);

/* Hands over the text, which ends with a NUL, to be freed by the caller. -ENOMEM. */
int json_writer_take(struct json_writer *writer, char **ret, size_t *ret_length);

/* Frees what was not taken. */
void json_writer_done(struct json_writer *writer);

#define _cleanup_json_writer_ __attribute__((cleanup(json_writer_done)))
