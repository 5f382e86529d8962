/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"
#include "journal-entry.h"
#include "root.h"
#include "text.h"
#include "unit-name.h"
#include "util.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* How long to wait for a busy journal to read an entry, in ms. */
#define READ_WAIT_MS 100

#define VALUE_MAX 1024

/* There is room for fourteen fields. */
struct entry {
        char data[14 * (VALUE_MAX + 32)];
        size_t size;
};

/* Adds a field. A newline would end it, so the value is escaped. */
static void entry_add(struct entry *entry, const char *name, const char *value)
{
        char escaped[VALUE_MAX];

        if (!value || value[0] == '\0')
                return;
        text_escape(value, escaped, sizeof(escaped));
        entry->size += (size_t) snprintf(
                entry->data + entry->size, sizeof(entry->data) - entry->size, "%s=%s\n", name, escaped);
}

static void entry_add_number(struct entry *entry, const char *name, int value)
{
        char digits[3 * sizeof(value) + 2];

        snprintf(digits, sizeof(digits), "%d", value);
        entry_add(entry, name, digits);
}

static int connect_to_journal(void)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        struct root root;
        int r;

        r = root_init(&root);
        if (r >= 0)
                r = root_path(&root, path, JOURNAL_SOCKET);
        if (r < 0)
                return r;
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, path);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* The journal looks up the sender when it reads a datagram, and finds no unit if the process is gone. */
static void wait_until_read(int fd)
{
        int unread;

        for (int waited = 0; waited < READ_WAIT_MS; waited++)
                if (ioctl(fd, SIOCOUTQ, &unread) < 0 || unread == 0 || sleep_msec(1) < 0)
                        return;
}

int journal_entry_send(const char *program, int priority, const char *id, const struct log_subject *subject,
        const char *message)
{
        _cleanup_close_ int fd = connect_to_journal();
        struct entry entry = {.size = 0};
        char unit[UNIT_NAME_SIZE];

        if (fd < 0)
                return fd;
        entry_add(&entry, "MESSAGE", message);
        entry_add(&entry, "MESSAGE_ID", id);
        entry_add_number(&entry, "PRIORITY", priority);
        entry_add(&entry, "SYSLOG_IDENTIFIER", program);
        /* journalctl -u shows the entry even if the journal did not find the unit. */
        if (subject->uuid)
                unit_name_of_definition(unit, subject->uuid);
        entry_add(&entry, "OBJECT_SYSTEMD_UNIT", subject->uuid ? unit : subject->unit);
        entry_add(&entry, "MDEV_UUID", subject->uuid);
        entry_add(&entry, "MDEV_PARENT", subject->parent);
        entry_add(&entry, "MDEV_TYPE", subject->type);
        entry_add(&entry, "MDEV_ATTRIBUTE", subject->attribute);
        entry_add(&entry, "MDEV_DRIVER", subject->driver);
        if (subject->r < 0)
                entry_add_number(&entry, "ERRNO", -subject->r);

        if (send(fd, entry.data, entry.size, MSG_NOSIGNAL) < 0)
                return -errno;
        wait_until_read(fd);
        return 0;
}
