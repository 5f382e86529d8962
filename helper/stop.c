/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stop
 *
 * systemd runs this when an administrator stops the unit, when the parent or
 * the device disappears, and possibly when a device unit disappears for a
 * moment. The helper cannot tell these apart, so it must never disturb a user
 * of the device. It leaves an open device alone, and also a device that somebody
 * created after the unit's own device disappeared.
 *
 * Callouts run around the removal of an existing, unused device. They get its
 * type and parent from the kernel, and its definition if there is one.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "callout-log.h"
#include "cleanup.h"
#include "definition-edit.h"
#include "definitions.h"
#include "holders.h"
#include "log.h"
#include "message-id.h"
#include "note.h"
#include "notify.h"
#include "operation.h"
#include "removal.h"

/* Returns true if the device is open, and logs who uses it. */
static bool is_held(const struct root *root, const struct device *device)
{
        struct holders holders;

        holders_find(root, device, &holders);
        if (!holders.in_use)
                return false;
        (void) log_explained(LOG_ERR, MESSAGE_DEVICE_IN_USE,
                &(struct log_subject){
                        .uuid = device->uuid, .parent = device->parent, .type = device->type, .r = -EBUSY},
                "%s: not removed from parent %s, it is in use by %s; stop that first", device->uuid,
                device->parent, holders.text);
        notify_status("Still active: in use by %s", holders.text);
        return true;
}

/* Describes a device for its scripts: by its definition, or only by its type if there is none or the
 * definition has another type and describes a future device. */
static int describe(const struct root *root, const struct device *device, struct definition *ret)
{
        struct reason reason;
        char path[PATH_MAX];

        if (definition_load_of(root, NULL, device->parent, device->uuid, path, ret, &reason) >= 0) {
                if (strcmp(ret->type, device->type) == 0)
                        return 0;
                definition_done(ret);
        }
        return definition_new(device->type, false, ret);
}

static int remove_between_callouts(const struct root *root, const struct device *device)
{
        const struct callout_handler handler = callout_log_handler(device->uuid);
        _cleanup_definition_ struct definition definition = {};
        _cleanup_callouts_ struct callouts callouts = {};
        _cleanup_free_ char *json = NULL;
        struct callout callout = {
                .callouts = &callouts,
                .action = CALLOUT_STOP,
                .uuid = device->uuid,
                .parent = device->parent,
                .type = device->type,
        };
        struct reason reason;
        int r;

        callouts_init(&callouts, root, &handler);
        /* Callouts need a type; a device that the kernel is still creating has none. */
        if (device->type[0] && callouts_exist(&callouts)) {
                if (describe(root, device, &definition) >= 0)
                        json = definition_print_line(&definition);
                if (!json) {
                        log_error("%s: no memory to run callouts", device->uuid);
                        return -ENOMEM;
                }
                callout.json = json;
                r = callout_begin(&callout, &reason);
                if (r < 0) {
                        r = callout_log_refusal(&callout, r, &reason);
                        notify_status("Still active: %s", reason.text);
                        return r;
                }
                /* Somebody may have opened the device while the scripts ran. */
                if (is_held(root, device)) {
                        callout_end(&callout, false);
                        return -EBUSY;
                }
        }

        r = removal_run(root, device);
        if (r < 0)
                log_error_errno(
                        r, "%s: parent %s did not remove the device: %m", device->uuid, device->parent);
        callout_end(&callout, r >= 0);
        return r < 0 ? -EIO : 0;
}

/* If this stop fails, the note tells the clean-up that a stop failed and not a start. */
static void note_stop(const struct root *root, const struct device *device, struct note *note)
{
        if (note->state == NOTE_NONE)
                strcpy(note->parent, device->parent);
        note->state = NOTE_STOPPING;
        note->process = (int) getpid();
        note->device = device->inode;
        note->adopting = false;
        (void) note_save(root, device->uuid, note);
}

int operation_stop(const struct root *root, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct note note;
        int r;

        r = device_find_complete(root, uuid, &device);
        if (r < 0) {
                log_error_errno(r, "%s: Failed to look up the device: %m", uuid);
                return r;
        }
        if (r == 0) {
                log_info("%s: already removed", uuid);
                return 0;
        }
        (void) note_load(root, uuid, &note);
        if (note.device != 0 && note.device != device.inode) {
                log_info("%s: already removed; leaving the new device of this UUID alone", uuid);
                return 0;
        }
        note_stop(root, &device, &note);
        if (is_held(root, &device))
                return -EBUSY;
        r = remove_between_callouts(root, &device);
        if (r < 0)
                return r;
        log_info("%s: removed, type %s on parent %s", uuid, device.type, device.parent);
        notify_status("Removed");
        return 0;
}
