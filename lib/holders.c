/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

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

/* Whether a process has one of the nodes open. */
static bool process_holds(int proc_fd, const char *pid, const struct nodes *nodes)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[NAME_MAX + 4], target[PATH_MAX];
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
        while ((entry = readdir(dir))) {
                ssize_t n = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);

                if (n <= 0)
                        continue;
                target[n] = '\0';
                if (strcmp(target, nodes->group) == 0 || strcmp(target, nodes->cdev) == 0)
                        return true;
        }
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

                ret->in_use = fd < 0 && errno == EBUSY;
        }
        /* Looking through all processes is dear: only for the names, or where nothing else tells. */
        if (ret->in_use || nodes.cdev[0] != '\0')
                ret->in_use |= processes_find(&nodes, ret->text, sizeof(ret->text));
}
