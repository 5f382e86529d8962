/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-definitions-watch: has systemd read definitions again that have changed
 *
 * mdev-definitions.service runs this from boot to shutdown. It knows nothing of
 * what is in a definition: systemd runs mdev-generator when it reloads, and that
 * reads them all.
 *
 * Nothing is lost, because every reload comes after the directories are watched
 * anew: what changes before that is read, and what changes later is seen. Only
 * when this begins, at boot or after it was killed, may something have changed
 * unseen. Then the definitions are compared with what the generator has written.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

#include "cleanup.h"
#include "config.h"
#include "definition.h"
#include "log.h"

/* Changes come in bursts, and a reload concerns the whole system: so wait until it has been quiet for so
 * many milliseconds, but not for ever. */
#define QUIET_MS 500
#define BURST_MS 5000

/* Where systemd has the generator write. */
#define GENERATED_DIR "/run/systemd/generator"

#define CHANGES                                                                                             \
        (IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM |              \
                IN_MOVED_TO | IN_MOVE_SELF)

struct watch {
        int fd;    /* one inotify instance for everything: a user has 128 of them */
        int above; /* watch descriptor of the directory above, to see ours come */
};

static void watch_done(struct watch *watch)
{
        cleanup_close(&watch->fd);
}
#define _cleanup_watch_ __attribute__((cleanup(watch_done)))

static int report(int priority, int r, const char *path)
{
        return log_message_errno(priority, r,
                r == -ENOSPC ? "%s: cannot be watched: fs.inotify.max_user_watches is too low"
                             : "%s: cannot be watched: %m",
                path);
}

/* Makes a path and watches it. Returns the watch descriptor or negative errno. */
static int add(int fd, const struct env *env, char path[static PATH_MAX], const char *name, uint32_t mask)
{
        int r = env_path(env, path, "%s", name);

        if (r < 0)
                return r;
        r = inotify_add_watch(fd, path, mask | IN_ONLYDIR);
        return r < 0 ? -errno : r;
}

static bool is_absent(int r)
{
        return r == -ENOENT || r == -ENOTDIR;
}

/* Watches the directories of all parents. One that cannot be watched spoils nothing for the others. */
static int add_parents(int fd, const struct env *env, const char *definitions)
{
        _cleanup_closedir_ DIR *dir = opendir(definitions);
        char path[PATH_MAX], name[sizeof(DEFINITIONS_DIR) + 1 + NAME_MAX];
        struct dirent *entry;

        if (!dir)
                return is_absent(-errno) ? 0 : report(LOG_ERR, -errno, definitions);
        while ((errno = 0, entry = readdir(dir))) {
                int r;

                if (!definitions_entry_is_parent(dirfd(dir), entry))
                        continue;
                snprintf(name, sizeof(name), DEFINITIONS_DIR "/%s", entry->d_name);
                r = add(fd, env, path, name, CHANGES);
                if (r < 0 && !is_absent(r))
                        report(LOG_WARNING, r, path);
        }
        return errno != 0 ? report(LOG_ERR, -errno, definitions) : 0;
}

/* Watches the directory of the definitions and those of all parents. The order matters: a directory that
 * comes while this looks is seen to come. */
static int watch_open(struct watch *ret, const struct env *env)
{
        _cleanup_watch_ struct watch watch = {.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
        char path[PATH_MAX];
        int r;

        if (watch.fd < 0)
                return log_error_errno(-errno,
                        errno == EMFILE ? "cannot watch anything: fs.inotify.max_user_instances is too low"
                                        : "cannot watch anything: %m");
        watch.above = add(watch.fd, env, path, DEFINITIONS_ABOVE, IN_CREATE | IN_MOVED_TO);
        if (watch.above < 0)
                return report(LOG_ERR, watch.above, path);
        r = add(watch.fd, env, path, DEFINITIONS_DIR, CHANGES);
        if (r < 0 && !is_absent(r))
                return report(LOG_ERR, r, path);
        r = add_parents(watch.fd, env, path);
        if (r < 0)
                return r;
        *ret = watch;
        watch.fd = -1;
        return 0;
}

static bool concerns_definitions(const struct watch *watch, const struct inotify_event *event)
{
        const char *name = event->len > 0 ? event->name : "";

        if (event->wd == watch->above)
                return strcmp(name, DEFINITIONS_NAME) == 0;
        return !definition_is_temporary(name);
}

/* True if there is something among the events that have come. */
static bool take_events(const struct watch *watch)
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

static int64_t milliseconds(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return INT64_C(1000) * now.tv_sec + now.tv_nsec / 1000000;
}

/* Waits for a change, and for the end of the burst that it may belong to. */
static void wait_for_changes(const struct watch *watch)
{
        struct pollfd pollfd = {.fd = watch->fd, .events = POLLIN};
        int64_t end;

        while (poll(&pollfd, 1, -1) < 0 || !take_events(watch))
                ;
        end = milliseconds() + BURST_MS;
        while (milliseconds() < end && poll(&pollfd, 1, QUIET_MS) > 0)
                (void) take_events(watch);
}

/* The newest change of a directory and of what is in it, in seconds; now, if nobody can tell. Counts the
 * entries. */
static time_t newest_change(int dirfd, const char *name, int *count)
{
        int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        time_t newest = dir ? 0 : time(NULL);
        struct dirent *entry;
        struct stat st;

        while (dir && (entry = readdir(dir))) {
                if (strcmp(entry->d_name, "..") == 0 || definition_is_temporary(entry->d_name) ||
                        fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                *count += strcmp(entry->d_name, ".") != 0;
                newest = st.st_ctime > newest ? st.st_ctime : newest;
        }
        return newest;
}

/* When the generator wrote the first of what it has written, in seconds; 0 if it has written nothing. */
static time_t oldest_generated(const struct env *env)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        time_t oldest = 0;
        struct dirent *entry;
        struct stat st;

        if (env_path(env, path, GENERATED_DIR) >= 0)
                dir = opendir(path);
        while (dir && (entry = readdir(dir)))
                if (strncmp(entry->d_name, "mdev@", strlen("mdev@")) == 0 &&
                        fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        oldest = oldest == 0 || st.st_mtime < oldest ? st.st_mtime : oldest;
        return oldest;
}

/* True if something may have changed since the generator has read it: a reload too many does no harm. Within
 * the same second nobody can tell, and one second more is for clocks that are a little behind. What the
 * generator has written minutes from now, it wrote before the clock was set back. */
static bool has_missed_changes(const struct env *env)
{
        const time_t generated = oldest_generated(env);
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        time_t newest = 0;
        struct dirent *entry;
        struct stat st;
        int count = 0;

        if (env_path(env, path, DEFINITIONS_DIR) >= 0)
                dir = opendir(path);
        if (dir && fstat(dirfd(dir), &st) == 0)
                newest = st.st_ctime;
        while (dir && (entry = readdir(dir)))
                if (definitions_entry_is_parent(dirfd(dir), entry)) {
                        time_t change = newest_change(dirfd(dir), entry->d_name, &count);

                        newest = change > newest ? change : newest;
                }
        if (generated == 0)
                return count > 0;
        return !dir || newest >= generated - 1 || generated > time(NULL) + 60;
}

static int reload(const struct env *env)
{
        log_info("definitions have changed, having systemd reload");
        /* systemctl says why, if it fails. */
        if (env_is_live(env) &&
                system(SYSTEMCTL " daemon-reload") != 0) { /* NOLINT(cert-env33-c): a constant */
                log_error("systemd could not be had reload; changed definitions are not applied");
                return -EIO;
        }
        return 0;
}

int main(int argc, char *argv[])
{
        _cleanup_watch_ struct watch watch = {.fd = -1};
        struct env env;
        bool changed;

        log_init("mdev-definitions-watch", LOG_TARGET_STDERR);
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-definitions-watch " VERSION);
                return EXIT_SUCCESS;
        }
        if (argc != 1) {
                log_error("usage: mdev-definitions-watch");
                return EX_USAGE;
        }
        if (env_init(&env) < 0) {
                log_error("MDEVCTL_ENV_ROOT must be an absolute path");
                return EX_USAGE;
        }
        if (watch_open(&watch, &env) < 0)
                return EX_OSERR;
        for (changed = has_missed_changes(&env);; changed = true) {
                struct watch next = {.fd = -1};

                if (changed && reload(&env) < 0)
                        return EX_UNAVAILABLE;
                wait_for_changes(&watch);
                if (watch_open(&next, &env) < 0)
                        return EX_OSERR;
                watch_done(&watch);
                watch = next;
        }
}
