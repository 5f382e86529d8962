/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "command-callouts.h"
#include "commands.h"
#include "device-operation.h"
#include "inventory.h"
#include "manager.h"
#include "report.h"
#include "stored.h"
#include "unit-operation.h"

/* After one start that its unit could not do, does not try units any more: in a udev rule or during boot,
 * each further attempt would wait as long. */
static int start(
        const struct root *root, struct callouts *callouts, const struct mdev *mdev, bool *manager_is_asked)
{
        int r = 0;

        if (*manager_is_asked) {
                r = device_check_start(root, mdev->uuid, mdev->parent, mdev->definition.type);
                if (r >= 0)
                        r = unit_start(root, mdev->uuid, mdev->parent, NULL);
                *manager_is_asked = r != 0;
        }
        if (r != 0)
                return r;
        return device_start(root, callouts, mdev->uuid, mdev->parent, &mdev->definition, false);
}

/* A udev rule runs this and cannot react to a failure, so failures are only reported. */
static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_inventory_ struct inventory inventory = {};
        _cleanup_enablement_ struct enablement enablement = {};
        _cleanup_callouts_ struct callouts callouts;
        const struct inventory_filter filter = {.parent = arguments->operand};
        bool manager_is_asked = manager_is_running(root);
        int r;

        command_callouts_init(&callouts, root);
        r = report_unless_root(root, "start-parent-mdevs");
        if (r >= 0)
                r = inventory_load_enablement(root, &enablement);
        if (r >= 0)
                r = inventory_add_defined(root, &filter, &enablement, &inventory);
        if (r < 0)
                return r;

        for (const struct mdev *mdev = inventory.mdevs; mdev < inventory.mdevs + inventory.n; mdev++)
                /* udev may run a rule any number of times. */
                if (mdev->autostart && !device_is_active(root, mdev->uuid) &&
                        start(root, &callouts, mdev, &manager_is_asked) < 0)
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
