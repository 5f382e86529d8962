/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

/* A line this long still fits into one record of the kernel log. */
#define LINE_MAX_BYTES 960

static struct {
        const char *program;
        int fd;
        int max_priority;
        bool with_priority;
        bool with_name;
        bool is_journal;
} log_state = {.program = "mdev", .fd = STDERR_FILENO, .max_priority = LOG_INFO, .with_name = true};

/* JOURNAL_STREAM names the file that systemd connected to the journal. stderr may be another file by now. */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_init(const char *program, enum log_target target)
{
        const char *level = getenv("SYSTEMD_LOG_LEVEL");

        log_state.program = program;
        if (level && (strcmp(level, "debug") == 0 || strcmp(level, "7") == 0))
                log_state.max_priority = LOG_DEBUG;

        if (target == LOG_TARGET_KMSG) {
                int fd = open("/dev/kmsg", O_WRONLY | O_NOCTTY | O_CLOEXEC);

                if (fd >= 0) {
                        log_state.fd = fd;
                        log_state.with_priority = true;
                        return;
                }
        }

        /* The journal already records the program's name. */
        if (stderr_is_journal()) {
                log_state.with_priority = true;
                log_state.with_name = false;
                log_state.is_journal = true;
        }
}

static void write_line(int priority, const char *text)
{
        char line[LINE_MAX_BYTES];
        size_t n = 0;

        if (log_state.with_priority)
                n += (size_t) snprintf(line, sizeof(line), "<%d>", priority);
        if (log_state.with_name)
                n += (size_t) snprintf(line + n, sizeof(line) - n,
                        log_state.with_priority ? "%s[%d]: " : "%s: ", log_state.program, getpid());
        n += text_escape(text, line + n, sizeof(line) - n - 1);
        line[n++] = '\n';

        /* A failure here cannot be reported. */
        if (write(log_state.fd, line, n) < 0)
                return;
}

static void log_messagev(int priority, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void log_messagev(int priority, const char *format, va_list ap)
{
        char text[LINE_MAX_BYTES];

        if (priority > log_state.max_priority)
                return;
        text_format(text, sizeof(text), format, ap);
        write_line(priority, text);
}

void log_message(int priority, const char *format, ...)
{
        int saved = errno;
        va_list ap;

        va_start(ap, format);
        log_messagev(priority, format, ap);
        va_end(ap);
        errno = saved;
}

int log_message_errno(int priority, int r, const char *format, ...)
{
        va_list ap;

        errno = -r;
        va_start(ap, format);
        log_messagev(priority, format, ap);
        va_end(ap);
        return r;
}

int log_explained(int priority, const char *id, const struct log_subject *subject, const char *format, ...)
{
        char text[LINE_MAX_BYTES];
        va_list ap;

        errno = -subject->r;
        va_start(ap, format);
        text_format(text, sizeof(text), format, ap);
        va_end(ap);
        if (!log_state.is_journal || journal_entry_send(log_state.program, priority, id, subject, text) < 0)
                write_line(priority, text);
        return subject->r;
}
