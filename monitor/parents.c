/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "manager.h"
#include "parent.h"
#include "parents.h"
#include "unit-name.h"

struct parents {
        const struct root *root;
        struct parent {
                char path[PATH_MAX]; /* in sysfs, without links */
                bool is_known;       /* to systemd */
        } * parents;
        size_t n;
        bool needs_reload;
};

static void parents_done(struct parents *parents)
{
        free(parents->parents);
}

/* Asks the kernel to repeat the event. The udev rule then tests the present state of the parent. */
static int repeat_event(const char *path)
{
        char uevent[PATH_MAX];
        _cleanup_close_ int fd = -1;

        if (snprintf(uevent, sizeof(uevent), "%s/uevent", path) >= (int) sizeof(uevent))
                return -ENAMETOOLONG;
        fd = open(uevent, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return write(fd, "change", strlen("change")) < 0 ? -errno : 0;
}

static int parents_read(struct parents *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char directory[PATH_MAX];
        struct dirent *entry;
        int r;

        r = root_path(ret->root, directory, PARENTS_DIR);
        if (r < 0)
                return r;
        dir = opendir(directory);
        while (dir && (entry = readdir(dir))) {
                char link[PATH_MAX];
                struct parent *more;

                if (entry->d_name[0] == '.' || snprintf(link, sizeof(link), "%s/%s", directory,
                                                       entry->d_name) >= (int) sizeof(link))
                        continue;
                more = reallocarray(ret->parents, ret->n + 1, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                ret->parents = more;
                more[ret->n].is_known = false;
                if (realpath(link, more[ret->n].path))
                        ret->n++;
        }
        return 0;
}

static void compare_parent(void *userdata, const char *unit, const char *path)
{
        struct parents *parents = userdata;

        (void) unit;
        for (size_t i = 0; i < parents->n; i++)
                if (strcmp(parents->parents[i].path, path) == 0) {
                        parents->parents[i].is_known = true;
                        return;
                }
        if (repeat_event(path) < 0)
                parents->needs_reload = true;
}

int parents_compare(const struct root *root)
{
        __attribute__((cleanup(parents_done))) struct parents parents = {.root = root};
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        r = parents_read(&parents);
        if (r >= 0)
                r = manager_open(&bus);
        if (r >= 0)
                r = manager_for_each_parent(bus, compare_parent, &parents);
        if (r < 0)
                return r;
        for (size_t i = 0; i < parents.n; i++)
                if (!parents.parents[i].is_known)
                        (void) repeat_event(parents.parents[i].path);
        return parents.needs_reload ? manager_reload(bus) : 0;
}
