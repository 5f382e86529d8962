/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "open-beneath.h"

/* The kernel's own limit is 40. */
#define LINKS_MAX 40

/* The deepest nesting of directories; attributes are one or two below their device. */
#define DEPTH_MAX 32

/* The open directories from the top to the current one. ".." returns to the previous one, even if the
 * current one was moved meanwhile. */
struct walk {
        int top; /* borrowed */
        int fds[DEPTH_MAX];
        size_t depth;
};

static void walk_leave(struct walk *walk)
{
        cleanup_close(&walk->fds[--walk->depth]);
}

static void walk_done(struct walk *walk)
{
        while (walk->depth > 0)
                walk_leave(walk);
}

static int walk_fd(const struct walk *walk)
{
        return walk->depth > 0 ? walk->fds[walk->depth - 1] : walk->top;
}

static int walk_enter(struct walk *walk, const char *component)
{
        int fd;

        if (strcmp(component, ".") == 0)
                return 0;
        if (strcmp(component, "..") == 0) {
                if (walk->depth == 0)
                        return -EXDEV;
                walk_leave(walk);
                return 0;
        }
        fd = openat(walk_fd(walk), component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (walk->depth == DEPTH_MAX) {
                close(fd);
                return -ENAMETOOLONG;
        }
        walk->fds[walk->depth++] = fd;
        return 0;
}

/* Opens the last component directly with O_NOFOLLOW: a check before the open would be a race. */
static int walk_open(struct walk *walk, const char *component, int flags)
{
        struct stat st;
        int r, fd;

        if (strcmp(component, "..") == 0) {
                r = walk_enter(walk, component);
                if (r < 0)
                        return r;
                component = ".";
        }
        fd = openat(walk_fd(walk), component, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;
        /* With O_PATH, the kernel opens the link itself. */
        if (flags & O_PATH && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
                close(fd);
                return -ELOOP;
        }
        return fd;
}

/* Cuts the first component and the following slashes off a path. True if slashes followed. */
static bool cut_component(char *path, char ret[static NAME_MAX + 1])
{
        const size_t length = strcspn(path, "/"), slashes = strspn(path + length, "/");

        memcpy(ret, path, length);
        ret[length] = '\0';
        memmove(path, path + length + slashes, strlen(path + length + slashes) + 1);
        return slashes > 0;
}

/* Puts the target of a link before the rest of the path. -EINVAL if it is no link. */
static int put_target(const struct walk *walk, const char *component, bool slash, char path[static PATH_MAX])
{
        char target[PATH_MAX], rest[PATH_MAX];
        ssize_t n = readlinkat(walk_fd(walk), component, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        strcpy(rest, path);
        return snprintf(path, PATH_MAX, "%s%s%s", target, slash ? "/" : "", rest) >= PATH_MAX ? -ENAMETOOLONG
                                                                                              : 0;
}

int open_beneath_by_steps(int dirfd, const char *name, int flags)
{
        _cleanup_(walk_done) struct walk walk = {.top = dirfd};
        char path[PATH_MAX], component[NAME_MAX + 1];

        if (name[0] == '\0')
                return -ENOENT;
        if (strlen(name) >= sizeof(path))
                return -ENAMETOOLONG;
        strcpy(path, name);

        for (int links = 0; true;) {
                bool slash;
                int r, k;

                if (path[0] == '/')
                        return -EXDEV;
                if (path[0] == '\0')
                        strcpy(path, ".");
                if (strcspn(path, "/") > NAME_MAX)
                        return -ENAMETOOLONG;
                slash = cut_component(path, component);
                r = slash ? walk_enter(&walk, component) : walk_open(&walk, component, flags);
                if (!slash && r >= 0)
                        return r;
                if (r >= 0)
                        continue;
                if (r != -ENOTDIR && r != -ELOOP)
                        return r;
                k = put_target(&walk, component, slash, path);
                if (k < 0)
                        return k == -EINVAL ? r : k;
                if (++links > LINKS_MAX)
                        return -ELOOP;
        }
}

int open_beneath(int dirfd, const char *name, int flags)
{
        /* openat2(2) refuses flags that O_PATH makes meaningless. */
        struct open_how how = {
                .flags = (uint64_t) flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY),
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

        if (fd >= 0)
                return (int) fd;
        return errno == ENOSYS || errno == EPERM ? open_beneath_by_steps(dirfd, name, flags) : -errno;
}
