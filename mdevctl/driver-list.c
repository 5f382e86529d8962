/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus-device.h"
#include "cleanup.h"
#include "driver-list.h"
#include "report.h"

/* Returns 1 if the device can have an override. */
static int print_device(const struct root *root, const char *bus, const char *name, bool all)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char driver[NAME_MAX + 1], current[NAME_MAX + 1];
        struct override override;
        struct reason reason;

        if (override_from_device(bus, name, &override, &reason) < 0 ||
                bus_device_open(root, &override, &device) < 0 ||
                bus_device_get_override(&device, current) < 0 || bus_device_get_driver(&device, driver) < 0)
                return 0;
        if (all || current[0] != '\0')
                printf("%s %s%s\n", name, driver[0] != '\0' ? driver : "(none)",
                        all && current[0] != '\0' ? " [*]" : "");
        return 1;
}

int driver_list(const struct root *root, const char *bus, bool all)
{
        struct dirent **entries;
        char path[PATH_MAX];
        int r, n, found = 0;

        r = root_path(root, path, "/sys/bus/%s/devices", bus);
        if (r < 0)
                return report_error(r, "%s: %m", bus);
        n = scandir(path, &entries, NULL, alphasort);
        if (n < 0)
                return report_error(-errno, "%s: %m", path);
        for (int i = 0; i < n; i++) {
                if (entries[i]->d_name[0] != '.')
                        found += print_device(root, bus, entries[i]->d_name, all);
                free(entries[i]);
        }
        free(entries);
        return found > 0 ? 0 : report_error(-ENODEV, "No device on bus %s can have another driver", bus);
}
