/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The driver of a device
 *
 * Load the driver, set driver_override, unbind the present driver, bind the
 * configured one, and look whether it is bound. The note holds what the device
 * had before, so that the stop, or the clean-up of a killed or failed start
 * (driver-clean-up.c), can give it back: a device that had a driver must not
 * be left without one.
 *
 * Unbinding waits in the kernel, even for SIGKILL, while a process has the
 * device or one of its mediated devices open. So look first.
 */

#include <errno.h>
#include <string.h>

#include "binding.h"
#include "cancellation.h"
#include "claim.h"
#include "cleanup.h"
#include "driver-module.h"
#include "driver.h"
#include "log.h"
#include "message-id.h"
#include "note-failure.h"
#include "notify.h"
#include "unit-name.h"

int driver_device_open(const struct root *root, const struct override *override, struct bus_device *ret)
{
        int r = bus_device_open(root, override, ret);

        if (r == -EOPNOTSUPP)
                log_error("%s: the device has no driver_override; the kernel may be too old for bus %s",
                        override->name, override->bus);
        else if (r < 0 && r != -ENODEV)
                log_error_errno(r, "%s: Failed to open /sys/bus/%s/devices/%s: %m", override->name,
                        override->bus, override->device);
        return r;
}

static int refuse_if_open(
        const struct root *root, const char *name, const struct bus_device *device, const char *driver)
{
        char unit[UNIT_NAME_SIZE] = "";
        struct holders holders;

        bus_device_find_holders(root, device, &holders);
        if (!holders.in_use)
                return 0;
        (void) unit_name_of_driver(unit, name);
        return log_explained(LOG_ERR, MESSAGE_DRIVER_IN_USE,
                &(struct log_subject){.parent = device->name, .driver = driver, .unit = unit, .r = -EBUSY},
                "%s: not taken from driver %s: the device or a mediated device on it is in use by %s", name,
                driver, holders.text);
}

int driver_give_back(
        const struct root *root, const char *name, const struct bus_device *device, struct note *note)
{
        char now[NAME_MAX + 1];
        int r = bus_device_get_driver(device, now);

        if (r >= 0 && now[0] != '\0' && strcmp(now, note->driver) == 0)
                r = refuse_if_open(root, name, device, now);
        if (r < 0)
                return r;
        note->state = NOTE_STOPPING;
        note->process = (int) getpid();
        r = note_save(root, name, note);
        if (r < 0)
                return note_report_failure(name, r);
        r = binding_give_back(root, name, device, note);
        claim_forget(root, name);
        return r;
}

/* A driver from the command line needs no file. */
static int load_override(const struct root *root, const char *name, const char *driver, struct override *ret)
{
        _cleanup_close_ int fd = driver ? -1 : overrides_open(root);
        struct reason reason;
        int r;

        if (driver) {
                const char *problem = driver_name_check(driver);

                r = override_parse(name, ret, &reason);
                if (r < 0 || problem)
                        return log_error_errno(-EINVAL, "%s: %s%s", r < 0 ? name : driver,
                                r < 0 ? "" : "the name of the driver ", r < 0 ? reason.text : problem);
                strcpy(ret->driver, driver);
                return 0;
        }
        r = fd < 0 ? fd : override_load(fd, name, ret, &reason);
        if (r >= 0)
                return 0;
        if (r == -ENOENT) {
                log_error("%s: no driver is configured; there is no file " OVERRIDES_DIR "/%s", name, name);
                return r;
        }
        if (fd < 0)
                log_error_errno(r, "%s: Failed to read " OVERRIDES_DIR ": %m", name);
        else
                log_error(OVERRIDES_DIR "/%s: %s", name, reason.text);
        return -EBADMSG;
}

/* Notes what the device has, unless an earlier start of this appearance of the device has noted it. */
static void note_before(struct note *note, const struct override *override, const struct bus_device *device,
        const char *driver, const char *driver_override)
{
        if (note->state == NOTE_NONE || note->device != device->inode) {
                *note = (struct note){.device = device->inode};
                if (strcmp(driver, override->driver) != 0)
                        strcpy(note->previous_driver, driver);
                if (strcmp(driver_override, override->driver) != 0)
                        strcpy(note->previous_override, driver_override);
        }
        note->process = (int) getpid();
        strcpy(note->parent, override->device);
        strcpy(note->driver, override->driver);
}

int driver_start(const struct root *root, const char *name, const char *driver)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char now[NAME_MAX + 1], driver_override[NAME_MAX + 1];
        struct override override;
        struct note note;
        bool is_bound;
        int r;

        cancellation_watch();
        r = load_override(root, name, driver, &override);
        if (r < 0)
                return r;
        r = driver_device_open(root, &override, &device);
        if (r == -ENODEV)
                log_error("%s: there is no device %s on bus %s", name, override.device, override.bus);
        if (r >= 0)
                r = bus_device_get_driver(&device, now);
        if (r >= 0)
                r = bus_device_get_override(&device, driver_override);
        if (r < 0)
                return r;

        is_bound = override_is_bound(&override, now);
        if (!is_bound && now[0] != '\0')
                r = refuse_if_open(root, name, &device, now);
        if (r >= 0 && !is_bound && strcmp(override.driver, DRIVER_NONE) != 0)
                r = driver_module_load(root, name, &device, override.driver);
        if (r >= 0) {
                (void) note_load(root, name, &note);
                note_before(&note, &override, &device, now, driver_override);
                r = binding_apply(root, name, &device, &note);
        }
        if (r == -EINTR)
                return cancellation_report(root, name);
        if (r < 0)
                return r;
        log_info(is_bound ? "%s: had driver %s already" : "%s: bound to driver %s", name, override.driver);
        notify_status("Bound to driver %s", override.driver);
        return 0;
}

int driver_stop(const struct root *root, const char *name, const char *driver)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        struct override override;
        struct reason reason;
        struct note note;
        int r;

        r = override_parse(name, &override, &reason);
        if (r < 0)
                return log_error_errno(-EINVAL, "%s: %s", name, reason.text);
        r = driver_device_open(root, &override, &device);
        if (r == -ENODEV) {
                log_info("%s: the device is gone already", name);
                return 0;
        }
        if (r < 0)
                return r;
        if (note_load(root, name, &note) < 0 || note.device != device.inode) {
                if (driver && !driver_name_check(driver)) {
                        note = (struct note){.device = device.inode};
                        strcpy(note.driver, driver);
                        return driver_give_back(root, name, &device, &note);
                }
                log_info("%s: leaving the device alone, which got its driver from somebody else", name);
                return 0;
        }
        return driver_give_back(root, name, &device, &note);
}
