/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdevctl driver: chooses the drivers of devices, as driverctl does
 *
 * A file in /etc/driverctl.d is the choice, see override.h. Without --now, it
 * counts when the device next appears. With --now, the file is kept only if the
 * driver could be bound.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bus-device.h"
#include "cleanup.h"
#include "commands.h"
#include "driver-apply.h"
#include "driver-list.h"
#include "enablement.h"
#include "name.h"
#include "report.h"
#include "unit-name.h"

static int make_directory(const struct root *root, char ret[static PATH_MAX])
{
        int r = root_path(root, ret, OVERRIDES_DIR);

        if (r < 0)
                return r;
        return mkdir(ret, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* A reader finds the old file or the new one. */
static int save(const struct root *root, const struct override *override)
{
        char path[PATH_MAX], temporary[PATH_MAX];
        FILE *f;
        int r;

        r = make_directory(root, path);
        if (r >= 0)
                r = root_path(root, path, OVERRIDES_DIR "/%s", override->name);
        if (r >= 0)
                r = root_path(root, temporary, OVERRIDES_DIR "/.%s.new", override->name);
        if (r < 0)
                return report_error(r, "Failed to write " OVERRIDES_DIR "/%s: %m", override->name);
        f = fopen(temporary, "we");
        if (!f)
                return report_error(-errno, "Failed to write " OVERRIDES_DIR "/%s: %m", override->name);
        fprintf(f, "%s\n", override->driver);
        r = fflush(f) != 0 || fsync(fileno(f)) < 0 ? -errno : 0;
        fclose(f);
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r < 0 ? report_error(r, "Failed to write " OVERRIDES_DIR "/%s: %m", override->name) : 0;
}

static int discard(const struct root *root, const struct override *override)
{
        char path[PATH_MAX];
        int r = root_path(root, path, OVERRIDES_DIR "/%s", override->name);

        if (r >= 0 && unlink(path) < 0 && errno != ENOENT)
                r = -errno;
        return r < 0 ? report_error(r, "Failed to remove " OVERRIDES_DIR "/%s: %m", override->name) : 0;
}

/* Takes back what systemctl enable has done. */
static int disable(const struct root *root, const struct override *override)
{
        char unit[UNIT_NAME_SIZE];
        struct reason reason;
        int r;

        if (unit_name_of_driver(unit, override->name) < 0)
                return 0;
        r = unit_disable_everywhere(root, unit, &reason);
        return r < 0 ? report_error(r, "%s stays enabled: %s", unit, reason.text) : 0;
}

/* "bus/device" names both, as with driverctl. */
static int parse_device(const struct arguments *arguments, struct override *ret)
{
        const char *bus = arguments_have(arguments, OPTION_BUS) ? arguments->values[OPTION_BUS]
                                                                : OVERRIDE_BUS_DEFAULT,
                   *device = arguments->more[0], *slash = device ? strchr(device, '/') : NULL;
        char before[NAME_MAX + 1];
        struct reason reason;
        int r;

        if (!device)
                return report_error(-EINVAL, "The device is missing: mdevctl driver %s [-b BUS] DEVICE",
                        arguments->operand);
        if (slash) {
                snprintf(before, sizeof(before), "%.*s", (int) (slash - device), device);
                bus = before;
                device = slash + 1;
        }
        r = override_from_device(bus, device, ret, &reason);
        return r < 0 ? report_error(r, "%s on bus %s: %s", device, bus, reason.text) : 0;
}

static void warn_of_absence(const struct root *root, const struct override *override)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        int r = bus_device_open(root, override, &device);

        if (r == -ENODEV)
                report_warning(
                        "there is no device %s on bus %s at present", override->device, override->bus);
        else if (r == -EOPNOTSUPP)
                report_warning("device %s has no driver_override with this kernel", override->device);
}

/* Puts the file back as it was, and the driver that it names. */
static void restore(const struct root *root, const struct override *old)
{
        const bool had_driver = old->driver[0] != '\0';

        if ((had_driver ? save(root, old) : discard(root, old)) >= 0 && driver_reload(root) >= 0 &&
                had_driver)
                (void) driver_apply(root, old, true);
}

static int set(const struct root *root, const struct arguments *arguments)
{
        const bool now = arguments_have(arguments, OPTION_NOW),
                   saved = !arguments_have(arguments, OPTION_NOSAVE);
        _cleanup_close_ int fd = -1;
        struct override override, old;
        const char *problem;
        struct reason reason;
        int r;

        r = parse_device(arguments, &override);
        if (r < 0)
                return r;
        if (!arguments->more[1])
                return report_error(
                        -EINVAL, "The driver is missing: mdevctl driver set [-b BUS] DEVICE DRIVER");
        problem = driver_name_check(arguments->more[1]);
        if (problem)
                return report_error(-EINVAL, "driver \"%s\" %s", arguments->more[1], problem);
        old = override;
        strcpy(override.driver, arguments->more[1]);
        fd = overrides_open(root);
        if (fd < 0 || override_load(fd, override.name, &old, &reason) < 0)
                old.driver[0] = '\0';

        if (!now)
                warn_of_absence(root, &override);
        if (saved) {
                r = save(root, &override);
                if (r >= 0 && now)
                        r = driver_reload(root);
        }
        if (r >= 0 && now) {
                r = driver_apply(root, &override, saved);
                if (r < 0 && saved)
                        restore(root, &old);
        }
        return r;
}

static int unset(const struct root *root, const struct arguments *arguments)
{
        struct override override;
        int r;

        r = parse_device(arguments, &override);
        if (r >= 0 && arguments->more[1])
                return report_error(-EINVAL, "unexpected argument \"%s\"", arguments->more[1]);
        if (r >= 0 && arguments_have(arguments, OPTION_NOW))
                r = driver_release(root, &override);
        if (r >= 0 && !arguments_have(arguments, OPTION_NOSAVE)) {
                r = discard(root, &override);
                if (r >= 0)
                        r = disable(root, &override);
                if (r >= 0 && arguments_have(arguments, OPTION_NOW))
                        r = driver_reload(root);
        }
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const char *bus =
                arguments_have(arguments, OPTION_BUS) ? arguments->values[OPTION_BUS] : OVERRIDE_BUS_DEFAULT;
        int r;

        if (strcmp(arguments->operand, "list") == 0) {
                if (arguments->more[0])
                        return report_error(-EINVAL, "unexpected argument \"%s\"", arguments->more[0]);
                return driver_list(root, bus, arguments_have(arguments, OPTION_ALL));
        }
        r = report_unless_root(root, "driver");
        if (r < 0)
                return r;
        return strcmp(arguments->operand, "set") == 0 ? set(root, arguments) : unset(root, arguments);
}

const struct command command_driver = {
        .name = "driver",
        .summary = "Choose the drivers of devices, among them parents",
        .details =
                "set names the driver of a device in /etc/driverctl.d, unset removes that file, and list\n"
                "prints the devices that have an override. Without --now, a change counts when the\n"
                "device next appears.",
        .usage = "[OPTIONS] set <DEVICE> <DRIVER> | unset <DEVICE> | list",
        .operand = "set, unset or list",
        .operations =
                (const struct operation[]){
                        {"set", OPTION_BIT(OPTION_BUS) | OPTION_BIT(OPTION_NOW) | OPTION_BIT(OPTION_NOSAVE)},
                        {"unset",
                                OPTION_BIT(OPTION_BUS) | OPTION_BIT(OPTION_NOW) | OPTION_BIT(OPTION_NOSAVE)},
                        {"list", OPTION_BIT(OPTION_BUS) | OPTION_BIT(OPTION_ALL)},
                        {NULL, 0},
                },
        .more = 2,
        .options =
                (const struct option_use[]){
                        {OPTION_BUS, "The bus: pci (default), css, platform, amba, fsl-mc or vmbus"},
                        {OPTION_NOW, "Bind or release the driver at once"},
                        {OPTION_NOSAVE, "Leave the file alone; needs --now"},
                        {OPTION_ALL, "List all devices that can have another driver"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .needs =
                (const struct option_rule[]){
                        {OPTION_NOSAVE, OPTION_BIT(OPTION_NOW)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
