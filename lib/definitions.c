/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "definitions.h"
#include "name.h"
#include "parent.h"

/* Skips ".", "..", and the versions in Kubernetes' volumes. */
static bool is_skipped(const char *name)
{
        return strcmp(name, ".") == 0 || strncmp(name, "..", 2) == 0;
}

const char *parent_name_check(const char *name)
{
        if (strcmp(name, DEFINITIONS_SCRIPTS) == 0)
                return "is that of the directory of the callout scripts";
        if (strlen(name) > 2 && is_skipped(name))
                return "begins with \"..\", and no program reads definitions there";
        return name_check(name);
}

bool definitions_entry_is_parent(int dirfd, const struct dirent *entry)
{
        struct stat st;

        if (is_skipped(entry->d_name) || strcmp(entry->d_name, DEFINITIONS_SCRIPTS) == 0)
                return false;
        if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
                return entry->d_type == DT_DIR;
        return fstatat(dirfd, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

int definitions_open(const struct root *root, const char *tree, struct definitions_walk *ret)
{
        char path[PATH_MAX];
        int r = root_path(root, path, "%s", tree);
        DIR *dir;

        if (r < 0)
                return r;
        dir = opendir(path);
        if (!dir)
                return -errno;
        *ret = (struct definitions_walk){.dirfd = -1, .tree = dir};
        return 0;
}

static void files_close(struct definitions_walk *walk)
{
        cleanup_closedir(&walk->files);
        walk->files = NULL;
        walk->dirfd = -1;
        walk->uuid = NULL;
}

void definitions_close(struct definitions_walk *walk)
{
        files_close(walk);
        cleanup_closedir(&walk->tree);
        walk->tree = NULL;
}

/* Sets the path to a parent, or to a file of the current parent. */
static void set_path(struct definitions_walk *walk, const char *name)
{
        if (walk->files)
                snprintf(walk->path, sizeof(walk->path), "/%s/%s", walk->parent, name);
        else
                snprintf(walk->path, sizeof(walk->path), "/%s", name);
}

/* Reports that the rest of a directory cannot be read. */
static int read_failed(struct definitions_walk *walk, struct reason *reason)
{
        const int r = -errno;

        if (walk->files) {
                snprintf(walk->path, sizeof(walk->path), "/%s", walk->parent);
                files_close(walk);
        } else {
                walk->path[0] = '\0';
                definitions_close(walk);
        }
        return reason_set(reason, r, "%s, ignoring the rest of it", strerror(-r));
}

static int parent_open_directory(struct definitions_walk *walk, const char *name, struct reason *reason)
{
        const char *wrong = name_check(name);
        int fd, r;

        if (wrong)
                return reason_set(reason, -EINVAL, "the name %s, ignoring the definitions in it", wrong);
        fd = openat(dirfd(walk->tree), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        walk->files = fd < 0 ? NULL : fdopendir(fd);
        if (!walk->files) {
                r = -errno;
                cleanup_close(&fd);
                return reason_set(reason, r, "%s, ignoring", strerror(-r));
        }
        walk->dirfd = fd;
        walk->parent = name;
        return 1;
}

/* Reports a dangling link, because it may be meant to lead to a parent's directory. */
static int check_link(struct definitions_walk *walk, const struct dirent *entry, struct reason *reason)
{
        struct stat st;

        if (entry->d_type != DT_LNK || is_skipped(entry->d_name) ||
                fstatat(dirfd(walk->tree), entry->d_name, &st, 0) == 0)
                return 0;
        return reason_set(
                reason, -errno, "the symbolic link cannot be followed: %s, ignoring", strerror(errno));
}

/* Saves reading the directory of a parent that does not define the UUID. */
static bool has_file(const struct definitions_walk *walk, const char *name)
{
        char path[NAME_MAX + 1 + UUID_LENGTH + 1];
        struct stat st;

        snprintf(path, sizeof(path), "%.*s/%.*s", NAME_MAX, name, UUID_LENGTH, walk->only_uuid);
        return fstatat(dirfd(walk->tree), path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Opens the directory of the next parent. */
static int next_parent(struct definitions_walk *walk, struct reason *reason)
{
        struct dirent *entry;
        int r;

        while ((errno = 0, entry = readdir(walk->tree))) {
                if ((walk->only_parent && strcmp(entry->d_name, walk->only_parent) != 0) ||
                        (walk->only_uuid && !has_file(walk, entry->d_name)))
                        continue;
                set_path(walk, entry->d_name);
                if (definitions_entry_is_parent(dirfd(walk->tree), entry))
                        r = parent_open_directory(walk, entry->d_name, reason);
                else
                        r = check_link(walk, entry, reason);
                if (r != 0)
                        return r;
        }
        return errno != 0 ? read_failed(walk, reason) : 0;
}

/* Moves to the next file of the current parent. */
static int next_file(struct definitions_walk *walk, struct reason *reason)
{
        struct dirent *entry;

        if (walk->only_uuid && !walk->uuid) {
                set_path(walk, walk->only_uuid);
                walk->uuid = walk->only_uuid;
                return 1;
        }
        while (!walk->only_uuid && (errno = 0, entry = readdir(walk->files))) {
                if (is_skipped(entry->d_name) || definition_is_temporary(entry->d_name))
                        continue;
                set_path(walk, entry->d_name);
                if (!uuid_is_canonical(entry->d_name))
                        return reason_set(reason, -EINVAL,
                                "the name of the file is not a UUID in lower case with hyphens, ignoring");
                walk->uuid = entry->d_name;
                return 1;
        }
        if (!walk->only_uuid && errno != 0)
                return read_failed(walk, reason);
        files_close(walk);
        return 0;
}

int definitions_next(struct definitions_walk *walk, struct reason *reason)
{
        int r;

        while (walk->tree) {
                if (walk->files && (r = next_file(walk, reason)) != 0)
                        return r;
                if (!walk->files && (r = next_parent(walk, reason)) <= 0)
                        return r;
        }
        return 0;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int definition_find_parents_in(const struct root *root, const char *tree, const char *uuid, char ***ret)
{
        _cleanup_definitions_ struct definitions_walk walk = DEFINITIONS_WALK_NONE;
        _cleanup_parent_names_ char **names = NULL;
        struct reason reason;
        size_t n = 0;
        int r;

        r = definitions_open(root, tree, &walk);
        if (r < 0 && r != -ENOENT)
                return r;
        names = calloc(1, sizeof(char *));
        if (!names)
                return -ENOMEM;
        walk.only_uuid = uuid;
        while ((r = definitions_next(&walk, &reason)) != 0) {
                char **more;

                if (r < 0 && walk.path[0] == '\0')
                        return r;
                if (r < 0)
                        continue;
                more = realloc(names, (n + 2) * sizeof(char *));
                if (!more)
                        return -ENOMEM;
                names = more;
                names[n] = strdup(walk.parent);
                if (!names[n])
                        return -ENOMEM;
                names[++n] = NULL;
        }
        qsort(names, n, sizeof(char *), compare_names);
        *ret = TAKE_PTR(names);
        return (int) n;
}

int definition_find_parents(const struct root *root, const char *uuid, char ***ret)
{
        int n = definition_find_parents_in(root, DEFINITIONS_TRANSIENT_DIR, uuid, ret);

        if (n != 0)
                return n;
        parent_names_free(ret);
        return definition_find_parents_in(root, DEFINITIONS_DIR, uuid, ret);
}

int definition_load_of(const struct root *root, const char *tree, const char *parent, const char *uuid,
        char ret_path[static PATH_MAX], struct definition *ret, struct reason *reason)
{
        int r = root_path(root, ret_path, "%s/%s/%s", tree ? tree : DEFINITIONS_TRANSIENT_DIR, parent, uuid);

        if (!tree && (r < 0 || access(ret_path, F_OK) < 0))
                r = root_path(root, ret_path, DEFINITIONS_DIR "/%s/%s", parent, uuid);
        if (r < 0)
                return reason_set(reason, r, "the path is too long");
        return definition_load(AT_FDCWD, ret_path, ret, reason);
}

int definition_choose_parent(const struct root *root, const char *tree, const char *uuid, char **parents,
        void (*warn)(const char *path, const struct reason *reason), const char **ret, struct reason *reason)
{
        const char *chosen = NULL;
        bool broken = false;
        int n = 0;

        if (!parents[1]) {
                *ret = parents[0];
                return 0;
        }
        for (char **p = parents; *p; p++, n++) {
                _cleanup_definition_ struct definition definition = {};
                _cleanup_close_ int fd = parent_open(root, *p);
                char path[PATH_MAX];

                if (fd < 0)
                        continue;
                if (definition_load_of(root, tree, *p, uuid, path, &definition, reason) < 0) {
                        warn(path, reason);
                        broken = true;
                } else if (chosen) {
                        return reason_set(reason, -ENOTUNIQ,
                                "defined under parent %s and under parent %s, and both are registered; "
                                "remove one of the definitions",
                                chosen, *p);
                } else {
                        chosen = *p;
                }
        }
        *ret = chosen;
        if (chosen)
                return 0;
        return broken ? -EBADMSG
                      : reason_set(reason, -ENOTUNIQ,
                                "defined under %d parents, none of which is registered", n);
}

void parent_names_free(char ***names)
{
        for (char **p = *names; p && *p; p++)
                free(*p);
        free(*names);
        *names = NULL;
}
