/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "cancellation.h"
#include "log.h"
#include "message-id.h"
#include "note-failure.h"
#include "sandbox.h"
#include "unit-name.h"

struct change {
        const struct root *root;
        const char *name;
        const struct bus_device *device;
        struct note *note;             /* to apply */
        const struct note *given_back; /* to give back */
};

static void report(const char *id, const char *name, const struct bus_device *device, const char *driver,
        int r, const char *text)
{
        char unit[UNIT_NAME_SIZE] = "";

        (void) unit_name_of_driver(unit, name);
        (void) log_explained(LOG_ERR, id,
                &(struct log_subject){.parent = device->name, .driver = driver, .unit = unit, .r = r},
                "%s: %s", name, text);
}

static int write_failed(const struct change *change, const char *file, const char *value, int r)
{
        if (r == -EINTR && cancellation_requested())
                return r;
        log_error_errno(r, "%s: Failed to write \"%s\" to %s: %m", change->name, value, file);
        return r == -ENOENT || r == -ENODEV ? -ENODEV : -EOPNOTSUPP;
}

static const char *refusal_advice(int r)
{
        switch (r) {
        case -ENODEV:
                return "it does not support this device";
        case -EAGAIN:
                return "it waits for another device; start again later";
        default:
                return "see the kernel log for its reason";
        }
}

/* A driver may refuse to be bound by name; then the kernel chooses, and driver_override leaves it no choice.
 */
static int bind(const struct bus_device *device, const char *driver)
{
        int r = bus_device_bind(device, driver);

        return r == -ENOENT ? bus_device_probe(device) : r;
}

static int check_result(const struct change *change, int r)
{
        const char *wanted = change->note->driver;
        char now[NAME_MAX + 1], text[2 * NAME_MAX + 128];
        int k = bus_device_get_driver(change->device, now);

        if (k < 0)
                return log_error_errno(k, "%s: Failed to see which driver is bound: %m", change->name);
        if (strcmp(now, strcmp(wanted, DRIVER_NONE) == 0 ? "" : wanted) == 0)
                return 0;
        if (r == -EINTR && cancellation_requested())
                return r;
        if (r >= 0)
                r = -ENODEV;
        (void) snprintf(text, sizeof(text), "driver %s did not bind: %s; %s", wanted, strerror(-r),
                refusal_advice(r));
        report(MESSAGE_DRIVER_REFUSED, change->name, change->device, wanted, r, text);
        return -EOPNOTSUPP;
}

static int note_step(const struct change *change, enum note_state state)
{
        int r;

        change->note->state = state;
        r = note_save(change->root, change->name, change->note);
        return r >= 0 || r == -EINTR ? r : note_report_failure(change->name, r);
}

/* The override comes first: from then on, no other driver can take the device. */
static int apply(void *userdata)
{
        const struct change *change = userdata;
        const struct bus_device *device = change->device;
        const char *wanted = change->note->driver;
        char now[NAME_MAX + 1];
        bool is_bound;
        int r;

        sandbox_enter(change->root, device->fd, device->bus_fd);
        r = bus_device_get_driver(device, now);
        if (r < 0)
                return log_error_errno(r, "%s: Failed to see which driver is bound: %m", change->name);
        is_bound = strcmp(now, wanted) == 0;
        /* If the driver is bound already, an interrupted start must not take the device from it. */
        r = note_step(change, is_bound ? NOTE_ACTIVE : NOTE_CREATING);
        if (r < 0)
                return r;
        r = cancellation_requested() ? -EINTR : bus_device_set_override(device, wanted);
        if (r < 0)
                return write_failed(change, "driver_override", wanted, r);
        if (!is_bound && now[0] != '\0')
                r = cancellation_requested() ? -EINTR : bus_device_unbind(device, now);
        if (r < 0)
                return write_failed(change, "unbind of its driver", device->name, r);
        if (!is_bound && strcmp(wanted, DRIVER_NONE) != 0)
                r = cancellation_requested() ? -EINTR : bind(device, wanted);
        r = check_result(change, r);
        return r < 0 ? r : note_step(change, NOTE_ACTIVE);
}

int binding_apply(
        const struct root *root, const char *name, const struct bus_device *device, struct note *note)
{
        struct change change = {.root = root, .name = name, .device = device, .note = note};
        int r;

        return sandbox_run(name, apply, &change, &r) < 0 ? -ENOMEM : r;
}

static int give_back(void *userdata)
{
        const struct change *change = userdata;
        const struct bus_device *device = change->device;
        const struct note *note = change->given_back;
        char override[NAME_MAX + 1], now[NAME_MAX + 1];
        int r;

        sandbox_enter(change->root, device->fd, device->bus_fd);
        r = bus_device_get_override(device, override);
        if (r >= 0 && strcmp(override, note->driver) == 0)
                r = bus_device_set_override(device, note->previous_override);
        if (r < 0)
                (void) write_failed(change, "driver_override", note->previous_override, r);

        r = bus_device_get_driver(device, now);
        if (r >= 0 && now[0] != '\0' && strcmp(now, note->driver) == 0 &&
                strcmp(now, note->previous_override) != 0) {
                r = bus_device_unbind(device, now);
                if (r < 0)
                        return write_failed(change, "unbind of its driver", device->name, r);
                r = bus_device_get_driver(device, now);
        }
        if (r >= 0 && now[0] == '\0' && note->previous_driver[0] != '\0') {
                (void) bus_device_bind(device, note->previous_driver);
                r = bus_device_get_driver(device, now);
        }
        if (r >= 0 && now[0] == '\0') {
                (void) bus_device_probe(device);
                r = bus_device_get_driver(device, now);
        }
        if (r < 0)
                return log_error_errno(r, "%s: Failed to see which driver is bound: %m", change->name);
        if (now[0] == '\0' && note->previous_driver[0] != '\0') {
                char text[NAME_MAX + 128];

                (void) snprintf(text, sizeof(text),
                        "driver %s, which the device had before, did not bind again", note->previous_driver);
                report(MESSAGE_DRIVER_LOST, change->name, device, note->previous_driver, -EIO, text);
                return -EIO;
        }
        log_info("%s: released by driver %s; %s%s", change->name, note->driver,
                now[0] ? "bound to driver " : "no driver is bound", now);
        return 0;
}

int binding_give_back(
        const struct root *root, const char *name, const struct bus_device *device, const struct note *note)
{
        struct change change = {.root = root, .name = name, .device = device, .given_back = note};
        int r;

        return sandbox_run(name, give_back, &change, &r) < 0 ? -ENOMEM : r;
}
