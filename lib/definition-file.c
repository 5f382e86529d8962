/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "definition-file.h"
#include "name.h"

#define LOCK_STEP_MS 5

int definitions_lock(const struct env *env, const char *tree, bool make)
{
        const struct timespec pause = {.tv_nsec = LOCK_STEP_MS * 1000000L};
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        r = env_path(env, path, "%s", tree);
        if (r < 0)
                return r;
        if (make && mkdir(path, 0755) < 0 && errno != EEXIST)
                return -errno;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        /* Everybody who can read the directory can lock it, and could stop a program that waits
         * without an end. */
        for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
                if (errno != EWOULDBLOCK)
                        return -errno;
                if (waited >= DEFINITIONS_LOCK_SECONDS * 1000)
                        return -EWOULDBLOCK;
                if (nanosleep(&pause, NULL) < 0)
                        return -errno;
        }
        return TAKE_FD(fd);
}

static int write_all(int fd, const char *text, size_t length)
{
        while (length > 0) {
                ssize_t n = write(fd, text, length);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        text += n;
                        length -= (size_t) n;
                }
        }
        return fsync(fd) < 0 ? -errno : 0;
}

static int parent_directory_open(int lock, const char *parent)
{
        int fd;

        if (mkdirat(lock, parent, 0755) < 0 && errno != EEXIST)
                return -errno;
        /* As a link it would be no parent's directory to any reader. */
        fd = openat(lock, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* An administrator may have changed who can read the old file. */
static void keep_access(int dirfd, const char *name, int fd)
{
        struct stat st;

        if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return;
        if (fchown(fd, st.st_uid, st.st_gid) >= 0)
                (void) fchmod(fd, st.st_mode & 0777);
}

int definition_write(int lock, const char *parent, const char *uuid, const struct definition *definition)
{
        _cleanup_free_ char *text = definition_print(definition);
        _cleanup_close_ int directory = -1, fd = -1;
        char temporary[sizeof(DEFINITION_TEMPORARY) + 1 + UUID_LENGTH];
        size_t length;
        int r;

        if (!text)
                return -ENOMEM;
        length = strlen(text);
        if (length > DEFINITION_SIZE_MAX)
                return -EFBIG;

        directory = parent_directory_open(lock, parent);
        if (directory < 0)
                return directory;
        snprintf(temporary, sizeof(temporary), ".%.36s" DEFINITION_TEMPORARY, uuid);
        if (unlinkat(directory, temporary, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        keep_access(directory, uuid, fd);
        r = write_all(fd, text, length);
        if (r >= 0 && renameat(directory, temporary, directory, uuid) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(directory, temporary, 0);
                return r;
        }
        return fsync(directory) < 0 ? -errno : 0;
}

int definition_remove(int lock, const char *parent, const char *uuid)
{
        _cleanup_close_ int directory = -1;

        directory = openat(lock, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (directory < 0)
                return -errno;
        if (unlinkat(directory, uuid, 0) < 0)
                return -errno;
        return fsync(directory) < 0 ? -errno : 0;
}

void definition_remove_transient(const struct env *env, const char *uuid)
{
        _cleanup_parent_names_ char **parents = NULL;

        if (definition_find_parents_in(env, DEFINITIONS_TRANSIENT_DIR, uuid, &parents) <= 0)
                return;
        for (char **p = parents; *p; p++) {
                char path[PATH_MAX];

                if (env_path(env, path, DEFINITIONS_TRANSIENT_DIR "/%s/%s", *p, uuid) >= 0)
                        (void) unlink(path);
                if (env_path(env, path, DEFINITIONS_TRANSIENT_DIR "/%s", *p) >= 0)
                        (void) rmdir(path);
        }
}
