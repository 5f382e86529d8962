/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Registers all parents of mdev-sim and measures what follows, in a virtual machine
 *
 * A loop of shell commands would cost more there than what it watches. So one
 * process registers the parents, takes the time at the kernel's "bind" of each
 * device, which comes when the driver has made it, and waits until all have come
 * and the processors have been idle for a second.
 *
 * usage: registration DEVICES SECONDS
 *
 * prints, in microseconds and KiB:
 *   start DEVICE PID1 UDEVD REST RSS
 * the times of the registration and of the last device on the monotonic clock,
 * CPU times (see measuring.h), and the memory of PID 1 at the end.
 */

#include <errno.h>
#include <error.h>
#include <glob.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measuring.h"

static int devices_missing;
static int64_t last;

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

static void take_event(int fd)
{
        if (next_is_device(fd)) {
                last = now();
                devices_missing--;
        }
}

static int missing(void)
{
        return devices_missing;
}

int main(int argc, char **argv)
{
        struct cpu before, used;
        glob_t parents;
        int64_t start;
        int fd;

        if (argc != 3)
                error(2, 0, "usage: registration DEVICES SECONDS");
        fd = listen_for_events();
        if (glob("/sys/class/mdev_sim/*/registered", 0, NULL, &parents) != 0)
                error(1, 0, "mdev-sim is not loaded");
        run_first();
        await_quiet(fd, take_event, missing, 10, atoi(argv[2]));

        cpu_read(&before);
        start = now();
        devices_missing = atoi(argv[1]);
        for (size_t i = 0; i < parents.gl_pathc; i++)
                write_file(parents.gl_pathv[i], "1");
        await_quiet(fd, take_event, missing, 10, atoi(argv[2]));
        cpu_since(&before, &used);

        printf("%jd %jd %jd %jd %jd %jd\n", (intmax_t) start, (intmax_t) last, (intmax_t) used.pid1,
                (intmax_t) used.udevd, (intmax_t) used.rest,
                (intmax_t) read_number("/proc/1/status", "VmRSS:"));
        return 0;
}
