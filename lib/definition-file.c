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
#include "definitions.h"
#include "name.h"
#include "util.h"

#define LOCK_STEP_MS 5

/* The kernel's own limit. */
#define LINKS_MAX 40

/* Makes the path of a tree's lock. Only the two trees have one. */
static int lock_path(const struct root *root, const char *tree, char ret[static PATH_MAX])
{
        return root_path(root, ret, "%s",
                strcmp(tree, DEFINITIONS_DIR) == 0 ? DEFINITIONS_LOCK : DEFINITIONS_TRANSIENT_LOCK);
}

/* Under a set root, even /run may be missing. */
static int make_state_directory(const struct root *root)
{
        static const char *const directories[] = {"/run", NOTES_DIR};

        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                char path[PATH_MAX];
                int r = root_path(root, path, "%s", directories[i]);

                if (r < 0)
                        return r;
                if (mkdir(path, 0755) < 0 && errno != EEXIST)
                        return -errno;
        }
        return 0;
}

static int lock_open(const struct root *root, const char *tree)
{
        const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
        char path[PATH_MAX];
        int r, fd;

        r = lock_path(root, tree, path);
        if (r < 0)
                return r;
        fd = open(path, flags, 0600);
        if (fd < 0 && errno == ENOENT) {
                r = make_state_directory(root);
                if (r < 0)
                        return r;
                fd = open(path, flags, 0600);
        }
        return fd < 0 ? -errno : fd;
}

int definitions_lock(const struct root *root, const char *tree, bool make)
{
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        r = root_path(root, path, "%s", tree);
        if (r < 0)
                return r;
        if (make && mkdir(path, 0755) < 0 && errno != EEXIST)
                return -errno;
        if (!make && access(path, F_OK) < 0)
                return -errno;
        fd = lock_open(root, tree);
        if (fd < 0)
                return fd;

        for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
                if (errno != EWOULDBLOCK)
                        return -errno;
                if (waited >= DEFINITIONS_LOCK_SECONDS * 1000)
                        return -EWOULDBLOCK;
                r = sleep_msec(LOCK_STEP_MS);
                if (r < 0)
                        return r;
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

/* Under a set root, an absolute link leads into the live system. */
static bool leads_out_of_root(const char *target)
{
        struct root root;

        return target[0] == '/' && (root_init(&root) < 0 || !root_is_live(&root));
}

/* Follows links to a definition or a parent's directory, until directory and name are those of no link.
 * Links belong to stow, a package or an administrator, so write to their target, as mdevctl does. Races with
 * a changing link do not matter: a process that can change the link can change the definition, too. Returns
 * the number of links. */
static int follow_links(int *directory, char name[static NAME_MAX + 1])
{
        for (int i = 0; i < LINKS_MAX; i++) {
                char target[PATH_MAX], *slash;
                const ssize_t n = readlinkat(*directory, name, target, sizeof(target));
                int fd;

                if (n < 0)
                        return errno == EINVAL || errno == ENOENT ? i : -errno;
                if ((size_t) n >= sizeof(target))
                        return -ENAMETOOLONG;
                target[n] = '\0';
                if (leads_out_of_root(target))
                        return -EXDEV;
                slash = strrchr(target, '/');
                if (strlen(slash ? slash + 1 : target) > NAME_MAX)
                        return -ENAMETOOLONG;
                strcpy(name, slash ? slash + 1 : target);
                if (!slash)
                        continue;
                slash[1] = '\0';
                fd = openat(*directory, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0)
                        return -errno;
                close(*directory);
                *directory = fd;
        }
        return -ELOOP;
}

/* A link to /dev/null hides a definition, as it masks a unit, and must not cost the device node. */
static int check_target(int directory, const char *name)
{
        struct stat st;

        if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

static int parent_directory_open(const struct root *root, const char *tree, const char *parent, bool make)
{
        _cleanup_close_ int above = root_open_directory(root, tree);
        char name[NAME_MAX + 1];
        int fd, r;

        if (above < 0)
                return above;
        if (make && mkdirat(above, parent, 0755) < 0 && errno != EEXIST)
                return -errno;
        snprintf(name, sizeof(name), "%s", parent);
        r = follow_links(&above, name);
        if (r < 0)
                return r;
        fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Keeps owner and mode of the old file, because an administrator may have changed them. */
static void keep_access(int dirfd, const char *name, int fd)
{
        struct stat st;

        if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return;
        if (fchown(fd, st.st_uid, st.st_gid) >= 0)
                (void) fchmod(fd, st.st_mode & 0777);
}

int definition_write(const struct root *root, const char *tree, const char *parent, const char *uuid,
        const struct definition *definition)
{
        _cleanup_free_ char *text = definition_print(definition);
        _cleanup_close_ int directory = -1, fd = -1;
        char temporary[sizeof(DEFINITION_TEMPORARY) + 1 + UUID_LENGTH], name[NAME_MAX + 1];
        size_t length;
        int r;

        if (!text)
                return -ENOMEM;
        length = strlen(text);
        if (length > DEFINITION_SIZE_MAX)
                return -EFBIG;

        directory = parent_directory_open(root, tree, parent, true);
        if (directory < 0)
                return directory;
        snprintf(name, sizeof(name), "%.36s", uuid);
        r = follow_links(&directory, name);
        if (r > 0)
                r = check_target(directory, name);
        if (r < 0)
                return r;
        snprintf(temporary, sizeof(temporary), ".%.36s" DEFINITION_TEMPORARY, uuid);
        if (unlinkat(directory, temporary, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        keep_access(directory, name, fd);
        r = write_all(fd, text, length);
        if (r >= 0 && renameat(directory, temporary, directory, name) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(directory, temporary, 0);
                return r;
        }
        return fsync(directory) < 0 ? -errno : 0;
}

int definition_remove(const struct root *root, const char *tree, const char *parent, const char *uuid)
{
        _cleanup_close_ int directory = parent_directory_open(root, tree, parent, false);

        if (directory < 0)
                return directory;
        if (unlinkat(directory, uuid, 0) < 0)
                return -errno;
        return fsync(directory) < 0 ? -errno : 0;
}

void definition_remove_transient(const struct root *root, const char *uuid)
{
        _cleanup_parent_names_ char **parents = NULL;

        if (definition_find_parents_in(root, DEFINITIONS_TRANSIENT_DIR, uuid, &parents) <= 0)
                return;
        for (char **p = parents; *p; p++) {
                char path[PATH_MAX];

                if (root_path(root, path, DEFINITIONS_TRANSIENT_DIR "/%s/%s", *p, uuid) >= 0)
                        (void) unlink(path);
                if (root_path(root, path, DEFINITIONS_TRANSIENT_DIR "/%s", *p) >= 0)
                        (void) rmdir(path);
        }
}
