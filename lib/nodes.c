/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "nodes.h"
#include "sysfs.h"

/* The name of a group in sysfs is its number. */
static int parse_number(const char *name)
{
        char *end;
        long number = strtol(name, &end, 10);

        return end == name || *end != '\0' || number < 0 || number > INT_MAX ? -1 : (int) number;
}

int nodes_find(const struct root *root, const struct device *device, struct nodes *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char name[NAME_MAX + 1], unprotected[PATH_MAX];
        struct dirent *entry;
        int r, fd;

        ret->group[0] = ret->cdev[0] = '\0';
        ret->iommu_group = -1;
        r = sysfs_read_link(device->fd, "iommu_group", name, sizeof(name));
        if (r < 0 && r != -ENOENT)
                return r;
        if (r >= 0) {
                ret->iommu_group = parse_number(name);
                r = root_path(root, ret->group, "/dev/vfio/%s", name);
                /* Of a device that vfio-pci has without an IOMMU. */
                if (r >= 0 && access(ret->group, F_OK) < 0) {
                        r = root_path(root, unprotected, "/dev/vfio/noiommu-%s", name);
                        if (r >= 0 && access(unprotected, F_OK) >= 0)
                                strcpy(ret->group, unprotected);
                }
                if (r < 0)
                        return r;
        }

        fd = openat(device->fd, "vfio-dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        dir = fdopendir(fd);
        if (!dir) {
                r = -errno;
                close(fd);
                return r;
        }
        while ((entry = readdir(dir)))
                if (entry->d_name[0] != '.' &&
                        (root_path(root, ret->cdev, "/dev/vfio/devices/%s", entry->d_name) < 0 ||
                                access(ret->cdev, F_OK) < 0))
                        ret->cdev[0] = '\0';
        return 0;
}
