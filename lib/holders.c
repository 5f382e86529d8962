/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "holders.h"
#include "sysfs.h"

/* The device nodes through which a device may be open, empty where it has none. */
struct nodes {
        char group[PATH_MAX];
        char cdev[PATH_MAX];
};

static void nodes_find(const struct env *env, const struct device *device, struct nodes *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char name[NAME_MAX + 1];
        struct dirent *entry;
        int fd;

        ret->group[0] = ret->cdev[0] = '\0';
        if (sysfs_read_link(device->fd, "iommu_group", name, sizeof(name)) >= 0 &&
                env_path(env, ret->group, "/dev/vfio/%s", name) < 0)
                ret->group[0] = '\0';

        fd = openat(device->fd, "vfio-dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return;
        }
        while ((entry = readdir(dir)))
                if (entry->d_name[0] != '.' &&
                        (env_path(env, ret->cdev, "/dev/vfio/devices/%s", entry->d_name) < 0 ||
                                access(ret->cdev, F_OK) < 0))
                        ret->cdev[0] = '\0';
}

/* What a process has to do with a device. */
enum hold {
        HOLD_NONE,
        HOLD_LOOK,    /* it has the group open and cannot use a device */
        HOLD_UNKNOWN, /* it has got some device from another process */
        HOLD_USE,
};

/* Whether a descriptor is one of a node, under whatever name: a container may have its own. Only
 * of what looks like a device node more than the name is looked at, which cannot block. */
static bool descriptor_is_node(int fds_fd, const char *descriptor, const char *target, const char *node)
{
        struct stat a, b;

        if (node[0] == '\0' || !strstr(target, "/dev/") || stat(node, &a) < 0 ||
                fstatat(fds_fd, descriptor, &b, 0) < 0)
                return false;
        return (a.st_dev == b.st_dev && a.st_ino == b.st_ino) ||
               (S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev);
}

static bool ends_with(const char *text, const char *end)
{
        const size_t text_length = strlen(text), length = strlen(end);

        return text_length >= length && strcmp(text + text_length - length, end) == 0;
}

/* A device that came from its group; the name does not say which device. */
static bool target_is_device(const char *target)
{
        return strstr(target, "[vfio-device]");
}

/* Whether this is the name of what a process has that uses some device, beside the device's group. */
static bool target_is_of_a_user(const char *target)
{
        return target_is_device(target) || strstr(target, "/vfio/devices/") ||
               ends_with(target, "/vfio/vfio") || ends_with(target, "/iommu");
}

static bool target_is_group(const char *target)
{
        const char *directory = strstr(target, "/vfio/");

        return directory && directory[6] >= '0' && directory[6] <= '9';
}

static enum hold process_find_hold(int proc_fd, const char *pid, const struct nodes *nodes)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[NAME_MAX + 4], target[PATH_MAX];
        bool has_group = false, has_any_group = false, has_device = false, is_user = false;
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
        while ((entry = readdir(dir))) {
                ssize_t n = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);

                if (n <= 0)
                        continue;
                target[n] = '\0';
                if (descriptor_is_node(fd, entry->d_name, target, nodes->cdev))
                        return HOLD_USE;
                has_group |= descriptor_is_node(fd, entry->d_name, target, nodes->group);
                has_any_group |= target_is_group(target);
                has_device |= target_is_device(target);
                is_user |= target_is_of_a_user(target);
        }
        if (!has_group)
                return has_device && !has_any_group ? HOLD_UNKNOWN : HOLD_NONE;
        return is_user ? HOLD_USE : HOLD_LOOK;
}

/* Lists the processes that use the device and returns the most that any has to do with it. */
static enum hold processes_find(const struct nodes *nodes, char *ret, size_t size)
{
        _cleanup_closedir_ DIR *dir = opendir("/proc");
        enum hold most = HOLD_NONE;
        size_t used = 0;
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char path[NAME_MAX + 6], name[64];
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
                if (used < size)
                        used += (size_t) snprintf(ret + used, size - used, "%s%s (%s)", used > 0 ? ", " : "",
                                name, entry->d_name);
        }
        return most;
}

void holders_find(const struct env *env, const struct device *device, struct holders *ret)
{
        enum hold hold = HOLD_NONE;
        bool is_busy = false;
        struct nodes nodes;

        *ret = (struct holders){};
        nodes_find(env, device, &nodes);

        if (nodes.group[0] != '\0') {
                _cleanup_close_ int fd = open(nodes.group, O_RDONLY | O_CLOEXEC | O_NOCTTY);

                /* EBUSY says so; an error that says nothing must not be taken for a no. */
                ret->in_use = fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO;
                is_busy = fd < 0 && errno == EBUSY;
        }
        /* Looking through all processes is dear: only if the group is open, or where nothing else tells. */
        if (ret->in_use || nodes.cdev[0] != '\0')
                hold = processes_find(&nodes, ret->text, sizeof(ret->text));
        if (hold == HOLD_USE)
                ret->in_use = true;
        else if (hold == HOLD_LOOK && is_busy)
                ret->in_use = false;
        if (ret->text[0] == '\0')
                strcpy(ret->text, "a process that cannot be seen from here");
}
