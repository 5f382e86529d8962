/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Plays the parents of bench/native, and measures what follows their registration
 *
 * A parent must be a device of the real /sys, or udevd and systemd do not believe in
 * it. A network bridge is one that a container can make for itself. The kernel sends
 * its "add" and "remove" as often as somebody asks for it.
 *
 * usage: parents make NUMBER
 *        parents register CONTENDER DEVICES DIRECTORY
 *        parents unregister
 *
 * "register" tells all parents' events, each with the name of the contender, and waits until
 * DIRECTORY has as many new links, or there was none for half a minute. It prints the times before the first
 * event and of the last link on the monotonic clock, in microseconds, and how many links are missing. All
 * wait until process 1 has been idle for a fifth of a second.
 */

#include <errno.h>
#include <error.h>
#include <glob.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "measuring.h"

#define EVENT_UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" /* the kernel wants one before words of ours */
#define PATIENCE_MS 30000
#define IDLE_US 200000
#define BUSY_NS 2000000

static void make_parents(int number)
{
        int fd;

        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        for (int i = 0; i < number; i++) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "sim%d", i);
                if (fd < 0 || ioctl(fd, SIOCBRADDBR, name) < 0)
                        error(1, errno, "cannot make the bridge %s", name);
        }
}

static void tell(const char *event)
{
        glob_t files;

        if (glob("/sys/class/net/sim*/uevent", 0, NULL, &files) != 0)
                error(1, 0, "there are no parents");
        for (size_t i = 0; i < files.gl_pathc; i++)
                write_file(files.gl_pathv[i], event);
        globfree(&files);
}

/* Counts down the links that are missing and returns the time of the last. */
static int64_t await_links(int fd, int *missing)
{
        _Alignas(struct inotify_event) char buffer[16384];
        struct pollfd events = {.fd = fd, .events = POLLIN};
        int64_t last = 0;

        while (*missing > 0 && poll(&events, 1, PATIENCE_MS) > 0) {
                ssize_t n = read(fd, buffer, sizeof(buffer));

                if (n < 0)
                        error(1, errno, "cannot read events of the devices");
                for (const char *at = buffer; at < buffer + n;) {
                        const struct inotify_event *event = (const struct inotify_event *) at;

                        if (event->mask & IN_Q_OVERFLOW)
                                error(1, 0, "events of the devices were lost");
                        --*missing;
                        at += sizeof(*event) + event->len;
                }
                last = now();
        }
        return last;
}

static void await_idle(void)
{
        struct timespec before, after;
        clockid_t clock;

        if (clock_getcpuclockid(1, &clock) != 0)
                error(1, 0, "process 1 has no clock");
        clock_gettime(clock, &after);
        do {
                before = after;
                usleep(IDLE_US);
                clock_gettime(clock, &after);
        } while ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec > BUSY_NS);
}

static void register_parents(const char *contender, int devices, const char *directory)
{
        char event[128];
        int64_t start, end;
        int fd;

        fd = inotify_init1(IN_CLOEXEC);
        if (fd < 0 || inotify_add_watch(fd, directory, IN_CREATE) < 0)
                error(1, errno, "%s", directory);
        snprintf(event, sizeof(event), "add " EVENT_UUID " CONTENDER=%s", contender);
        run_first();
        start = now();
        tell(event);
        end = await_links(fd, &devices);
        await_idle();
        printf("%jd %jd %d\n", (intmax_t) start, (intmax_t) end, devices);
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[1], "make") == 0)
                make_parents(atoi(argv[2]));
        else if (argc == 5 && strcmp(argv[1], "register") == 0)
                register_parents(argv[2], atoi(argv[3]), argv[4]);
        else if (argc == 2 && strcmp(argv[1], "unregister") == 0)
                tell("remove");
        else
                error(2, 0, "usage: parents make NUMBER|register CONTENDER DEVICES DIRECTORY|unregister");
        if (argc != 5)
                await_idle();
        return 0;
}
