/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <limits.h>
#include <sanitizer/common_interface_defs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* Output of a program beyond this size is not checked. */
#define CAPTURED_MAX (64 * 1024)

static struct capture {
        int file;
        int saved; /* -1 unless active */
        char text[CAPTURED_MAX];
} captures[STDERR_FILENO + 1];

static void capture_end(int fd)
{
        if (captures[fd].saved < 0)
                return;
        dup2(captures[fd].saved, fd);
        close(captures[fd].saved);
        captures[fd].saved = -1;
}

void fuzz_fail(const char *file, int line, const char *format, ...)
{
        va_list ap;

        for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
                if (captures[fd].file > 0)
                        capture_end(fd);
        fprintf(stderr, "%s:%d: ", file, line);
        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
        abort();
}

const char *fuzz_scratch(void)
{
        static char path[PATH_MAX];
        const char *directory = getenv("TMPDIR");

        snprintf(path, sizeof(path), "%s/mdev-fuzz-XXXXXX", directory ? directory : "/tmp");
        REQUIRE(mkdtemp(path), "%s: %m", path);
        return path;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);

        REQUIRE(text, "%m");
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}

void fuzz_capture(int fd)
{
        struct capture *capture = &captures[fd];

        if (capture->file == 0) {
                /* Do not capture the reports of a sanitizer. */
                static int reports;

                if (reports == 0) {
                        reports = dup(STDERR_FILENO);
                        __sanitizer_set_report_fd((void *) (intptr_t) reports);
                }
                capture->file = memfd_create("output", MFD_CLOEXEC);
                REQUIRE(capture->file >= 0, "memfd_create: %m");
        }
        capture->saved = dup(fd);
        REQUIRE(capture->saved >= 0, "dup: %m");
        REQUIRE(ftruncate(capture->file, 0) == 0 && lseek(capture->file, 0, SEEK_SET) == 0, "%m");
        dup2(capture->file, fd);
}

const char *fuzz_captured(int fd)
{
        struct capture *capture = &captures[fd];
        ssize_t n;

        if (fd == STDOUT_FILENO)
                fflush(stdout);
        capture_end(fd);
        n = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);
        REQUIRE(n >= 0, "pread: %m");
        capture->text[n] = '\0';
        return capture->text;
}

void fuzz_check_message(const char *text, const char *prefix)
{
        size_t length = strlen(text);

        REQUIRE(length == 0 || text[length - 1] == '\n', "the last line does not end: %s", text);
        for (const char *line = text; *line; line = strchr(line, '\n') + 1)
                REQUIRE(strncmp(line, prefix, strlen(prefix)) == 0, "not a message: %s", line);
        for (const char *p = text; *p; p++)
                REQUIRE((unsigned char) *p >= 0x20 || *p == '\n', "a control character in: %s", text);
        REQUIRE(!strchr(text, 0x7f), "a control character in: %s", text);
}

bool fuzz_is_made_of(const char *text, const char *characters)
{
        return text[strspn(text, characters)] == '\0';
}
