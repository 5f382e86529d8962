/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definition.h"
#include "log.h"
#include "name.h"
#include "override.h"
#include "util.h"
#include "vgpu.h"
#include "watch.h"

#define CHANGES                                                                                             \
        (IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM |              \
                IN_MOVED_TO | IN_MOVE_SELF)

/* The kernel's limit for the links in one path. */
#define LINKS_LIMIT 40

#define _cleanup_watch_ __attribute__((cleanup(watch_done)))

/* The directories whose files are definitions, or drivers, without directories of parents. */
static const char *const flat[] = {OVERRIDES_DIR, VGPU_DIR};

static int report(const char *path, int r)
{
        return log_warning_errno(r,
                r == -ENOSPC ? "Failed to watch %s: fs.inotify.max_user_watches is too low"
                             : "Failed to watch %s: %m",
                path);
}

static bool is_absent(int r)
{
        return r == -ENOENT || r == -ENOTDIR;
}

/* Watches the target of a path. Returns the watch descriptor, or a negative errno. */
static int add(int fd, const char *path, uint32_t mask)
{
        int r = inotify_add_watch(fd, path, mask | IN_MASK_ADD);

        r = r < 0 ? -errno : r;
        if (r < 0 && !is_absent(r))
                report(path, r);
        return r;
}

/* Watches a file and the directory of each link on the way to it, because any link may be replaced. */
static void add_link(int fd, const char *link)
{
        char path[PATH_MAX], rest[PATH_MAX];
        size_t done = 0;
        int links = 0;

        if (snprintf(rest, sizeof(rest), "%s", link) >= (int) sizeof(rest))
                return;
        path[0] = '\0';
        for (char *from = rest; *from;) {
                const size_t slashes = strspn(from, "/"), length = strcspn(from + slashes, "/");
                char target[PATH_MAX];
                ssize_t n;

                if (done + 1 + length >= sizeof(path))
                        return;
                path[done] = '/';
                memcpy(path + done + 1, from + slashes, length);
                path[done + 1 + length] = '\0';
                from += slashes + length;

                n = readlink(path, target, sizeof(target) - 1);
                if (n < 0) {
                        done += 1 + length;
                        continue;
                }
                if (++links > LINKS_LIMIT || (size_t) n + strlen(from) + 1 > sizeof(target))
                        return;
                path[done] = '\0';
                (void) add(fd, done ? path : "/", CHANGES);
                strcpy(target + n, from);
                strcpy(rest, target);
                from = rest;
                if (rest[0] == '/')
                        done = 0;
        }
        path[done] = '\0';
        (void) add(fd, path, CHANGES);
}

/* Watches the definitions in a directory that are links, and the links on the way to their files. */
static void add_links(int fd, const char *directory)
{
        _cleanup_closedir_ DIR *dir = opendir(directory);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char path[PATH_MAX];

                if (entry->d_type == DT_LNK && uuid_is_canonical(entry->d_name) &&
                        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) < (int) sizeof(path))
                        add_link(fd, path);
        }
}

/* Watches the directories of all parents. A failure for one does not affect the others. */
static void add_parents(int fd, const char *definitions)
{
        _cleanup_closedir_ DIR *dir = opendir(definitions);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char path[PATH_MAX];

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                        strcmp(entry->d_name, DEFINITIONS_SCRIPTS) == 0 ||
                        snprintf(path, sizeof(path), "%s/%s", definitions, entry->d_name) >=
                                (int) sizeof(path))
                        continue;
                if (entry->d_type == DT_LNK)
                        add_link(fd, path);
                if (add(fd, path, CHANGES | IN_ONLYDIR) >= 0)
                        add_links(fd, path);
        }
}

/* Watches from the top down, so that the watch above reports a directory that appears meanwhile. */
int watch_open(struct watch *ret, const struct root *root)
{
        _cleanup_watch_ struct watch watch = {.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
        char path[PATH_MAX];
        int r;

        if (watch.fd < 0)
                return -errno;
        r = root_path(root, path, DEFINITIONS_BASE_DIR);
        if (r < 0)
                return r;
        watch.above = add(watch.fd, path, IN_CREATE | IN_MOVED_TO);
        r = root_path(root, path, DEFINITIONS_DIR);
        if (r < 0)
                return r;
        if (add(watch.fd, path, CHANGES | IN_ONLYDIR) >= 0) {
                add_link(watch.fd, path);
                add_parents(watch.fd, path);
        }
        for (size_t i = 0; i < ELEMENTSOF(flat); i++) {
                r = root_path(root, path, "%s", flat[i]);
                if (r < 0)
                        return r;
                if (add(watch.fd, path, CHANGES | IN_ONLYDIR) >= 0)
                        add_link(watch.fd, path);
        }
        *ret = watch;
        watch.fd = -1;
        return 0;
}

static bool concerns_definitions(const struct watch *watch, const struct inotify_event *event)
{
        const char *name = event->len > 0 ? event->name : "";

        if (event->wd == watch->above)
                return strcmp(name, DEFINITIONS_NAME) == 0 || strcmp(name, OVERRIDES_NAME) == 0 ||
                       strcmp(name, VGPU_NAME) == 0;
        return !definition_is_temporary(name);
}

bool watch_take_events(const struct watch *watch)
{
        alignas(struct inotify_event) char buffer[4096];
        bool changed = false;
        ssize_t n;

        while ((n = read(watch->fd, buffer, sizeof(buffer))) > 0)
                for (ssize_t at = 0; at < n;) {
                        const void *event_at = buffer + at;
                        const struct inotify_event *event = event_at;

                        changed = changed || concerns_definitions(watch, event);
                        at += (ssize_t) (sizeof(*event) + event->len);
                }
        return changed;
}

void watch_done(struct watch *watch)
{
        cleanup_close(&watch->fd);
        watch->fd = -1;
}
