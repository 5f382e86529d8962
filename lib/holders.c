/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "holders.h"
#include "sysfs.h"
#include "text.h"

/* The device nodes through which a process can open a device; empty if the device has none. */
struct nodes {
        char group[PATH_MAX];
        char cdev[PATH_MAX];
};

/* Finds the nodes of a device. False if an error hides them. */
static bool nodes_find(const struct root *root, const struct device *device, struct nodes *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char name[NAME_MAX + 1];
        struct dirent *entry;
        int r, fd;

        ret->group[0] = ret->cdev[0] = '\0';
        r = sysfs_read_link(device->fd, "iommu_group", name, sizeof(name));
        if (r < 0 && r != -ENOENT)
                return false;
        if (r >= 0 && root_path(root, ret->group, "/dev/vfio/%s", name) < 0)
                return false;

        fd = openat(device->fd, "vfio-dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return false;
        }
        while ((entry = readdir(dir)))
                if (entry->d_name[0] != '.' &&
                        (root_path(root, ret->cdev, "/dev/vfio/devices/%s", entry->d_name) < 0 ||
                                access(ret->cdev, F_OK) < 0))
                        ret->cdev[0] = '\0';
        return true;
}

/* True if a descriptor refers to a node, under any name: a container may use another one. Calls stat(2) only
 * if the name looks like a device node, because stat(2) of other files may block. */
static bool descriptor_is_node(int fds_fd, const char *descriptor, const char *node)
{
        char target[PATH_MAX];
        struct stat a, b;
        ssize_t n = readlinkat(fds_fd, descriptor, target, sizeof(target) - 1);

        if (n <= 0 || node[0] == '\0')
                return false;
        target[n] = '\0';
        if ((!strstr(target, "/dev/") && !strstr(target, "/vfio/")) || stat(node, &a) < 0 ||
                fstatat(fds_fd, descriptor, &b, 0) < 0)
                return false;
        return (a.st_dev == b.st_dev && a.st_ino == b.st_ino) ||
               (S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev);
}

/* How a process uses the device; a larger value means more use. */
enum hold {
        HOLD_NONE,
        HOLD_LOOK, /* it has the group open, but can have no device open through it */
        HOLD_USE,
};

/* An open group does not mean an open device, and removing a device does not wait for its group: libvirt
 * tests the group the same way and keeps it open while it runs "mdevctl stop". So ask the kernel through the
 * process's own descriptor. A device can be opened only after its group is attached to a container or to an
 * IOMMU descriptor. */
static enum hold group_find_hold(const char *pid, const char *descriptor)
{
        struct vfio_group_status status = {.argsz = sizeof(status)};
        _cleanup_close_ int pidfd = pidfd_open(atoi(pid), 0), fd = -1;

        fd = pidfd < 0 ? -1 : pidfd_getfd(pidfd, atoi(descriptor), 0);
        if (fd < 0 || ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
                return HOLD_USE;
        return status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET ? HOLD_USE : HOLD_LOOK;
}

static enum hold process_find_hold(int proc_fd, const char *pid, const struct nodes *nodes)
{
        _cleanup_closedir_ DIR *dir = NULL;
        enum hold hold = HOLD_NONE;
        char path[NAME_MAX + 4];
        struct dirent *entry;
        int fd;

        snprintf(path, sizeof(path), "%s/fd", pid);
        fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return HOLD_NONE;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return HOLD_NONE;
        }
        while (hold < HOLD_USE && (entry = readdir(dir)))
                if (descriptor_is_node(fd, entry->d_name, nodes->cdev))
                        hold = HOLD_USE;
                else if (descriptor_is_node(fd, entry->d_name, nodes->group))
                        hold = group_find_hold(pid, entry->d_name);
        return hold;
}

/* Lists the processes that use the device. Returns the largest use by any process. */
static enum hold processes_find(const struct nodes *nodes, char *ret, size_t size)
{
        _cleanup_closedir_ DIR *dir = opendir("/proc");
        enum hold most = HOLD_NONE;
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char path[NAME_MAX + 6], name[64], item[sizeof(name) + NAME_MAX + 4];
                enum hold hold;

                if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
                        continue;
                hold = process_find_hold(dirfd(dir), entry->d_name, nodes);
                if (hold > most)
                        most = hold;
                if (hold != HOLD_USE)
                        continue;
                snprintf(path, sizeof(path), "%s/comm", entry->d_name);
                if (sysfs_read(dirfd(dir), path, name, sizeof(name)) < 0)
                        strcpy(name, "process");
                snprintf(item, sizeof(item), "%s (%s)", name, entry->d_name);
                text_list(ret, size, item);
        }
        return most;
}

/* EBUSY means open. An unclear error must count as open, too, because it proves nothing. */
static bool group_is_open(const struct nodes *nodes)
{
        _cleanup_close_ int fd = open(nodes->group, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO;
}

void holders_find(const struct root *root, const struct device *device, struct holders *ret)
{
        enum hold hold = HOLD_NONE;
        struct nodes nodes;

        *ret = (struct holders){};
        if (!nodes_find(root, device, &nodes)) {
                ret->in_use = true;
                strcpy(ret->text, "an unknown process, because its nodes in /dev/vfio cannot be determined");
                return;
        }

        ret->in_use = nodes.group[0] != '\0' && group_is_open(&nodes);
        /* A search through all processes is expensive. Do it only if the group is open, or if the device has
         * a node of its own, because nothing else shows its users. */
        if (ret->in_use || nodes.cdev[0] != '\0')
                hold = processes_find(&nodes, ret->text, sizeof(ret->text));
        if (hold != HOLD_NONE)
                ret->in_use = hold == HOLD_USE;
        else if (ret->in_use) /* A process may have closed the group before the search reached it. */
                ret->in_use = group_is_open(&nodes);
        if (ret->text[0] == '\0')
                strcpy(ret->text, "a process that cannot be seen from here");
}
