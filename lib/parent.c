/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "name.h"
#include "parent.h"
#include "text.h"

int parent_open(const struct env *env, const char *parent)
{
        char path[PATH_MAX];
        int r, fd;

        if (name_check(parent))
                return -ENOENT;
        r = env_path(env, path, PARENTS_DIR "/%s", parent);
        if (r < 0)
                return r;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int parent_get_registration(const struct env *env, const char *parent, uint64_t *ret)
{
        _cleanup_close_ int fd = parent_open(env, parent);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstatat(fd, TYPES_DIR, &st, 0) < 0)
                return -errno;
        *ret = st.st_ino;
        return 0;
}

int parent_open_type(int parent_fd, const char *type)
{
        char path[sizeof(TYPES_DIR) + 1 + NAME_MAX];
        int fd;

        if (name_check(type))
                return -ENOENT;
        snprintf(path, sizeof(path), TYPES_DIR "/%s", type);
        fd = openat(parent_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int parent_list_types(int parent_fd, char *ret, size_t size)
{
        struct dirent **entries;
        _cleanup_close_ int fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int n;

        ret[0] = '\0';
        if (fd < 0)
                return -errno;
        n = scandirat(fd, ".", &entries, NULL, alphasort);
        if (n < 0)
                return -errno;
        for (int i = 0; i < n; i++) {
                if (entries[i]->d_name[0] != '.')
                        text_list(ret, size, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return 0;
}

int parent_find_similar(const struct env *env, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;
        int r;

        r = env_path(env, path, PARENTS_DIR);
        if (r < 0)
                return r;
        dir = opendir(path);
        if (!dir)
                return -errno;
        while ((entry = readdir(dir)))
                if (strcasecmp(entry->d_name, parent) == 0) {
                        strcpy(ret, entry->d_name);
                        return 0;
                }
        return -ENOENT;
}
