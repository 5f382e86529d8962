/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition.h"

/* Opens a file of JSON, which may be a pipe, and returns a file descriptor. Reports its errors. */
int json_file_open(const char *path);

/* Reads the file open at fd up to a size that its content, such as "a definition", may have. Messages call
 * the file name. The caller frees the text; a NUL follows its *ret_size bytes. Reports its errors. */
int json_file_read_text(
        int fd, const char *name, size_t size_max, const char *what, char **ret, size_t *ret_size);

/* Reads the definition that --jsonfile names. The file may be a pipe: libvirt passes /dev/stdin. Reports its
 * errors. */
int json_file_read(enum definition_kind kind, const char *path, struct definition *ret);
