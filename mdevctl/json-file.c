/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "cleanup.h"
#include "json-file.h"
#include "report.h"

#define FIRST_SIZE ((size_t) 4096)

int json_file_read_text(
        int fd, const char *name, size_t size_max, const char *what, char **ret, size_t *ret_size)
{
        _cleanup_free_ char *text = NULL;
        size_t used = 0, size = 0;

        while (true) {
                ssize_t n;

                /* Reading one byte more than allowed detects a file that is too large. */
                if (used == size) {
                        char *more;

                        size = size == 0 ? FIRST_SIZE : 2 * size;
                        if (size > size_max + 1)
                                size = size_max + 1;
                        more = realloc(text, size + 1);
                        if (!more)
                                return report_error(-ENOMEM, "%m");
                        text = more;
                }
                n = read(fd, text + used, size - used);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return report_error(-errno, "Failed to read %s: %m", name);
                if (n == 0)
                        break;
                used += (size_t) n;
                if (used > size_max)
                        return report_error(
                                -EFBIG, "%s has more than the %zu bytes %s may have", name, size_max, what);
        }
        text[used] = '\0';
        *ret = TAKE_PTR(text);
        *ret_size = used;
        return 0;
}

int json_file_open(const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? report_error(-errno, "Failed to open %s: %m", path) : fd;
}

int json_file_read(enum definition_kind kind, const char *path, struct definition *ret)
{
        _cleanup_close_ int fd = json_file_open(path);
        _cleanup_free_ char *text = NULL;
        struct reason reason;
        size_t size = 0;
        int r;

        if (fd < 0)
                return fd;
        r = json_file_read_text(fd, path, DEFINITION_SIZE_MAX, "a definition", &text, &size);
        if (r < 0)
                return r;
        r = definition_parse_kind(kind, text, size, ret, &reason);
        return r < 0 ? report_error(r, "%s: %s", path, reason.text) : 0;
}
