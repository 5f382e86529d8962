/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "definitions.h"
#include "functions.h"
#include "generated.h"
#include "log.h"
#include "manager.h"
#include "mounts.h"
#include "parent.h"
#include "unit-name.h"
#include "watch.h"

#define SECOND UINT64_C(1000000)

/* Changes come in bursts, and a reload affects the whole system. So the comparison waits until no change
 * follows, but not longer than BURST_USEC. */
#define QUIET_USEC (SECOND / 2)
#define BURST_USEC (5 * SECOND)

/* The time between comparisons without an inotify instance, and before another try after a failure. */
#define LOOK_USEC (5 * SECOND)

/* It exists while udev runs. */
#define UDEV_SOCKET "/run/udev/control"

struct definitions {
        const struct root *root;
        sd_event *event;
        struct watch watch;
        sd_event_source *changes; /* the inotify instance */
        sd_event_source *mounts;  /* /proc/self/mountinfo */
        sd_event_source *timer;
        uint64_t mounts_digest;
        uint64_t burst_begin; /* 0 if no burst is under way */
        uint64_t applied;     /* what the last reload left, see difference() */
        bool is_blind;        /* there is no inotify instance */
};

enum which_parents {
        PARENTS_ALL,
        PARENTS_UNANNOUNCED, /* udev has not announced them yet; their jobs wait for that */
        PARENTS_NEW,         /* systemd knows them since a given time */
};

static bool is_meant(sd_bus *bus, const char *unit, enum which_parents which, uint64_t since)
{
        switch (which) {
        case PARENTS_UNANNOUNCED:
                return !manager_unit_is_active(bus, unit);
        case PARENTS_NEW:
                return manager_unit_get_active_since(bus, unit) >= since;
        case PARENTS_ALL:
                break;
        }
        return true;
}

/* Starts the device units of registered parents, and thereby the units that they want. */
static int start_wanted(const struct root *root, sd_bus *bus, enum which_parents which, uint64_t since)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;
        int r;

        r = root_path(root, path, PARENTS_DIR);
        if (r < 0)
                return r;
        dir = opendir(path);
        while (dir && (entry = readdir(dir))) {
                char unit[UNIT_NAME_SIZE];

                if (entry->d_name[0] != '.' && unit_name_of_parent(unit, entry->d_name) >= 0 &&
                        is_meant(bus, unit, which, since))
                        (void) manager_request(bus, "StartUnit", unit, "fail");
        }
        return 0;
}

/* A parent that appears after a change and before the reload wants what systemd knew then, so it wants once
 * more what systemd knows now. */
static int reload(const struct root *root, uint64_t changed)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        if (!root_is_live(root))
                return 0;
        r = manager_open(&bus);
        if (r >= 0) {
                functions_announce(root, bus);
                r = manager_reload(bus);
        }
        if (r < 0)
                return log_error_errno(
                        r, "Failed to reload systemd: %m; changed definitions are not in effect yet");
        if (!manager_is_booting(bus))
                return start_wanted(root, bus, PARENTS_NEW, changed);
        functions_start_wanted(root, bus);
        return start_wanted(root, bus, PARENTS_ALL, 0);
}

/* Stands for a difference between the output now and at the last reload. */
static uint64_t difference(uint64_t now, uint64_t then)
{
        return 31 * now + then;
}

int definitions_apply(const struct root *root, uint64_t changed, uint64_t *applied)
{
        uint64_t now, then;
        int r;

        r = generated_compare(root, &now, &then);
        if (r < 0)
                return log_error_errno(r, "Failed to compare the definitions with their units: %m");
        /* If our reload left this difference, another one would leave it as well. Somebody else may have
         * reloaded since: then it is another difference. */
        if (now == then || difference(now, then) == *applied)
                return 0;
        log_info("definitions have changed, reloading systemd");
        r = reload(root, changed);
        if (r >= 0)
                *applied = difference(now, generated_at_reload(root));
        return r;
}

int definitions_await_parents(const struct root *root)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        /* In a container, sysfs shows parents of the host, and no udev announces them. */
        if (!root_is_live(root) || access(UDEV_SOCKET, F_OK) < 0)
                return 0;
        r = manager_open(&bus);
        if (r < 0)
                return log_error_errno(r, "Failed to connect to systemd: %m");
        return manager_is_booting(bus) ? start_wanted(root, bus, PARENTS_UNANNOUNCED, 0) : 0;
}

static void compare_in(struct definitions *definitions, uint64_t usec)
{
        uint64_t now, burst_end;

        if (sd_event_now(definitions->event, CLOCK_MONOTONIC, &now) < 0)
                return;
        if (definitions->burst_begin == 0)
                definitions->burst_begin = now;
        burst_end = definitions->burst_begin + BURST_USEC;
        (void) sd_event_source_set_time(definitions->timer, now + usec < burst_end ? now + usec : burst_end);
        (void) sd_event_source_set_enabled(definitions->timer, SD_EVENT_ONESHOT);
}

void definitions_hint(struct definitions *definitions)
{
        compare_in(definitions, QUIET_USEC);
}

static int on_change(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct definitions *definitions = userdata;

        (void) source;
        (void) fd;
        (void) events;
        if (watch_take_events(&definitions->watch))
                definitions_hint(definitions);
        return 0;
}

static int on_mount(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct definitions *definitions = userdata;
        const uint64_t digest = mounts_of_definitions(fd);

        (void) source;
        (void) events;
        if (digest != definitions->mounts_digest)
                definitions_hint(definitions);
        definitions->mounts_digest = digest;
        return 0;
}

/* Renews the watch before each comparison. Every change is then either part of the comparison or reported by
 * the watch. */
static void renew_watch(struct definitions *definitions)
{
        struct watch watch = WATCH_NONE;
        int r;

        r = watch_open(&watch, definitions->root);
        if (r < 0 && !definitions->is_blind)
                log_warning_errno(
                        r, r == -EMFILE
                                   ? "Failed to watch the definitions: fs.inotify.max_user_instances is "
                                     "too low; looking at them every 5 seconds"
                                   : "Failed to watch the definitions: %m; looking at them every 5 seconds");
        definitions->is_blind = r < 0;
        definitions->changes = sd_event_source_disable_unref(definitions->changes);
        watch_done(&definitions->watch);
        definitions->watch = watch;
        if (r >= 0)
                (void) sd_event_add_io(definitions->event, &definitions->changes, watch.fd, EPOLLIN,
                        on_change, definitions);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct definitions *definitions = userdata;
        const uint64_t changed = definitions->burst_begin != 0 ? definitions->burst_begin : UINT64_MAX;

        (void) source;
        (void) usec;
        definitions->burst_begin = 0;
        renew_watch(definitions);
        if (definitions_apply(definitions->root, changed, &definitions->applied) < 0 ||
                definitions->is_blind)
                compare_in(definitions, LOOK_USEC);
        return 0;
}

int definitions_watch(struct definitions **ret, const struct root *root, sd_event *event)
{
        struct definitions *definitions = calloc(1, sizeof(*definitions));
        _cleanup_close_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        int r;

        if (!definitions)
                return -ENOMEM;
        *definitions = (struct definitions){
                .root = root,
                .event = event,
                .watch = WATCH_NONE,
                .mounts_digest = mounts_of_definitions(fd),
        };
        r = sd_event_add_time(event, &definitions->timer, CLOCK_MONOTONIC, 0, 0, on_timer, definitions);
        /* The kernel reports changed mounts as an exceptional condition of this file. */
        if (r >= 0 && fd >= 0)
                r = sd_event_add_io(event, &definitions->mounts, fd, EPOLLPRI, on_mount, definitions);
        if (r >= 0 && fd >= 0)
                r = sd_event_source_set_io_fd_own(definitions->mounts, true);
        if (r < 0) {
                definitions_unwatch(definitions);
                return r;
        }
        (void) TAKE_FD(fd);
        *ret = definitions;
        return 0;
}

void definitions_unwatch(struct definitions *definitions)
{
        if (!definitions)
                return;
        sd_event_source_disable_unref(definitions->changes);
        sd_event_source_disable_unref(definitions->mounts);
        sd_event_source_disable_unref(definitions->timer);
        watch_done(&definitions->watch);
        free(definitions);
}
