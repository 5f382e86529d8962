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

/* Whether a descriptor is one of a node, under whatever name: a container may have its own. Only
 * of what looks like a device node more than the name is looked at, which cannot block. */
static bool descriptor_is_node(int fds_fd, const char *descriptor, const char *node)
{
        char target[PATH_MAX];
        struct stat a, b;
        ssize_t n = readlinkat(fds_fd, descriptor, target, sizeof(target) - 1);

        if (n <= 0 || node[0] == '\0')
                return false;
        target[n] = '\0';
        if (!strstr(target, "/dev/") || stat(node, &a) < 0 || fstatat(fds_fd, descriptor, &b, 0) < 0)
                return false;
        return (a.st_dev == b.st_dev && a.st_ino == b.st_ino) ||
               (S_ISCHR(a.st_mode) && S_ISCHR(b.st_mode) && a.st_rdev == b.st_rdev);
}

/* Whether a process has one of the nodes open. */
static bool process_holds(int proc_fd, const char *pid, const struct nodes *nodes)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[NAME_MAX + 4];
        struct dirent *entry;
        int fd;

        snprintf(path, sizeof(path), "%s/fd", pid);
        fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return false;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return false;
        }
        while ((entry = readdir(dir)))
                if (descriptor_is_node(fd, entry->d_name, nodes->group) ||
                        descriptor_is_node(fd, entry->d_name, nodes->cdev))
                        return true;
        return false;
}

/* Lists the processes that have one of the nodes open; true if there is one. */
static bool processes_find(const struct nodes *nodes, char *ret, size_t size)
{
        _cleanup_closedir_ DIR *dir = opendir("/proc");
        size_t used = 0;
        bool found = false;
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char path[NAME_MAX + 6], name[64];

                if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
                        !process_holds(dirfd(dir), entry->d_name, nodes))
                        continue;
                found = true;
                snprintf(path, sizeof(path), "%s/comm", entry->d_name);
                if (sysfs_read(dirfd(dir), path, name, sizeof(name)) < 0)
                        strcpy(name, "process");
                if (used < size)
                        used += (size_t) snprintf(ret + used, size - used, "%s%s (%s)", used > 0 ? ", " : "",
                                name, entry->d_name);
        }
        return found;
}

void holders_find(const struct env *env, const struct device *device, struct holders *ret)
{
        struct nodes nodes;

        *ret = (struct holders){};
        nodes_find(env, device, &nodes);

        if (nodes.group[0] != '\0') {
                _cleanup_close_ int fd = open(nodes.group, O_RDONLY | O_CLOEXEC | O_NOCTTY);

                /* EBUSY says so; an error that says nothing must not be taken for a no. */
                ret->in_use = fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO;
        }
        /* Looking through all processes is dear: only for the names, or where nothing else tells. */
        if (ret->in_use || nodes.cdev[0] != '\0')
                ret->in_use |= processes_find(&nodes, ret->text, sizeof(ret->text));
        if (ret->text[0] == '\0')
                strcpy(ret->text, "a process that cannot be seen from here");
}
