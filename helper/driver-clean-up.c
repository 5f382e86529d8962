/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "claim.h"
#include "driver.h"
#include "log.h"

static int give_back(const struct root *root, const struct claim *claim, struct note *note)
{
        return driver_give_back(root, claim->name, claim->userdata, note);
}

int driver_clean_up(const struct root *root, const char *name)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        struct claim claim = {.name = name, .give_back = give_back, .userdata = &device};
        struct override override;
        struct reason reason;
        struct note note;
        int r;

        if (note_load(root, name, &note) < 0)
                return 0;
        r = override_parse(name, &override, &reason);
        if (r < 0)
                return log_error_errno(-EINVAL, "%s: %s", name, reason.text);
        r = driver_device_open(root, &override, &device);
        if (r < 0 && r != -ENODEV)
                return r;
        claim.device = r < 0 ? 0 : device.inode;
        return claim_clean_up(root, &claim, &note);
}
