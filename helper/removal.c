/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "cleanup.h"
#include "removal.h"
#include "sandbox.h"
#include "udev-monitor.h"

struct removal {
        const struct env *env;
        const struct device *device;
};

static int remove_in_sandbox(void *userdata)
{
        const struct removal *removal = userdata;

        sandbox_enter(removal->env, removal->device->fd);
        return device_remove(removal->device);
}

int removal_run(const struct env *env, const struct device *device)
{
        struct removal removal = {.env = env, .device = device};
        _cleanup_close_ int monitor = udev_monitor_open(env);
        int r, done;

        /* Outside, because callouts or another look at the holders may follow. */
        r = sandbox_run(device->uuid, remove_in_sandbox, &removal, &done);
        if (r >= 0)
                r = done;
        if (r < 0)
                return r;
        if (monitor >= 0)
                udev_monitor_wait(monitor, device->uuid, "remove");
        return 0;
}

void removal_settle(const struct env *env, const char *uuid)
{
        _cleanup_close_ int monitor = udev_monitor_open(env);
        char path[PATH_MAX];

        /* udev forgets a device just before it reports the removal. */
        if (monitor >= 0 && env_path(env, path, "/run/udev/data/+mdev:%s", uuid) >= 0 &&
                access(path, F_OK) == 0)
                udev_monitor_wait(monitor, uuid, "remove");
}
