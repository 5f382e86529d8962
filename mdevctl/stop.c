/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "command-callouts.h"
#include "commands.h"
#include "definition-file.h"
#include "device-operation.h"
#include "manager.h"
#include "report.h"
#include "unit-operation.h"

static int stop(const struct root *root, const struct device *device, bool force)
{
        _cleanup_callouts_ struct callouts callouts;
        int r;

        command_callouts_init(&callouts, root);
        r = device_check_stop(root, device);
        if (r >= 0 && manager_is_running(root) && !force)
                r = unit_stop(root, device);
        if (r != 0)
                return r;
        r = device_stop(root, &callouts, device, force);
        if (r >= 0)
                definition_remove_transient(root, device->uuid);
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        int r;

        r = report_unless_root(root, "stop");
        if (r < 0)
                return r;
        r = device_find_complete(root, arguments->uuid, &device);
        if (r < 0)
                return report_error(r, "Failed to look up device %s: %m", arguments->uuid);
        if (r == 0 || device.type[0] == '\0')
                return report_error(-ENODEV, "Device %s is not an active mdev", arguments->uuid);
        return stop(root, &device, arguments_have(arguments, OPTION_FORCE));
}

const struct command command_stop = {
        .name = "stop",
        .summary = "Stop a device",
        .details = "A device that a process has open is not stopped.",
        .usage = "[OPTIONS] --uuid <UUID>",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_FORCE, FORCE_TEXT},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .all_of = OPTION_BIT(OPTION_UUID),
        .run = run,
};
