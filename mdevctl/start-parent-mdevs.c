/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "commands.h"
#include "device-operation.h"
#include "inventory.h"
#include "manager.h"
#include "operation.h"
#include "report.h"
#include "stored.h"
#include "unit-operation.h"

static int start(const struct env *env, struct callouts *callouts, const struct mdev *mdev)
{
        int r = device_check_start(env, mdev->uuid, mdev->parent, mdev->definition.type);

        if (r < 0)
                return r;
        if (manager_is_running(env))
                return unit_start(env, mdev->uuid, mdev->parent, NULL);
        return device_start(env, callouts, mdev->uuid, mdev->parent, &mdev->definition, false);
}

/* Made for a udev rule, which can do nothing about a failure: what fails is named, and that is
 * all. */
static int run(const struct env *env, const struct arguments *arguments)
{
        _cleanup_inventory_ struct inventory inventory = {};
        _cleanup_callouts_ struct callouts callouts;
        const struct inventory_filter filter = {.parent = arguments->operand};
        int r;

        operations_init(&callouts, env);
        r = report_unless_root(env, "start-parent-mdevs");
        if (r >= 0)
                r = inventory_add_defined(env, &filter, &inventory);
        if (r < 0)
                return r;

        for (const struct mdev *mdev = inventory.mdevs; mdev < inventory.mdevs + inventory.n; mdev++)
                /* A rule may be run any number of times. */
                if (mdev->autostart && !device_exists(env, mdev->uuid) && start(env, &callouts, mdev) < 0)
                        report_warning("device %s of parent %s is not started", mdev->uuid, mdev->parent);
        return 0;
}

const struct command command_start_parent_mdevs = {
        .name = "start-parent-mdevs",
        .usage = "<PARENT>",
        .operand = "<PARENT>",
        .options =
                (const struct option_use[]){
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
};
