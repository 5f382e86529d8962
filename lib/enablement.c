/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "definitions.h"
#include "enablement.h"
#include "unit-name.h"
#include "util.h"

/* systemctl enable makes links here, without and with --runtime. The first directory has precedence. */
#define RUNTIME_DIR "/run/systemd/system"
static const char *const enable_directories[] = {"/etc/systemd/system", RUNTIME_DIR};

/* Gets the unit whose dependencies a directory holds. False for any other directory. */
static bool get_wanting_unit(const char *directory, char ret[static NAME_MAX + 1])
{
        static const char *const suffixes[] = {".wants", ".requires"};
        const size_t length = strlen(directory);

        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                const size_t suffix = strlen(suffixes[i]);

                if (length > suffix && length <= NAME_MAX &&
                        strcmp(directory + length - suffix, suffixes[i]) == 0) {
                        memcpy(ret, directory, length - suffix);
                        ret[length - suffix] = '\0';
                        return true;
                }
        }
        return false;
}

static bool link_is_mask(int dirfd, const char *path)
{
        char target[sizeof("/dev/null")];
        const ssize_t n = readlinkat(dirfd, path, target, sizeof(target));

        return n == (ssize_t) strlen("/dev/null") && memcmp(target, "/dev/null", (size_t) n) == 0;
}

static int add_link(struct enablement *enablement, size_t *size, const struct enablement_link *link)
{
        if (enablement->n == *size) {
                const size_t more = *size ? 2 * *size : 16;
                void *links = realloc(enablement->links, more * sizeof(*link));

                if (!links)
                        return -ENOMEM;
                enablement->links = links;
                *size = more;
        }
        enablement->links[enablement->n] = *link;
        enablement->links[enablement->n].order = enablement->n;
        enablement->n++;
        return 0;
}

static struct enablement_directory *add_directory(struct enablement *enablement)
{
        struct enablement_directory **directories =
                realloc(enablement->directories, (enablement->n_directories + 1) * sizeof(void *));

        if (!directories)
                return NULL;
        enablement->directories = directories;
        directories[enablement->n_directories] = calloc(1, sizeof(**directories));
        if (!directories[enablement->n_directories])
                return NULL;
        return directories[enablement->n_directories++];
}

/* Reads the links under one parent. */
static int load_directory(struct enablement *enablement, size_t *size, int dirfd, const char *above,
        const char *name, const char *parent)
{
        const int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct enablement_directory *directory;
        struct dirent *entry;

        if (!dir)
                return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
        directory = add_directory(enablement);
        if (!directory)
                return -ENOMEM;
        snprintf(directory->path, sizeof(directory->path), "%s/%s", above, name);
        directory->name = directory->path + strlen(above) + 1;
        strcpy(directory->parent, parent);

        while ((errno = 0, entry = readdir(dir))) {
                struct enablement_link link = {.directory = directory};
                int r;

                if (!unit_name_get_definition(entry->d_name, link.uuid))
                        continue;
                link.is_mask = link_is_mask(fd, entry->d_name);
                r = add_link(enablement, size, &link);
                if (r < 0)
                        return r;
        }
        return -errno;
}

static int compare_links(const void *a, const void *b)
{
        const struct enablement_link *left = a, *right = b;
        const int order = strcmp(left->uuid, right->uuid);

        return order ? order : (left->order > right->order) - (left->order < right->order);
}

static int compare_masks(const void *a, const void *b)
{
        const struct enablement_mask *left = a, *right = b;
        const int order = strcmp(left->uuid, right->uuid);

        return order ? order : left->is_runtime - right->is_runtime;
}

/* Notes a unit file that is a link to /dev/null; other files are none of ours. */
static int add_mask(struct enablement *enablement, int dirfd, const char *name, const char *above)
{
        struct enablement_mask *masks, mask = {.is_runtime = strcmp(above, RUNTIME_DIR) == 0};

        if (!unit_name_get_definition(name, mask.uuid) || !link_is_mask(dirfd, name))
                return 0;
        masks = realloc(enablement->masks, (enablement->n_masks + 1) * sizeof(mask));
        if (!masks)
                return -ENOMEM;
        enablement->masks = masks;
        masks[enablement->n_masks++] = mask;
        return 0;
}

int enablement_load(const struct root *root, struct enablement *ret)
{
        size_t size = 0;
        int r = 0;

        *ret = (struct enablement){};
        for (size_t i = 0; i < ELEMENTSOF(enable_directories); i++) {
                _cleanup_closedir_ DIR *dir = NULL;
                char path[PATH_MAX], unit[NAME_MAX + 1], parent[NAME_MAX + 1];
                struct dirent *entry;

                if (root_path(root, path, "%s", enable_directories[i]) < 0)
                        continue;
                dir = opendir(path);
                if (!dir && errno != ENOENT)
                        r = -errno;
                while (dir && (entry = readdir(dir))) {
                        int k;

                        if (get_wanting_unit(entry->d_name, unit) && unit_name_get_parent(unit, parent))
                                k = load_directory(ret, &size, dirfd(dir), enable_directories[i],
                                        entry->d_name, parent);
                        else
                                k = add_mask(ret, dirfd(dir), entry->d_name, enable_directories[i]);
                        r = k < 0 ? k : r;
                }
        }
        if (ret->n > 0)
                qsort(ret->links, ret->n, sizeof(struct enablement_link), compare_links);
        if (ret->n_masks > 0)
                qsort(ret->masks, ret->n_masks, sizeof(struct enablement_mask), compare_masks);
        return r;
}

void enablement_done(struct enablement *enablement)
{
        for (size_t i = 0; i < enablement->n_directories; i++)
                free(enablement->directories[i]);
        free(enablement->directories);
        free(enablement->links);
        free(enablement->masks);
        *enablement = (struct enablement){};
}

/* Returns the index of the first link of a UUID, or the index at which it would be. */
static size_t find_first(const struct enablement *enablement, const char *uuid)
{
        size_t from = 0, to = enablement->n;

        while (from < to) {
                const size_t middle = from + (to - from) / 2;

                if (strcmp(enablement->links[middle].uuid, uuid) < 0)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static bool is_defined(const struct root *root, const char *parent, const char *uuid)
{
        char path[PATH_MAX];
        struct stat st;

        return root_path(root, path, DEFINITIONS_DIR "/%s/%s", parent, uuid) >= 0 && lstat(path, &st) == 0;
}

const struct enablement_link *enablement_next_stray(
        const struct enablement *enablement, const struct root *root, const char *uuid, size_t *index)
{
        size_t i = *index > 0 ? *index : find_first(enablement, uuid);

        for (; i < enablement->n && strcmp(enablement->links[i].uuid, uuid) == 0; i++) {
                const struct enablement_link *link = &enablement->links[i];

                if (link->is_mask || is_defined(root, link->directory->parent, uuid))
                        continue;
                *index = i + 1;
                return link;
        }
        return NULL;
}

static int compare_mask(const void *uuid, const void *mask)
{
        return strcmp(uuid, ((const struct enablement_mask *) mask)->uuid);
}

const char *enablement_get_state(const struct enablement *enablement, const char *uuid)
{
        const struct enablement_mask *mask = NULL;
        bool is_runtime = false;

        if (enablement->n_masks > 0)
                mask = bsearch(uuid, enablement->masks, enablement->n_masks, sizeof(*mask), compare_mask);
        if (mask) /* either of two, of which /etc has precedence */
                return mask->is_runtime && (mask == enablement->masks || strcmp(mask[-1].uuid, uuid) != 0)
                               ? "masked-runtime"
                               : "masked";
        for (size_t i = find_first(enablement, uuid);
                i < enablement->n && strcmp(enablement->links[i].uuid, uuid) == 0; i++) {
                if (enablement->links[i].is_mask)
                        continue;
                if (strncmp(enablement->links[i].directory->path, RUNTIME_DIR, strlen(RUNTIME_DIR)) != 0)
                        return "enabled";
                is_runtime = true;
        }
        return is_runtime ? "enabled-runtime" : NULL;
}

enum enabled enablement_get(
        const struct enablement *enablement, const struct root *root, const char *parent, const char *uuid)
{
        size_t index = 0;

        for (size_t i = find_first(enablement, uuid); i < enablement->n; i++) {
                const struct enablement_link *link = &enablement->links[i];

                if (strcmp(link->uuid, uuid) != 0)
                        break;
                if (strcmp(link->directory->parent, parent) == 0)
                        return link->is_mask ? ENABLED_NOT : ENABLED_BY_LINK;
        }
        return enablement_next_stray(enablement, root, uuid, &index) ? ENABLED_BY_STRAY_LINK : ENABLED_NOT;
}

bool enablement_is_masked(const struct enablement *enablement, const char *parent, const char *uuid)
{
        for (size_t i = find_first(enablement, uuid);
                i < enablement->n && strcmp(enablement->links[i].uuid, uuid) == 0; i++)
                if (strcmp(enablement->links[i].directory->parent, parent) == 0)
                        return enablement->links[i].is_mask;
        return false;
}

/* The first directory that has the link decides. */
static bool is_linked(const struct root *root, const char *const directories[], size_t n,
        const char *wanting_unit, const char *unit)
{
        char path[PATH_MAX];
        struct stat st;

        for (size_t i = 0; i < n; i++)
                if (root_path(root, path, "%s/%s.wants/%s", directories[i], wanting_unit, unit) >= 0 &&
                        lstat(path, &st) == 0)
                        return !link_is_mask(AT_FDCWD, path);
        return false;
}

bool unit_is_enabled(const struct root *root, const char *wanting_unit, const char *unit)
{
        return is_linked(root, enable_directories, ELEMENTSOF(enable_directories), wanting_unit, unit);
}

bool unit_is_wanted(const struct root *root, const char *parent, const char *uuid)
{
        /* The generator masks links in generator.early if nothing should start automatically. It also adds
         * links for stray links in the last directory. */
        static const char *const directories[] = {"/run/systemd/generator.early", "/etc/systemd/system",
                "/run/systemd/system", "/run/systemd/generator"};
        char unit[UNIT_NAME_SIZE], parent_unit[UNIT_NAME_SIZE];

        unit_name_of_definition(unit, uuid);
        return unit_name_of_parent(parent_unit, parent) >= 0 &&
               is_linked(root, directories, ELEMENTSOF(directories), parent_unit, unit);
}

/* The links of a unit to remove, and the directories from which links were removed. */
struct removal {
        const struct root *root;
        char unit[UNIT_NAME_SIZE];
        char **keep; /* the parents whose links stay */
        bool removed[ELEMENTSOF(enable_directories)];
        struct reason *reason;
};

static bool is_kept(const struct removal *removal, const char *wanting_unit)
{
        char parent[NAME_MAX + 1];

        /* A link of an administrator, such as for multi-user.target, stays as long as any definition does.
         */
        if (!unit_name_get_parent(wanting_unit, parent))
                return removal->keep[0];
        for (char **p = removal->keep; *p; p++)
                if (strcmp(*p, parent) == 0)
                        return true;
        return false;
}

static int remove_in(struct removal *removal, int dirfd, size_t i, const char *name)
{
        char unit[NAME_MAX + 1], path[2 * NAME_MAX + 2];
        struct stat st;

        if (!get_wanting_unit(name, unit) || is_kept(removal, unit))
                return 0;
        snprintf(path, sizeof(path), "%s/%s", name, removal->unit);
        if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || link_is_mask(dirfd, path))
                return 0;
        if (unlinkat(dirfd, path, 0) < 0 && errno != ENOENT)
                return reason_set(removal->reason, -errno, "Failed to remove %s%s/%s: %s",
                        removal->root->path, enable_directories[i], path, strerror(errno));
        removal->removed[i] = true;
        /* Fails if the directory has other entries, which then stay. */
        (void) unlinkat(dirfd, name, AT_REMOVEDIR);
        return 0;
}

/* Removes all links that are not kept. Goes on after an error and returns the first one. */
static int removal_run(struct removal *removal)
{
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(enable_directories); i++) {
                _cleanup_closedir_ DIR *dir = NULL;
                char path[PATH_MAX];
                struct dirent *entry;

                if (root_path(removal->root, path, "%s", enable_directories[i]) < 0)
                        continue;
                dir = opendir(path);
                if (!dir && errno != ENOENT)
                        r = reason_set(
                                removal->reason, -errno, "Failed to read %s: %s", path, strerror(errno));
                while (dir && (entry = readdir(dir))) {
                        int k = remove_in(removal, dirfd(dir), i, entry->d_name);

                        r = r < 0 ? r : k;
                }
        }
        return r;
}

/* Makes the link for the only remaining definition. */
static int make_link(const struct removal *removal, size_t i)
{
        char parent_unit[UNIT_NAME_SIZE], path[PATH_MAX];
        int r;

        r = unit_name_of_parent(parent_unit, removal->keep[0]);
        if (r < 0)
                return 0; /* the generator reports such a parent */
        r = root_path(removal->root, path, "%s/%s.wants", enable_directories[i], parent_unit);
        if (r >= 0 && mkdir(path, 0755) < 0 && errno != EEXIST)
                r = -errno;
        if (r >= 0)
                r = root_path(removal->root, path, "%s/%s.wants/%s", enable_directories[i], parent_unit,
                        removal->unit);
        if (r >= 0 && symlink(UNIT_DIR "/mdev@.service", path) < 0 && errno != EEXIST)
                r = -errno;
        return r < 0 ? reason_set(removal->reason, r, "Failed to create %s: %s", path, strerror(-r)) : 0;
}

int unit_disable(const struct root *root, const char *parent, const char *uuid, struct reason *reason)
{
        _cleanup_parent_names_ char **parents = NULL;
        struct removal removal = {.root = root, .reason = reason};
        int r = definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents);
        char **to;

        if (r < 0)
                return reason_set(reason, r, "Failed to read " DEFINITIONS_DIR ": %s", strerror(-r));
        to = parents;
        for (char **p = parents; *p; p++)
                if (strcmp(*p, parent) == 0)
                        free(*p);
                else
                        *to++ = *p;
        *to = NULL;
        unit_name_of_definition(removal.unit, uuid);
        removal.keep = parents;
        return removal_run(&removal);
}

int unit_disable_everywhere(const struct root *root, const char *unit, struct reason *reason)
{
        char *none[] = {NULL};
        struct removal removal = {.root = root, .keep = none, .reason = reason};

        snprintf(removal.unit, sizeof(removal.unit), "%s", unit);
        return removal_run(&removal);
}

int unit_enablement_follow(const struct root *root, const char *uuid, struct reason *reason)
{
        _cleanup_parent_names_ char **parents = NULL;
        struct removal removal = {.root = root, .reason = reason};
        int r, n = definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents);

        if (n < 0)
                return reason_set(reason, n, "Failed to read " DEFINITIONS_DIR ": %s", strerror(-n));
        unit_name_of_definition(removal.unit, uuid);
        removal.keep = parents;
        r = removal_run(&removal);
        for (size_t i = 0; n == 1 && i < ELEMENTSOF(enable_directories); i++)
                if (removal.removed[i]) {
                        int k = make_link(&removal, i);

                        r = r < 0 ? r : k;
                }
        return r;
}
