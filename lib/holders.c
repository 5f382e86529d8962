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
#include "nodes.h"
#include "sysfs.h"
#include "text.h"

/* An open group does not mean an open device, and removing a device does not wait for its group: libvirt
 * tests the group the same way and keeps it open while it runs "mdevctl stop". So ask the kernel through the
 * process's own descriptor. A device can be opened only after its group is attached to a container or to an
 * IOMMU descriptor. */
static bool group_is_used(const char *pid, const char *descriptor)
{
        struct vfio_group_status status = {.argsz = sizeof(status)};
        _cleanup_close_ int pidfd = pidfd_open(atoi(pid), 0), fd = -1;

        fd = pidfd < 0 ? -1 : pidfd_getfd(pidfd, atoi(descriptor), 0);
        if (fd < 0 || ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
                return true;
        return status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET;
}

/* A node as descriptors show it; a container may use another name. */
struct target {
        const struct holder_node *node;
        struct stat st;
};

static bool stat_is_target(const struct stat *st, const struct target *target)
{
        return (st->st_dev == target->st.st_dev && st->st_ino == target->st.st_ino) ||
               (S_ISCHR(st->st_mode) && S_ISCHR(target->st.st_mode) && st->st_rdev == target->st.st_rdev);
}

/* Calls stat(2) only if the name looks like a device node, because stat(2) of other files may block. */
static bool descriptor_stat(int fds_fd, const char *descriptor, struct stat *ret)
{
        char name[PATH_MAX];
        ssize_t n = readlinkat(fds_fd, descriptor, name, sizeof(name) - 1);

        if (n <= 0)
                return false;
        name[n] = '\0';
        return (strstr(name, "/dev/") || strstr(name, "/vfio/")) && fstatat(fds_fd, descriptor, ret, 0) == 0;
}

static int list_add(struct holder_list *list, int proc_fd, const char *pid, size_t device, bool is_use)
{
        struct holder *holder;
        char path[NAME_MAX + 6];

        /* A process may have several descriptors for one device. Its holders are the last ones. */
        for (size_t i = list->n; i > 0 && list->holders[i - 1].pid == atoi(pid); i--)
                if (list->holders[i - 1].device == device) {
                        list->holders[i - 1].is_use |= is_use;
                        return 0;
                }
        if (list->n == list->size) {
                const size_t size = list->size ? 2 * list->size : 16;

                holder = realloc(list->holders, size * sizeof(*holder));
                if (!holder)
                        return -ENOMEM;
                list->holders = holder;
                list->size = size;
        }
        holder = &list->holders[list->n++];
        *holder = (struct holder){.device = device, .pid = atoi(pid), .is_use = is_use};
        snprintf(path, sizeof(path), "%s/comm", pid);
        if (sysfs_read(proc_fd, path, holder->name, sizeof(holder->name)) < 0)
                strcpy(holder->name, "process");
        return 0;
}

static int list_add_process(
        struct holder_list *list, int proc_fd, const char *pid, const struct target *targets, size_t n)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[NAME_MAX + 4];
        struct dirent *entry;
        struct stat st;
        int fd, r = 0;

        snprintf(path, sizeof(path), "%s/fd", pid);
        fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
                if (errno != ENOENT && errno != ESRCH)
                        list->is_complete = false;
                return 0;
        }
        dir = fdopendir(fd);
        if (!dir) {
                /* ENOENT, since Linux 6.2: the process has ended. */
                r = errno == ENOMEM ? -ENOMEM : 0;
                close(fd);
                return r;
        }
        while (r >= 0 && (entry = readdir(dir))) {
                if (!descriptor_stat(fd, entry->d_name, &st))
                        continue;
                for (size_t i = 0; r >= 0 && i < n; i++)
                        if (stat_is_target(&st, &targets[i]))
                                r = list_add(list, proc_fd, pid, targets[i].node->device,
                                        !targets[i].node->is_group || group_is_used(pid, entry->d_name));
        }
        return r;
}

int holders_list(const struct holder_node *nodes, size_t n, struct holder_list *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        _cleanup_free_ struct target *targets = calloc(n + 1, sizeof(*targets));
        struct dirent *entry;
        size_t found = 0;
        int r = 0;

        *ret = (struct holder_list){.is_complete = true};
        if (!targets)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (stat(nodes[i].path, &targets[found].st) == 0)
                        targets[found++].node = &nodes[i];
        if (found == 0)
                return 0;
        dir = opendir("/proc");
        if (!dir)
                return -errno;
        while (r >= 0 && (entry = readdir(dir)))
                if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
                        r = list_add_process(ret, dirfd(dir), entry->d_name, targets, found);
        return r;
}

void holder_list_done(struct holder_list *list)
{
        free(list->holders);
        *list = (struct holder_list){};
}

/* EBUSY means open. An unclear error must count as open, too, because it proves nothing. */
static bool group_is_open(const struct nodes *nodes)
{
        _cleanup_close_ int fd = open(nodes->group, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 && errno != ENOENT && errno != ENODEV && errno != ENXIO;
}

/* Lists the processes that use the device. Returns 1 if one does, 0 if processes only have its group open,
 * or -ENOENT if none has a node open. */
static int processes_find(const struct nodes *nodes, char *ret, size_t size)
{
        _cleanup_holder_list_ struct holder_list list = {};
        struct holder_node both[2];
        size_t n = 0;
        int r;

        if (nodes->cdev[0] != '\0')
                both[n++] = (struct holder_node){.path = nodes->cdev};
        if (nodes->group[0] != '\0')
                both[n++] = (struct holder_node){.path = nodes->group, .is_group = true};
        if (holders_list(both, n, &list) < 0)
                return 1;
        r = list.n > 0 ? 0 : -ENOENT;
        for (const struct holder *holder = list.holders; holder < list.holders + list.n; holder++) {
                char item[sizeof(holder->name) + 16];

                if (!holder->is_use)
                        continue;
                snprintf(item, sizeof(item), "%s (%d)", holder->name, holder->pid);
                text_list(ret, size, item);
                r = 1;
        }
        return r;
}

void holders_find(const struct root *root, const struct device *device, struct holders *ret)
{
        struct nodes nodes;
        int use = -ENOENT;

        *ret = (struct holders){};
        if (nodes_find(root, device, &nodes) < 0) {
                ret->in_use = true;
                strcpy(ret->text, "an unknown process, because its nodes in /dev/vfio cannot be determined");
                return;
        }

        ret->in_use = nodes.group[0] != '\0' && group_is_open(&nodes);
        /* A search through all processes is expensive. Do it only if the group is open, or if the device has
         * a node of its own, because nothing else shows its users. */
        if (ret->in_use || nodes.cdev[0] != '\0')
                use = processes_find(&nodes, ret->text, sizeof(ret->text));
        if (use >= 0)
                ret->in_use = use > 0;
        else if (ret->in_use) /* A process may have closed the group before the search reached it. */
                ret->in_use = group_is_open(&nodes);
        if (ret->text[0] == '\0')
                strcpy(ret->text, "a process that cannot be seen from here");
}
