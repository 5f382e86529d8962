/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "removal.h"
#include "sandbox.h"

struct removal {
        const struct root *root;
        const struct device *device;
};

static int remove_in_sandbox(void *userdata)
{
        const struct removal *removal = userdata;

        sandbox_enter(removal->root, removal->device->fd, -1);
        return device_remove(removal->device);
}

int removal_run(const struct root *root, const struct device *device)
{
        struct removal removal = {.root = root, .device = device};
        int r, done;

        /* In a thread, so that this process stays outside the sandbox: callouts or another holders_find()
         * may follow. */
        r = sandbox_run(device->uuid, remove_in_sandbox, &removal, &done);
        return r < 0 ? r : done;
}
