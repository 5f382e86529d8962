/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit-file.h"
#include "unit-name.h"

void unit_file_add(struct unit_file *text, const char *format, ...)
{
        va_list ap;
        int n;

        if (text->size >= sizeof(text->data))
                return;
        va_start(ap, format);
        n = vsnprintf(text->data + text->size, sizeof(text->data) - text->size, format, ap);
        va_end(ap);
        if (n > 0)
                text->size += (size_t) n;
}

static void unit_file_add_char(struct unit_file *text, char c)
{
        if (text->size < sizeof(text->data))
                text->data[text->size] = c;
        text->size++;
}

void unit_file_add_literal(struct unit_file *text, const char *value)
{
        for (; *value; value++) {
                if (*value == '%')
                        unit_file_add_char(text, '%');
                unit_file_add_char(text, *value);
        }
}

void unit_file_add_word(struct unit_file *text, const char *name, const char *value)
{
        unit_file_add(text, "\"%s=", name);
        for (; *value; value++) {
                if (*value == '"' || *value == '\\' || *value == '%')
                        unit_file_add_char(text, *value == '%' ? '%' : '\\');
                unit_file_add_char(text, *value);
        }
        unit_file_add_char(text, '"');
}

int unit_file_write(const struct unit_file *text, int fd)
{
        ssize_t n;

        if (text->size >= sizeof(text->data))
                return -EFBIG;
        n = write(fd, text->data, text->size);
        if (n < 0)
                return -errno;
        if ((size_t) n == text->size)
                return 0;
        /* Remove the incomplete text: half a line could name another unit. */
        return ftruncate(fd, lseek(fd, 0, SEEK_CUR) - n) < 0 ? -errno : -ENOSPC;
}

int unit_file_make_directory(int dirfd, const char *name)
{
        return mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int unit_file_link(int fd, const char *wants, const char *unit, const char *target)
{
        char path[2 * UNIT_NAME_SIZE + 16];
        int r;

        r = unit_file_make_directory(fd, wants);
        if (r < 0)
                return r;
        snprintf(path, sizeof(path), "%s/%s", wants, unit);
        return symlinkat(target, fd, path) < 0 && errno != EEXIST ? -errno : 0;
}
