/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Does something to devices and measures what follows, in a virtual machine
 *
 * Writes texts to files, such as to the "remove" of devices, calls a method of
 * systemd, such as StopUnit, for each of the units given, and waits until the wanted number of units has
 * been started or the last has ended, no job is queued, and the processors have been idle for a second.
 *
 * systemd keeps a link in /run/systemd/units for each unit that has been started
 * and not ended. inotify tells when one goes, and process 1 has no signals to send
 * for that, which would be part of what is measured.
 *
 * A second thread asks process 1 for the number of its jobs every 100 ms, by the
 * bus and one question at a time, and keeps the longest time of an answer.
 *
 * usage: settling UNITS UNIT-PREFIX [PATH=TEXT...] [-- METHOD UNIT...]
 *
 * prints words and numbers, of which all times count from the first write:
 *   gone_ms    until the last unit ended; not if UNITS have been started
 *   wall_ms    the same, or until no job was queued if that is later
 *   processes  processes and threads that were made, of the kernel too
 *   pid1_ms, udevd_ms, rest_ms   CPU times, see measuring.h
 *   ours_ms    of the rest, that of resident services of the project
 *   answer_ms  the longest time that process 1 took for an answer
 */

#include <dirent.h>
#include <errno.h>
#include <error.h>
#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "measuring.h"

#define UNITS_DIRECTORY "/run/systemd/units/"
#define MANAGER "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define SECONDS 1200
#define ASK_MS 100
#define BUSY_PERCENT 25 /* the questions take some of it */

static char links[256];
static int wanted;
static int64_t last_gone;

/* What the thread has seen: a queued job, when the last job was done, and the longest time of an answer. */
static atomic_bool busy;
static _Atomic int64_t done;
static _Atomic int64_t longest;

static int units_started(void)
{
        struct dirent *entry;
        DIR *directory;
        int n = 0;

        directory = opendir(UNITS_DIRECTORY);
        if (!directory)
                error(1, errno, UNITS_DIRECTORY);
        while ((entry = readdir(directory)))
                n += strncmp(entry->d_name, links, strlen(links)) == 0;
        closedir(directory);
        return n;
}

static int missing(void)
{
        int n = abs(wanted - units_started());

        return n > 0 ? n : atomic_load(&busy);
}

static void take_event(int fd)
{
        _Alignas(struct inotify_event) char buffer[16384];
        ssize_t n;

        n = read(fd, buffer, sizeof(buffer));
        if (n < 0)
                error(1, errno, "cannot read events of " UNITS_DIRECTORY);
        for (const char *at = buffer; at < buffer + n;) {
                const struct inotify_event *event = (const struct inotify_event *) at;

                if (event->mask & IN_Q_OVERFLOW)
                        error(1, 0, "events of " UNITS_DIRECTORY " were lost");
                if (event->len > 0 && strncmp(event->name, links, strlen(links)) == 0)
                        last_gone = now();
                at += sizeof(*event) + event->len;
        }
}

static void *ask_on(void *argument)
{
        sd_bus *bus = argument;

        for (;;) {
                sd_bus_error failure = SD_BUS_ERROR_NULL;
                const int64_t start = now();
                int64_t end;
                uint32_t jobs;
                int r;

                r = sd_bus_get_property_trivial(bus, MANAGER, "NJobs", &failure, 'u', &jobs);
                if (r < 0)
                        error(1, -r, "cannot ask process 1 for its jobs");
                end = now();
                if (end - start > atomic_load(&longest))
                        atomic_store(&longest, end - start);
                if (jobs == 0 && atomic_load(&busy))
                        atomic_store(&done, end);
                atomic_store(&busy, jobs > 0);
                usleep(ASK_MS * 1000);
        }
        return NULL;
}

static sd_bus *connect_to_bus(void)
{
        sd_bus *bus;
        int r;

        r = sd_bus_open_system(&bus);
        if (r < 0)
                error(1, -r, "cannot connect to the bus");
        sd_bus_set_method_call_timeout(bus, SECONDS * UINT64_C(1000000));
        return bus;
}

static void start_asking(void)
{
        pthread_t thread;
        int r;

        r = pthread_create(&thread, NULL, ask_on, connect_to_bus());
        if (r != 0)
                error(1, r, "cannot create a thread");
}

/* CPU time of what the project has running all the time. */
static int64_t resident_time(void)
{
        glob_t found;
        int64_t time = 0;

        if (glob("/sys/fs/cgroup/system.slice/mdev-{monitor,definitions}.service/cpu.stat", GLOB_BRACE, NULL,
                    &found) == 0)
                for (size_t i = 0; i < found.gl_pathc; i++)
                        time += read_number(found.gl_pathv[i], "usage_usec ");
        globfree(&found);
        return time;
}

/* Without waiting for answers, by the bus: a systemctl would have process 1 tell it about each step of each
 * unit. */
static void request(sd_bus *bus, const char *method, char **units)
{
        int r = 0;

        for (; *units && r >= 0; units++)
                r = sd_bus_call_method_async(
                        bus, NULL, MANAGER, method, NULL, NULL, "ss", *units, "replace");
        if (r >= 0)
                r = sd_bus_flush(bus);
        if (r < 0)
                error(1, -r, "cannot ask process 1 to %s", method);
}

int main(int argc, char **argv)
{
        int64_t start, processes, resident, end;
        struct cpu before, used;
        sd_bus *bus;
        int fd, i;

        if (argc < 3)
                error(2, 0, "usage: settling UNITS UNIT-PREFIX [PATH=TEXT...] [-- METHOD UNIT...]");
        wanted = atoi(argv[1]);
        snprintf(links, sizeof(links), "invocation:%s", argv[2]);
        fd = inotify_init1(IN_CLOEXEC);
        if (fd < 0 || inotify_add_watch(fd, UNITS_DIRECTORY, IN_DELETE) < 0)
                error(1, errno, "cannot watch " UNITS_DIRECTORY);
        bus = connect_to_bus();
        run_first();
        start_asking();

        cpu_read(&before);
        resident = resident_time();
        processes = read_number("/proc/stat", "processes ");
        start = now();
        for (i = 3; i < argc && strcmp(argv[i], "--") != 0; i++) {
                char *text = strchr(argv[i], '=');

                if (!text)
                        error(2, 0, "%s: there is no =", argv[i]);
                *text++ = '\0';
                write_file(argv[i], text);
        }
        if (i + 1 < argc)
                request(bus, argv[i + 1], argv + i + 2);
        await_quiet(fd, take_event, missing, BUSY_PERCENT, SECONDS);
        cpu_since(&before, &used);
        resident = resident_time() - resident;
        processes = read_number("/proc/stat", "processes ") - processes;

        end = atomic_load(&done) > last_gone ? atomic_load(&done) : last_gone;
        if (last_gone > 0)
                printf("gone_ms %jd ", (intmax_t) (last_gone - start) / 1000);
        printf("wall_ms %jd processes %jd pid1_ms %jd udevd_ms %jd rest_ms %jd ours_ms %jd answer_ms %jd\n",
                (intmax_t) (end > start ? end - start : 0) / 1000, (intmax_t) processes,
                (intmax_t) used.pid1 / 1000, (intmax_t) used.udevd / 1000, (intmax_t) used.rest / 1000,
                (intmax_t) resident / 1000, (intmax_t) atomic_load(&longest) / 1000);
        return 0;
}
