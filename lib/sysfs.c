/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "open-beneath.h"
#include "sysfs.h"
#include "util.h"

int sysfs_write_once(int dirfd, const char *name, const char *value)
{
        _cleanup_close_ int fd = -1;
        size_t length = strlen(value);
        ssize_t n;

        /* sysfs ignores O_TRUNC; the regular files in the tests need it. */
        fd = open_beneath(dirfd, name, O_WRONLY | O_TRUNC);
        if (fd < 0)
                return fd;
        n = write(fd, value, length);
        if (n < 0)
                return -errno;
        return (size_t) n == length ? 0 : -EFBIG;
}

int sysfs_write(int dirfd, const char *name, const char *value)
{
        for (unsigned int waited = 0, delay = 10; true; waited += delay, delay *= 2) {
                int r = sysfs_write_once(dirfd, name, value);

                if (r != -EAGAIN || waited >= SYSFS_RETRY_MS)
                        return r;
                r = sleep_msec(delay < SYSFS_RETRY_MS - waited ? delay : SYSFS_RETRY_MS - waited);
                if (r < 0)
                        return r;
        }
}

/* Reads a file and strips the given characters at its end. */
static int read_and_strip(int dirfd, const char *name, const char *strip, char *ret, size_t size)
{
        _cleanup_close_ int fd = -1;
        ssize_t n;

        fd = open_beneath(dirfd, name, O_RDONLY);
        if (fd < 0)
                return fd;
        n = read(fd, ret, size - 1);
        if (n < 0)
                return -errno;
        while (n > 0 && strchr(strip, ret[n - 1]))
                n--;
        ret[n] = '\0';
        return 0;
}

int sysfs_read(int dirfd, const char *name, char *ret, size_t size)
{
        return read_and_strip(dirfd, name, " \t\r\n", ret, size);
}

int sysfs_read_value(int dirfd, const char *name, char *ret, size_t size)
{
        return read_and_strip(dirfd, name, "\n", ret, size);
}

int sysfs_read_link(int dirfd, const char *name, char *ret, size_t size)
{
        char target[PATH_MAX];
        const char *last;
        ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        last = strrchr(target, '/');
        last = last ? last + 1 : target;
        if (strlen(last) >= size)
                return -ENAMETOOLONG;
        strcpy(ret, last);
        return 0;
}
