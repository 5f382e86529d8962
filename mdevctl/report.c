/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "report.h"
#include "text.h"

#define TEXT_MAX REPORT_TEXT_MAX

/* Writes a message with one call, so that programs that run at the same time do not mix their lines. */
static void put_escaped(const char *prefix, const char *text)
{
        char line[4 * TEXT_MAX + 32];
        size_t n = (size_t) snprintf(line, sizeof(line), "%s", prefix);

        n += text_escape(text, line + n, sizeof(line) - n - 1);
        line[n++] = '\n';
        fwrite(line, 1, n, stderr);
}

static void reportv(const char *prefix, const char *format, va_list ap)
        __attribute__((format(printf, 2, 0)));
static void reportv(const char *prefix, const char *format, va_list ap)
{
        char text[TEXT_MAX];

        text_format(text, sizeof(text), format, ap);
        put_escaped(prefix, text);
}

static char *copy;
static size_t copy_size;

void report_copy_error(char *ret, size_t size)
{
        copy = ret;
        copy_size = size;
        if (ret)
                ret[0] = '\0';
}

int report_error(int r, const char *format, ...)
{
        va_list ap;

        errno = -r;
        va_start(ap, format);
        if (copy && copy[0] == '\0') {
                text_format(copy, copy_size, format, ap);
                put_escaped("Error: ", copy);
        } else
                reportv("Error: ", format, ap);
        va_end(ap);
        return r;
}

int report_error_caused(int r, const char *cause, const char *format, ...)
{
        va_list ap;

        errno = -r;
        va_start(ap, format);
        reportv("Error: ", format, ap);
        va_end(ap);
        put_escaped("\nCaused by:\n    ", cause);
        return r;
}

void report_warning(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        reportv("Warning: ", format, ap);
        va_end(ap);
}

void report_note(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        reportv("Note: ", format, ap);
        va_end(ap);
}

int report_usage(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        reportv("error: ", format, ap);
        va_end(ap);
        return -EINVAL;
}

int report_unless_root(const struct root *root, const char *command)
{
        if (!root_is_live(root) || geteuid() == 0)
                return 0;
        return report_error(-EPERM, "mdevctl %s changes the system and needs root", command);
}
