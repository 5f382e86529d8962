/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up after the start and the stop of a device's driver
 *
 * - An unfinished start or stop becomes a finished stop, so that a device that
 *   had a driver has one.
 * - If a stop arrives too late for the start to notice, systemd does not run
 *   ExecStop=. The clean-up then does its work.
 * - A device may leave and return before its unit has stopped. systemd then
 *   refuses the start that the returning device wants, so ask again.
 */

#include <errno.h>

#include "driver.h"
#include "log.h"
#include "operation.h"
#include "systemctl.h"

/* The device keeps the driver. The next start finds in the note what the device had before. */
static void leave(const struct root *root, const char *name, struct note *note)
{
        note->state = NOTE_LEFT;
        note->process = 0;
        (void) note_save(root, name, note);
}

int operation_driver_clean_up(const struct root *root, const char *name, const char *driver)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        struct override override;
        struct reason reason;
        struct note note;
        int r;

        (void) driver;
        if (note_load(root, name, &note) < 0)
                return 0;
        r = override_parse(name, &override, &reason);
        if (r < 0)
                return log_error_errno(-EINVAL, "%s: %s", name, reason.text);
        r = driver_device_open(root, &override, &device);
        if (r < 0) {
                driver_forget(root, name);
                return r == -ENODEV ? 0 : r;
        }
        if (note.device != device.inode) {
                log_info("%s: the device left and returned", name);
                driver_forget(root, name);
                if (root_is_live(root))
                        systemctl_start(name);
                return 0;
        }
        if (note.state == NOTE_CREATING || note.state == NOTE_STOPPING ||
                (note.state == NOTE_ACTIVE && !systemd_says_failure())) {
                r = driver_give_back(root, name, &device, &note);
                if (r != -EBUSY)
                        return r;
        }
        leave(root, name, &note);
        return r;
}
