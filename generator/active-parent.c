/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "active-parent.h"
#include "cleanup.h"

/* As helper/state.c writes it. */
#define PARENT_LINE "\n.MDEV_PARENT="

int active_parents_open(const struct env *env)
{
        char path[PATH_MAX];
        int r = env_path(env, path, STATE_DIR);
        int fd;

        if (r < 0)
                return r;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

bool active_parent_get(int fd, const char *uuid, char ret[static NAME_MAX + 1])
{
        _cleanup_close_ int file = fd < 0 ? -1 : openat(fd, uuid, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        char text[NAME_MAX + 256];
        const char *line;
        ssize_t n;

        if (file < 0)
                return false;
        n = read(file, text, sizeof(text) - 1);
        if (n < 0)
                return false;
        text[n] = '\0';
        line = strstr(text, PARENT_LINE);
        return line && sscanf(line, PARENT_LINE "%255[^\n]", ret) == 1;
}
