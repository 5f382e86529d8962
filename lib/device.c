/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "device.h"
#include "open-beneath.h"
#include "sysfs.h"
#include "util.h"

#define COMPLETE_WAIT_MS 1000
#define COMPLETE_STEP_MS 10

/* In sysfs, the parent is the directory above the device's own directory. */
static int device_read_parent(int fd, char ret[static NAME_MAX + 1])
{
        char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)], path[PATH_MAX];
        char *last, *parent;
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n < 0)
                return -errno;
        path[n] = '\0';

        last = strrchr(path, '/');
        if (!last || last == path)
                return -ENODEV;
        *last = '\0';
        parent = strrchr(path, '/');
        if (!parent || strlen(parent + 1) > NAME_MAX)
                return -ENODEV;
        strcpy(ret, parent + 1);
        return 0;
}

int device_find(const struct root *root, const char *uuid, struct device *ret)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        char path[PATH_MAX];
        struct stat st;
        int r;

        r = root_path(root, path, DEVICES_DIR "/%s", uuid);
        if (r < 0)
                return r;
        device.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (device.fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(device.fd, &st) < 0)
                return -errno;
        device.inode = st.st_ino;
        snprintf(device.uuid, sizeof(device.uuid), "%.36s", uuid);
        r = device_read_parent(device.fd, device.parent);
        if (r < 0)
                return r;
        r = sysfs_read_link(device.fd, "mdev_type", device.type, sizeof(device.type));
        if (r < 0 && r != -ENOENT)
                return r;

        *ret = device;
        device.fd = -1;
        return 1;
}

bool device_exists(const struct root *root, const char *uuid)
{
        char path[PATH_MAX];

        return root_path(root, path, DEVICES_DIR "/%s", uuid) >= 0 && access(path, F_OK) == 0;
}

bool device_is_there(const struct root *root, const struct device *device)
{
        _cleanup_device_ struct device now = DEVICE_NONE;

        return device_find(root, device->uuid, &now) > 0 && now.inode == device->inode;
}

int device_find_complete(const struct root *root, const char *uuid, struct device *ret)
{
        for (int waited = 0; true; waited += COMPLETE_STEP_MS) {
                int r = device_find(root, uuid, ret);

                if (r <= 0 || ret->type[0] != '\0' || waited >= COMPLETE_WAIT_MS)
                        return r;
                device_done(ret);
                r = sleep_msec(COMPLETE_STEP_MS);
                if (r < 0)
                        return r;
        }
}

void device_done(struct device *device)
{
        cleanup_close(&device->fd);
        device->fd = -1;
}

int device_create(int type_fd, const char *uuid)
{
        return sysfs_write(type_fd, "create", uuid);
}

int device_remove(const struct device *device)
{
        struct stat st;
        int r;

        if (device->type[0] == '\0')
                return -EAGAIN;
        r = sysfs_write_once(device->fd, "remove", "1");
        if (r != -ENOENT && r != -ENODEV)
                return r;
        /* Another process removes the device, or its parent disappears. Wait until the type link is gone,
         * too. */
        for (int waited = 0; fstatat(device->fd, "mdev_type", &st, AT_SYMLINK_NOFOLLOW) == 0;
                waited += COMPLETE_STEP_MS)
                if (waited >= COMPLETE_WAIT_MS || sleep_msec(COMPLETE_STEP_MS) < 0)
                        return -ENODEV;
        return 0;
}

int device_get_attribute_mode(const struct device *device, const char *name, mode_t *ret)
{
        _cleanup_close_ int fd = open_beneath(device->fd, name, O_PATH);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        *ret = st.st_mode;
        return 0;
}

int device_write_attribute(const struct device *device, const char *name, const char *value)
{
        return sysfs_write(device->fd, name, value);
}
