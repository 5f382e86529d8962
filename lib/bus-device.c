/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus-device.h"
#include "cleanup.h"
#include "device.h"
#include "sysfs.h"

#define DRIVER_PATH_SIZE (NAME_MAX + 32)

int bus_device_open(const struct root *root, const struct override *override, struct bus_device *ret)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char path[PATH_MAX];
        struct stat st;
        int r;

        r = root_path(root, path, "/sys/bus/%s", override->bus);
        if (r < 0)
                return r;
        device.bus_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (device.bus_fd < 0)
                return errno == ENOENT ? -ENODEV : -errno;
        snprintf(path, sizeof(path), "devices/%s", override->device);
        device.fd = openat(device.bus_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (device.fd < 0)
                return errno == ENOENT ? -ENODEV : -errno;
        if (fstatat(device.fd, "driver_override", &st, 0) < 0)
                return errno == ENOENT ? -EOPNOTSUPP : -errno;
        if (fstat(device.fd, &st) < 0)
                return -errno;
        device.inode = st.st_ino;
        strcpy(device.name, override->device);
        *ret = device;
        device = (struct bus_device) BUS_DEVICE_NONE;
        return 0;
}

void bus_device_done(struct bus_device *device)
{
        cleanup_close(&device->fd);
        cleanup_close(&device->bus_fd);
}

int bus_device_get_driver(const struct bus_device *device, char ret[static NAME_MAX + 1])
{
        int r = sysfs_read_link(device->fd, "driver", ret, NAME_MAX + 1);

        if (r != -ENOENT)
                return r;
        ret[0] = '\0';
        return 0;
}

int bus_device_get_override(const struct bus_device *device, char ret[static NAME_MAX + 1])
{
        int r = sysfs_read(device->fd, "driver_override", ret, NAME_MAX + 1);

        if (r >= 0 && strcmp(ret, "(null)") == 0)
                ret[0] = '\0';
        return r;
}

int bus_device_set_override(const struct bus_device *device, const char *driver)
{
        /* A write of no bytes would not reach the kernel. */
        return sysfs_write(device->fd, "driver_override", driver[0] == '\0' ? "\n" : driver);
}

static void driver_path(char ret[static DRIVER_PATH_SIZE], const char *driver, const char *file)
{
        snprintf(ret, DRIVER_PATH_SIZE, "drivers/%.*s%s", NAME_MAX, driver, file);
}

bool bus_device_has_driver(const struct bus_device *device, const char *driver)
{
        char path[DRIVER_PATH_SIZE];

        driver_path(path, driver, "");
        return faccessat(device->bus_fd, path, F_OK, 0) >= 0;
}

int bus_device_unbind(const struct bus_device *device, const char *driver)
{
        char path[DRIVER_PATH_SIZE], now[NAME_MAX + 1];
        int r;

        driver_path(path, driver, "/unbind");
        r = sysfs_write(device->bus_fd, path, device->name);
        if (r == -ENODEV && bus_device_get_driver(device, now) >= 0 && strcmp(now, driver) != 0)
                return 0;
        return r;
}

int bus_device_bind(const struct bus_device *device, const char *driver)
{
        char path[DRIVER_PATH_SIZE];

        driver_path(path, driver, "/bind");
        return sysfs_write(device->bus_fd, path, device->name);
}

int bus_device_probe(const struct bus_device *device)
{
        return sysfs_write(device->bus_fd, "drivers_probe", device->name);
}

int bus_device_announce(const struct bus_device *device)
{
        return sysfs_write(device->fd, "uevent", "change");
}

void bus_device_find_holders(const struct root *root, const struct bus_device *device, struct holders *ret)
{
        const struct device itself = {.fd = device->fd};
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *entry;
        int fd;

        holders_find(root, &itself, ret);
        if (ret->in_use)
                return;
        fd = openat(device->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (!ret->in_use && dir && (entry = readdir(dir))) {
                _cleanup_device_ struct device mdev = DEVICE_NONE;

                if (uuid_is_canonical(entry->d_name) && device_find(root, entry->d_name, &mdev) > 0)
                        holders_find(root, &mdev, ret);
        }
}
