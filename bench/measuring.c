/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "measuring.h"

#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 100
#define QUIET_TICKS 10

int64_t now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

int64_t read_number(const char *path, const char *word)
{
        char text[16384];
        const char *line;
        ssize_t n;
        int fd;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n < 0)
                error(1, errno, "%s", path);
        close(fd);
        text[n] = '\0';
        for (line = text; strncmp(line, word, strlen(word)) != 0; line++) {
                line = strchr(line, '\n');
                if (!line)
                        error(1, 0, "%s: there is no %s", path, word);
        }
        return strtoll(line + strlen(word), NULL, 10);
}

void write_file(const char *path, const char *text)
{
        int fd;

        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                error(1, errno, "%s", path);
        close(fd);
}

static int64_t cgroup_time(const char *path)
{
        return read_number(path, "usage_usec ");
}

void cpu_read(struct cpu *ret)
{
        ret->pid1 = cgroup_time("/sys/fs/cgroup/init.scope/cpu.stat");
        ret->udevd = cgroup_time("/sys/fs/cgroup/system.slice/systemd-udevd.service/cpu.stat");
        ret->rest = cgroup_time("/sys/fs/cgroup/system.slice/cpu.stat") - ret->udevd -
                    cgroup_time("/sys/fs/cgroup/system.slice/mdev-test.service/cpu.stat");
}

void cpu_since(const struct cpu *before, struct cpu *ret)
{
        cpu_read(ret);
        ret->pid1 -= before->pid1;
        ret->udevd -= before->udevd;
        ret->rest -= before->rest;
}

void run_first(void)
{
        const struct sched_param first = {.sched_priority = 1};

        if (sched_setscheduler(0, SCHED_FIFO, &first) < 0)
                error(1, errno, "SCHED_FIFO");
}

/* The time for which the processors have been idle, in hundredths of a second times their number. */
static int64_t idle(void)
{
        double up, idle = 0;
        FILE *file;

        file = fopen("/proc/uptime", "re");
        if (!file || fscanf(file, "%lf %lf", &up, &idle) != 2)
                error(1, errno, "/proc/uptime");
        fclose(file);
        return (int64_t) (idle * 100);
}

void await_quiet(int fd, void (*take)(int fd), int (*missing)(void), int busy_percent, int seconds)
{
        const int64_t end = now() + seconds * INT64_C(1000000), processors = sysconf(_SC_NPROCESSORS_ONLN);
        int64_t tick = now(), before = idle();

        for (int quiet = 0; quiet < QUIET_TICKS;) {
                struct pollfd events = {.fd = fd, .events = POLLIN};
                int64_t left = TICK_MS - (now() - tick) / 1000;

                if (left > 0 && poll(&events, 1, (int) left) == 1) {
                        take(fd);
                } else if (left <= 0) {
                        int64_t time = now(), after = idle();

                        /* In hundredths of a second of each processor. */
                        if ((after - before) * 1000000 < (time - tick) * processors * (100 - busy_percent) ||
                                missing() != 0)
                                quiet = 0;
                        else
                                quiet++;
                        tick = time;
                        before = after;
                }
                if (now() > end)
                        error(1, 0, "no quiet within %d s, %d are missing", seconds, missing());
        }
}
