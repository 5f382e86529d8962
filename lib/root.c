/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "root.h"

_Static_assert(sizeof(off_t) >= 8 && sizeof(ino_t) >= 8 && sizeof(time_t) >= 8, "64 bits everywhere");

int root_init(struct root *ret)
{
        const char *root = secure_getenv("MDEVCTL_ENV_ROOT");

        if (root && root[0] && root[0] != '/')
                return -EINVAL;
        ret->path = root ? root : "";
        return 0;
}

bool root_is_live(const struct root *root)
{
        return root->path[0] == '\0';
}

int root_path(const struct root *root, char ret[static PATH_MAX], const char *format, ...)
{
        size_t length = strlen(root->path);
        va_list ap;
        int n;

        if (length >= PATH_MAX)
                return -ENAMETOOLONG;
        memcpy(ret, root->path, length);
        va_start(ap, format);
        n = vsnprintf(ret + length, PATH_MAX - length, format, ap);
        va_end(ap);
        if (n < 0)
                return -EINVAL;
        return (size_t) n >= PATH_MAX - length ? -ENAMETOOLONG : 0;
}

int root_open_directory(const struct root *root, const char *directory)
{
        char path[PATH_MAX];
        int r = root_path(root, path, "%s", directory), fd;

        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}
