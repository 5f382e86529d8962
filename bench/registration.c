/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Registers all parents of mdev-sim and measures what follows, in a virtual machine
 *
 * A loop of shell commands would cost more there than what it watches. So one
 * process registers the parents, takes the time at the kernel's "bind" of each
 * device, which comes when the driver has made it, and waits until all have come
 * and the processors have been idle for a second. CPU times come from control
 * groups, which count processes that have ended, too.
 *
 * usage: registration DEVICES SECONDS
 *
 * prints, in microseconds and KiB:
 *   start DEVICE PID1 UDEVD REST RSS
 * the times of the registration and of the last device on the monotonic clock, CPU
 * time of PID 1 with what it forks, of udevd with what its rules run, of all other
 * services but the measuring, and the memory of PID 1 at the end. Threads of the
 * kernel are in none of these.
 */

#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 100
#define QUIET_TICKS 10

enum { CPU_SERVICES, CPU_PID1, CPU_UDEVD, CPU_MEASURING, CPUS };
static const char *const cpu_files[CPUS] = {
        [CPU_SERVICES] = "/sys/fs/cgroup/system.slice/cpu.stat",
        [CPU_PID1] = "/sys/fs/cgroup/init.scope/cpu.stat",
        [CPU_UDEVD] = "/sys/fs/cgroup/system.slice/systemd-udevd.service/cpu.stat",
        [CPU_MEASURING] = "/sys/fs/cgroup/system.slice/mdev-test.service/cpu.stat",
};

static int64_t now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* The number after a word at the beginning of a line. */
static int64_t read_number(const char *path, const char *word)
{
        char text[8192];
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

static int listen_for_events(void)
{
        struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
        const int size = 64 << 20;
        int fd;

        fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
                bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                error(1, errno, "cannot listen for events of the kernel");
        return fd;
}

/* Whether the next event, "ACTION@PATH", tells of a new device: its path ends with a UUID. */
static bool next_is_device(int fd)
{
        char event[8192] = "";

        if (recv(fd, event, sizeof(event) - 1, 0) < 0)
                error(1, errno, "events of the kernel were lost");
        return strncmp(event, "bind@", 5) == 0 && strlen(strrchr(event, '/')) == 37;
}

/* Waits for the devices and then for quiet; returns the time of the last device. */
static int64_t await(int fd, int devices, int seconds)
{
        const int64_t end = now() + seconds * INT64_C(1000000), processors = sysconf(_SC_NPROCESSORS_ONLN);
        int64_t last = 0, tick = now(), before = idle();

        for (int quiet = 0; quiet < QUIET_TICKS;) {
                struct pollfd events = {.fd = fd, .events = POLLIN};
                int64_t left = TICK_MS - (now() - tick) / 1000;

                if (left > 0 && poll(&events, 1, (int) left) == 1) {
                        if (next_is_device(fd)) {
                                last = now();
                                devices--;
                        }
                } else if (left <= 0) {
                        int64_t time = now(), after = idle();

                        /* In hundredths of a second of each processor; a tenth may be busy. */
                        if (devices > 0 || (after - before) * 100000 < (time - tick) * processors * 9)
                                quiet = 0;
                        else
                                quiet++;
                        tick = time;
                        before = after;
                }
                if (now() > end)
                        error(1, 0, "no quiet within %d s, %d devices too few", seconds, devices);
        }
        if (devices < 0)
                error(1, 0, "%d devices too many", -devices);
        return last;
}

static void read_cpu(int64_t ret[static CPUS])
{
        for (int i = 0; i < CPUS; i++)
                ret[i] = read_number(cpu_files[i], "usage_usec ");
}

int main(int argc, char **argv)
{
        const struct sched_param first = {.sched_priority = 1};
        int64_t before[CPUS], after[CPUS], start, last;
        glob_t parents;
        int fd;

        if (argc != 3)
                error(2, 0, "usage: registration DEVICES SECONDS");
        fd = listen_for_events();
        if (glob("/sys/class/mdev_sim/*/registered", 0, NULL, &parents) != 0)
                error(1, 0, "mdev-sim is not loaded");
        /* So that the time is taken when the event comes, not when a processor is free. */
        if (sched_setscheduler(0, SCHED_FIFO, &first) < 0)
                error(1, errno, "SCHED_FIFO");
        await(fd, 0, atoi(argv[2]));

        read_cpu(before);
        start = now();
        for (size_t i = 0; i < parents.gl_pathc; i++) {
                int parent = open(parents.gl_pathv[i], O_WRONLY | O_CLOEXEC);

                if (parent < 0 || write(parent, "1", 1) != 1)
                        error(1, errno, "%s", parents.gl_pathv[i]);
                close(parent);
        }
        last = await(fd, atoi(argv[1]), atoi(argv[2]));
        read_cpu(after);

        for (int i = 0; i < CPUS; i++)
                after[i] -= before[i];
        after[CPU_SERVICES] -= after[CPU_UDEVD] + after[CPU_MEASURING];
        printf("%jd %jd %jd %jd %jd %jd\n", (intmax_t) start, (intmax_t) last, (intmax_t) after[CPU_PID1],
                (intmax_t) after[CPU_UDEVD], (intmax_t) after[CPU_SERVICES],
                (intmax_t) read_number("/proc/1/status", "VmRSS:"));
        return 0;
}
