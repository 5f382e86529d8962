/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-monitor: keeps units and devices in agreement
 *
 * mdev-monitor.service runs this from early boot to shutdown. The monitor sleeps
 * until udev, a helper's note or a changed definition wakes it. It then compares
 * units with devices (reconcile.c) or definitions with units (definitions.c). It
 * keeps no state that it cannot find out again, so it may be killed at any
 * moment. It compares everything at its start and whenever it may have lost
 * events.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-device.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "cleanup.h"
#include "config.h"
#include "definitions.h"
#include "log.h"
#include "parents.h"
#include "queue.h"
#include "reconcile.h"

/* The first field of SO_MEMINFO that counts lost messages, see linux/sock_diag.h. */
#define MEMINFO_DROPS 8
#define MEMINFO_VARS 9

/* The udev rules give parents this tag. */
#define PARENT_TAG "mdev"

/* After a note, a helper usually writes another one or exits at once. */
#define NOTE_DELAY_USEC (UINT64_C(50) * 1000)

/* The time before another try if systemd does not answer. */
#define RETRY_USEC (UINT64_C(1) * 1000 * 1000)

/* A source of udev events. */
struct events {
        sd_device_monitor *monitor;
        uint32_t lost;
};

struct monitor {
        struct root root;
        sd_event *event;
        struct events devices;  /* of the subsystem mdev */
        struct events parents;  /* with PARENT_TAG */
        sd_event_source *timer; /* for the queue */
        sd_event_source *retry; /* for a comparison of everything */
        sd_event_source *notes;
        sd_event_source *clock;
        struct definitions *definitions;
        struct queue queue;
};

static uint64_t now_usec(const struct monitor *monitor)
{
        uint64_t now = 0;

        (void) sd_event_now(monitor->event, CLOCK_MONOTONIC, &now);
        return now;
}

static void arm_timer(struct monitor *monitor)
{
        const uint64_t next = queue_next(&monitor->queue);

        (void) sd_event_source_set_time(monitor->timer, next);
        (void) sd_event_source_set_enabled(
                monitor->timer, next == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static void look_at(struct monitor *monitor, const char *uuid, uint64_t delay)
{
        if (!uuid_is_canonical(uuid))
                return;
        if (queue_add(&monitor->queue, uuid, now_usec(monitor) + delay, false) < 0)
                log_error("%s: out of memory", uuid);
        arm_timer(monitor);
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct monitor *monitor = userdata;

        (void) source;
        (void) usec;
        reconcile_due(&monitor->root, &monitor->queue, now_usec(monitor));
        arm_timer(monitor);
        return 0;
}

/* Compares every parent, device, note and unit. */
static int compare_all(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct monitor *monitor = userdata;
        int r, k;

        (void) source;
        (void) usec;
        r = parents_compare(&monitor->root);
        k = reconcile_queue_all(&monitor->root, &monitor->queue, now_usec(monitor));
        arm_timer(monitor);
        if (r < 0 || k < 0) {
                log_debug("systemd does not answer, trying again");
                (void) sd_event_source_set_time_relative(monitor->retry, RETRY_USEC);
                (void) sd_event_source_set_enabled(monitor->retry, SD_EVENT_ONESHOT);
        }
        return 0;
}

/* A full socket drops messages and counts them. */
static bool has_lost_events(struct events *events)
{
        const int fd = sd_event_source_get_io_fd(sd_device_monitor_get_event_source(events->monitor));
        uint32_t info[MEMINFO_VARS];
        socklen_t size = sizeof(info);

        if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0 || size < sizeof(info) ||
                info[MEMINFO_DROPS] == events->lost)
                return false;
        events->lost = info[MEMINFO_DROPS];
        return true;
}

static void compare_what_was_lost(struct monitor *monitor, struct events *events)
{
        if (!has_lost_events(events))
                return;
        log_info("udev's events came too fast, comparing everything");
        (void) compare_all(NULL, 0, monitor);
}

static int on_device(sd_device_monitor *devices, sd_device *device, void *userdata)
{
        struct monitor *monitor = userdata;
        const char *name;

        (void) devices;
        compare_what_was_lost(monitor, &monitor->devices);
        if (sd_device_get_sysname(device, &name) >= 0)
                look_at(monitor, name, 0);
        return 0;
}

static int on_parent(sd_device_monitor *parents, sd_device *device, void *userdata)
{
        struct monitor *monitor = userdata;
        const char *name;

        (void) parents;
        compare_what_was_lost(monitor, &monitor->parents);
        if (sd_device_get_sysname(device, &name) >= 0)
                reconcile_queue_parent(&monitor->root, &monitor->queue, name, now_usec(monitor));
        arm_timer(monitor);
        return 0;
}

static int on_note(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
        struct monitor *monitor = userdata;

        (void) source;
        if (event->mask & IN_Q_OVERFLOW)
                return compare_all(NULL, 0, monitor);
        if (event->len > 0)
                look_at(monitor, event->name, NOTE_DELAY_USEC);
        return 0;
}

static int watch_notes(struct monitor *monitor)
{
        char path[PATH_MAX];
        int r;

        r = root_path(&monitor->root, path, NOTES_DIR);
        if (r < 0)
                return r;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return log_error_errno(-errno, "Failed to create %s: %m", path);
        /* Helpers replace a note with rename(2). */
        r = sd_event_add_inotify(
                monitor->event, &monitor->notes, path, IN_MOVED_TO | IN_ONLYDIR, on_note, monitor);
        return r < 0 ? log_error_errno(r, "Failed to watch %s: %m", path) : 0;
}

static int watch_events(struct monitor *monitor, struct events *events, sd_device_monitor_handler_t function)
{
        int r;

        r = sd_device_monitor_attach_event(events->monitor, monitor->event);
        if (r >= 0)
                r = sd_device_monitor_start(events->monitor, function, monitor);
        return r;
}

static int watch_devices(struct monitor *monitor)
{
        int r;

        r = sd_device_monitor_new(&monitor->devices.monitor);
        if (r >= 0)
                r = sd_device_monitor_filter_add_match_subsystem_devtype(
                        monitor->devices.monitor, "mdev", NULL);
        if (r >= 0)
                r = watch_events(monitor, &monitor->devices, on_device);
        if (r >= 0)
                r = sd_device_monitor_new(&monitor->parents.monitor);
        if (r >= 0)
                r = sd_device_monitor_filter_add_match_tag(monitor->parents.monitor, PARENT_TAG);
        if (r >= 0)
                r = watch_events(monitor, &monitor->parents, on_parent);
        return r < 0 ? log_error_errno(r, "Failed to watch devices: %m") : 0;
}

/* The timer never expires. The kernel cancels it when the system resumes or somebody sets the clock. */
static int arm_clock(int fd)
{
        const struct itimerspec never = {.it_value.tv_sec = LONG_MAX};

        return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno
                                                                                                  : 0;
}

static int on_clock(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        uint64_t expirations;

        (void) source;
        (void) events;
        if (read(fd, &expirations, sizeof(expirations)) < 0 && errno != ECANCELED)
                return 0;
        (void) arm_clock(fd);
        return compare_all(NULL, 0, userdata);
}

static int watch_clock(struct monitor *monitor)
{
        _cleanup_close_ int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = arm_clock(fd);
        if (r >= 0)
                r = sd_event_add_io(monitor->event, &monitor->clock, fd, EPOLLIN, on_clock, monitor);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(monitor->clock, true);
        if (r >= 0)
                (void) TAKE_FD(fd);
        return r;
}

static void monitor_done(struct monitor *monitor)
{
        definitions_unwatch(monitor->definitions);
        sd_event_source_disable_unref(monitor->timer);
        sd_event_source_disable_unref(monitor->retry);
        sd_event_source_disable_unref(monitor->notes);
        sd_event_source_disable_unref(monitor->clock);
        sd_device_monitor_unref(monitor->devices.monitor);
        sd_device_monitor_unref(monitor->parents.monitor);
        sd_event_unref(monitor->event);
        queue_done(&monitor->queue);
}

static int monitor_add_timer(
        struct monitor *monitor, sd_event_source **ret, sd_event_time_handler_t function)
{
        int r = sd_event_add_time(monitor->event, ret, CLOCK_MONOTONIC, UINT64_MAX, 1, function, monitor);

        if (r >= 0)
                r = sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
        /* Handle all pending events first, so that one comparison covers them together. */
        return r >= 0 ? sd_event_source_set_priority(*ret, SD_EVENT_PRIORITY_IDLE) : r;
}

static int monitor_run(struct monitor *monitor)
{
        sigset_t signals;
        int r;

        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        r = sd_event_new(&monitor->event);
        if (r >= 0)
                r = sd_event_add_signal(monitor->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(monitor->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = monitor_add_timer(monitor, &monitor->timer, on_due);
        if (r >= 0)
                r = monitor_add_timer(monitor, &monitor->retry, compare_all);
        if (r >= 0)
                r = watch_notes(monitor);
        if (r >= 0)
                r = definitions_watch(&monitor->definitions, &monitor->root, monitor->event);
        if (r >= 0 && root_is_live(&monitor->root)) {
                r = watch_devices(monitor);
                if (r >= 0)
                        r = watch_clock(monitor);
                if (r >= 0)
                        r = compare_all(NULL, 0, monitor);
        }
        if (r < 0)
                return log_error_errno(r, "Failed to begin: %m");
        (void) sd_notify(false, "READY=1");
        return sd_event_loop(monitor->event);
}

int main(int argc, char *argv[])
{
        __attribute__((cleanup(monitor_done))) struct monitor monitor = {};
        uint64_t applied = 0;

        log_init("mdev-monitor", LOG_TARGET_STDERR);
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-monitor " VERSION);
                return EXIT_SUCCESS;
        }
        if (argc > 2 || (argc == 2 && strcmp(argv[1], "apply") != 0)) {
                log_error("usage: mdev-monitor [apply]");
                return EX_USAGE;
        }
        if (root_init(&monitor.root) < 0) {
                log_error("MDEVCTL_ENV_ROOT must be an absolute path");
                return EX_USAGE;
        }
        if (argc == 2) {
                int r = definitions_apply(&monitor.root, UINT64_MAX, &applied);

                if (definitions_await_parents(&monitor.root) < 0)
                        r = -EIO;
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        return monitor_run(&monitor) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
