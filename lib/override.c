/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "name.h"
#include "override.h"
#include "util.h"

static const char *const buses[] = {"pci", "css", "platform", "amba", "fsl-mc", "vmbus"};

/* udev reads the first of these that exists; an empty one, or a link to /dev/null, masks the others. */
static const char *const driverctl_rules[] = {
        "/etc/udev/rules.d/05-driverctl.rules",
        "/run/udev/rules.d/05-driverctl.rules",
        "/usr/local/lib/udev/rules.d/05-driverctl.rules",
        "/usr/lib/udev/rules.d/05-driverctl.rules",
        "/lib/udev/rules.d/05-driverctl.rules",
};

int override_parse(const char *name, struct override *ret, struct reason *reason)
{
        *ret = (struct override){};
        if (strlen(name) > NAME_MAX)
                return reason_set(reason, -EINVAL, "is too long");
        strcpy(ret->name, name);
        for (size_t i = 0; i < ELEMENTSOF(buses); i++) {
                const size_t length = strlen(buses[i]);
                const char *problem;

                if (strncmp(name, buses[i], length) != 0 || name[length] != '-')
                        continue;
                problem = name_check(name + length + 1);
                if (problem)
                        return reason_set(reason, -EINVAL, "the name of the device %s", problem);
                strcpy(ret->bus, buses[i]);
                strcpy(ret->device, name + length + 1);
                return 0;
        }
        if (!strchr(name, '-'))
                return reason_set(reason, -EINVAL, "is not named <bus>-<device>");
        return reason_set(reason, -EOPNOTSUPP,
                "devices of bus %.*s have no driver_override; the buses that have one are " OVERRIDE_BUSES,
                (int) strcspn(name, "-"), name);
}

int override_from_device(const char *bus, const char *device, struct override *ret, struct reason *reason)
{
        char name[NAME_MAX + 1];

        if (snprintf(name, sizeof(name), "%s-%s", bus, device) >= (int) sizeof(name))
                return reason_set(reason, -ENAMETOOLONG, "is too long");
        return override_parse(name, ret, reason);
}

int overrides_open(const struct root *root)
{
        return root_open_directory(root, OVERRIDES_DIR);
}

const char *driver_name_check(const char *driver)
{
        /* modprobe would take it for an option. */
        return driver[0] == '-' ? "begins with \"-\"" : name_check(driver);
}

/* Opens a regular file only: opening a FIFO could block, opening a device could have side effects. */
static int read_driver(int dirfd, const char *name, char ret[static NAME_MAX + 1], struct reason *reason)
{
        _cleanup_close_ int fd = -1;
        char text[NAME_MAX + 2];
        struct stat st;
        ssize_t n;

        if (fstatat(dirfd, name, &st, 0) < 0)
                return reason_set(reason, -errno, "%s", strerror(errno));
        if (!S_ISREG(st.st_mode))
                return reason_set(reason, -EINVAL, "is not a regular file");
        fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return reason_set(reason, -errno, "%s", strerror(errno));
        n = read(fd, text, sizeof(text));
        if (n < 0)
                return reason_set(reason, -errno, "%s", strerror(errno));
        while (n > 0 && text[n - 1] == '\n')
                n--;
        if (n == 0)
                return reason_set(reason, -EINVAL, "is empty; it should have the name of a driver");
        if (n > NAME_MAX || memchr(text, '\0', (size_t) n))
                return reason_set(reason, -EINVAL, "does not have the name of a driver");
        memcpy(ret, text, (size_t) n);
        ret[n] = '\0';
        return 0;
}

int override_load(int dirfd, const char *name, struct override *ret, struct reason *reason)
{
        const char *problem;
        int r;

        r = override_parse(name, ret, reason);
        if (r >= 0)
                r = read_driver(dirfd, name, ret->driver, reason);
        if (r < 0)
                return r;
        problem = driver_name_check(ret->driver);
        return problem ? reason_set(reason, -EINVAL, "driver \"%s\" %s", ret->driver, problem) : 0;
}

bool override_is_bound(const struct override *override, const char *driver)
{
        return strcmp(override->driver, driver[0] != '\0' ? driver : DRIVER_NONE) == 0;
}

bool override_find(int dirfd, const char *device, char ret[static NAME_MAX + 1])
{
        for (size_t i = 0; i < ELEMENTSOF(buses); i++)
                if (snprintf(ret, NAME_MAX + 1, "%s-%s", buses[i], device) <= NAME_MAX &&
                        faccessat(dirfd, ret, F_OK, 0) >= 0)
                        return true;
        return false;
}

bool driverctl_is_in_charge(const struct root *root)
{
        for (size_t i = 0; i < ELEMENTSOF(driverctl_rules); i++) {
                char path[PATH_MAX];
                struct stat st;

                if (root_path(root, path, "%s", driverctl_rules[i]) >= 0 && stat(path, &st) >= 0)
                        return S_ISREG(st.st_mode) && st.st_size > 0;
        }
        return false;
}
