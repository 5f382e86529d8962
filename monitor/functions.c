/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "cleanup.h"
#include "functions.h"
#include "log.h"
#include "manager.h"
#include "unit-name.h"
#include "vgpu.h"

/* How long udev and systemd may take for an event before the reload goes ahead, in ms. */
#define EVENT_LIMIT_MS 1000
#define EVENT_PAUSE_MS 20

/* Without definitions, there are no names. */
static void list_functions(const struct root *root, char ***ret)
{
        _cleanup_close_ int fd = vgpu_definitions_open(root);

        if (fd >= 0)
                (void) vgpu_definitions_list(fd, ret, NULL, NULL);
}

static bool has_unit(sd_bus *bus, const char *function)
{
        char unit[UNIT_NAME_SIZE];

        return unit_name_of_bus_device(unit, "pci", function) < 0 || manager_unit_is_active(bus, unit);
}

/* True if udev has to look at the function. */
static bool announce(const struct root *root, const char *function)
{
        const int r = vgpu_function_announce(root, function);

        if (r < 0)
                log_warning_errno(r, "%s: Failed to announce the function to udev: %m", function);
        return r > 0;
}

void functions_announce(const struct root *root, sd_bus *bus)
{
        const struct timespec pause = {.tv_nsec = EVENT_PAUSE_MS * 1000000L};
        _cleanup_vgpu_names_ char **functions = NULL;
        size_t n = 0;

        list_functions(root, &functions);
        for (char **p = functions; p && *p; p++)
                if (!has_unit(bus, *p) && announce(root, *p)) {
                        char *other = functions[n];

                        functions[n++] = *p;
                        *p = other;
                }
        for (int waited = 0; n > 0 && waited < EVENT_LIMIT_MS; waited += EVENT_PAUSE_MS) {
                while (n > 0 && has_unit(bus, functions[n - 1]))
                        n--;
                if (n > 0)
                        nanosleep(&pause, NULL);
        }
}

void functions_start_wanted(const struct root *root, sd_bus *bus)
{
        _cleanup_vgpu_names_ char **functions = NULL;

        list_functions(root, &functions);
        for (char **p = functions; p && *p; p++) {
                _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
                char unit[UNIT_NAME_SIZE];

                if (vgpu_function_open(root, *p, &device) >= 0 &&
                        unit_name_of_bus_device(unit, "pci", *p) >= 0)
                        (void) manager_request(bus, "StartUnit", unit, "fail");
        }
}
