/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cleanup.h"
#include "log.h"
#include "name.h"
#include "udev-monitor.h"

/* How long udev may take, in milliseconds. It needs a few, and at boot, with thousands of
 * events before this one, seconds. */
#define REPORT_WAIT_MS 10000

/* The multicast group in which udev passes on events after its rules have run. */
#define UDEV_MONITOR_GROUP 2
#define UDEV_MONITOR_BUFFER (4 * 1024 * 1024)

/* The head of udev's messages as far as it is of use here; the same in every version since
 * 2009. Properties follow as "KEY=value" strings, each with a NUL behind it. */
struct monitor_header {
        char prefix[8];
        uint32_t magic;
        uint32_t header_size;
        uint32_t properties_offset;
        uint32_t properties_size;
};
#define UDEV_MONITOR_PREFIX "libudev"
#define UDEV_MONITOR_MAGIC 0xfeedcafe

int udev_monitor_open(const struct env *env)
{
        struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = UDEV_MONITOR_GROUP};
        _cleanup_close_ int fd = -1;
        int size = UDEV_MONITOR_BUFFER;

        /* Nobody reports anything where udev does not run. */
        if (!env_is_live(env) || access("/run/udev/control", F_OK) < 0)
                return -ENOENT;
        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
                setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (bind(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static bool message_reports(const char *message, size_t size, const char *uuid, const char *action)
{
        struct monitor_header header;
        bool is_action = false, is_mdev = false, is_device = false;
        const char *p, *end;

        if (size < sizeof(header))
                return false;
        memcpy(&header, message, sizeof(header));
        if (memcmp(header.prefix, UDEV_MONITOR_PREFIX, sizeof(header.prefix)) != 0 ||
                ntohl(header.magic) != UDEV_MONITOR_MAGIC || header.properties_offset > size ||
                header.properties_size > size - header.properties_offset)
                return false;

        p = message + header.properties_offset;
        end = p + header.properties_size;
        while (p < end) {
                size_t length = strnlen(p, (size_t) (end - p));

                if (length == strlen("ACTION=") + strlen(action) && memcmp(p, "ACTION=", 7) == 0 &&
                        memcmp(p + 7, action, length - 7) == 0)
                        is_action = true;
                else if (length == strlen("SUBSYSTEM=mdev") && memcmp(p, "SUBSYSTEM=mdev", length) == 0)
                        is_mdev = true;
                else if (length > UUID_LENGTH && memcmp(p, "DEVPATH=", 8) == 0 &&
                         memcmp(p + length - UUID_LENGTH, uuid, UUID_LENGTH) == 0)
                        is_device = true;
                p += length + 1;
        }
        return is_action && is_mdev && is_device;
}

static long now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True if the message came from a process that may speak for udev: only root may send to the
 * group, but anybody to this socket alone. */
static bool message_is_multicast(const struct sockaddr_nl *sender)
{
        return sender->nl_groups == UDEV_MONITOR_GROUP;
}

void udev_monitor_wait(int fd, const char *uuid, const char *action)
{
        const long end = now_ms() + REPORT_WAIT_MS;

        for (long left = REPORT_WAIT_MS; left > 0; left = end - now_ms()) {
                struct pollfd pollfd = {.fd = fd, .events = POLLIN};
                char message[8192];
                struct sockaddr_nl sender = {};
                socklen_t sender_size = sizeof(sender);
                ssize_t n;

                if (poll(&pollfd, 1, (int) left) <= 0)
                        continue;
                n = recvfrom(fd, message, sizeof(message), 0, (struct sockaddr *) &sender, &sender_size);
                if (n < 0 && errno == ENOBUFS) {
                        log_debug("%s: too many udev events to follow, not waiting for the report", uuid);
                        return;
                }
                if (n > 0 && message_is_multicast(&sender) &&
                        message_reports(message, (size_t) n, uuid, action))
                        return;
        }
        log_warning("%s: udev has not reported the event \"%s\" within %d s", uuid, action,
                REPORT_WAIT_MS / 1000);
}
