/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of devices against the drivers that are configured for them */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "bus-device.h"
#include "check.h"
#include "cleanup.h"

static struct finding *add(struct check *check, const char *name, const struct override *override)
{
        char path[PATH_MAX];

        if (root_path(check->root, path, OVERRIDES_DIR "/%s", name) < 0)
                return findings_add(&check->findings, FINDING_DRIVER_DIFFERS, NULL, NULL, override->device);
        return findings_add(&check->findings, FINDING_DRIVER_DIFFERS, path, NULL,
                override->device[0] != '\0' ? override->device : NULL);
}

static void check_device(struct check *check, const struct override *override)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char driver[NAME_MAX + 1];
        struct finding *finding;

        /* An absent device may be plugged in later. */
        if (bus_device_open(check->root, override, &device) < 0 ||
                bus_device_get_driver(&device, driver) < 0)
                return;
        if (override_is_bound(override, driver))
                return;
        finding = add(check, override->name, override);
        if (driver[0] != '\0')
                finding_say(finding, "device %s has driver %s, not %s", override->device, driver,
                        override->driver);
        else
                finding_say(finding, "device %s has no driver instead of %s", override->device,
                        override->driver);
        if (driverctl_is_in_charge(check->root))
                finding_advise(finding, "run \"driverctl -b %s load-override %s\"", override->bus,
                        override->device);
        else
                finding_advise(finding, "run \"mdevctl driver set --now -b %s %s %s\"", override->bus,
                        override->device, override->driver);
}

void check_driver_differs(struct check *check)
{
        int fd = overrides_open(check->root);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                struct override override;
                struct reason reason;

                if (entry->d_name[0] == '.')
                        continue;
                if (override_load(fd, entry->d_name, &override, &reason) >= 0)
                        check_device(check, &override);
                else {
                        struct finding *finding = add(check, entry->d_name, &override);

                        finding_say(finding, "%s", reason.text);
                        finding_advise(finding, "correct the file, or remove it");
                }
        }
}
