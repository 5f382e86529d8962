/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up
 *
 * systemd runs this after every stop and after every failed start, whatever
 * ended it. It leaves no half-configured device. It writes the outcome to the
 * note, which the monitor compares with the unit.
 *
 * - It removes a device that a start created but did not finish. It leaves
 *   adopted and complete devices alone.
 * - If a stop arrives too late for the start to notice, systemd does not run
 *   ExecStop=. The clean-up then does the work of ExecStop=.
 */

#include <errno.h>
#include <string.h>

#include "definition-file.h"
#include "device.h"
#include "holders.h"
#include "log.h"
#include "message-id.h"
#include "note.h"
#include "operation.h"
#include "removal.h"
#include "systemctl.h"

/* Removes the device of an unfinished start, unless it is in use. */
static int remove_unfinished(const struct root *root, const struct device *device)
{
        struct log_subject subject = {
                .uuid = device->uuid, .parent = device->parent, .type = device->type, .r = -EBUSY};
        struct holders holders;
        int r;

        holders_find(root, device, &holders);
        if (holders.in_use)
                return log_explained(LOG_ERR, MESSAGE_DEVICE_IN_USE, &subject,
                        "%s: is half configured, but in use by %s; stop that and start mdev@%s.service "
                        "again",
                        device->uuid, holders.text, device->uuid);
        r = removal_run(root, device);
        if (r < 0)
                return log_error_errno(r, "%s: parent %s did not remove the unfinished device: %m",
                        device->uuid, device->parent);
        subject.r = 0;
        return log_explained(LOG_INFO, MESSAGE_HALF_CONFIGURED_REMOVED, &subject,
                "%s: removed again from parent %s", device->uuid, device->parent);
}

/* Keeps the parent and its registration in the note: the monitor uses them to see whether the parent has
 * returned. */
static void note_become(const struct root *root, const char *uuid, struct note *note, enum note_state state)
{
        /* The start failed after it completed the device, for example in a notifier. The monitor adopts the
         * device. */
        note->adopting = state == NOTE_LEFT && note->state == NOTE_ACTIVE;
        note->state = state;
        note->process = 0;
        if (state == NOTE_STOPPED)
                note->device = 0;
        (void) note_save(root, uuid, note);
}

static int clean_up_absent(const struct root *root, const char *uuid, struct note *note)
{
        /* The kernel may still be creating the device, and that device will be unfinished. Keep the note. */
        if (note->state == NOTE_CREATING && note_has_process(note))
                return 0;
        definition_remove_transient(root, uuid);
        if (note->state != NOTE_NONE)
                note_become(root, uuid, note, NOTE_STOPPED);
        return 0;
}

static int clean_up_unfinished(const struct root *root, const struct device *device, struct note *note)
{
        /* The kernel cannot remove a device before it has created it completely. The monitor looks again. */
        if (device->type[0] == '\0')
                return 0;
        /* If the clean-up is interrupted, the inode keeps a later device of the same UUID apart from this
         * one. */
        note->device = device->inode;
        (void) note_save(root, device->uuid, note);
        if (remove_unfinished(root, device) < 0) {
                note_become(root, device->uuid, note, NOTE_UNFINISHED);
                return -EBUSY;
        }
        return clean_up_absent(root, device->uuid, note);
}

static int clean_up_complete(const struct root *root, const struct device *device, struct note *note)
{
        int r;

        if (systemd_says_failure()) {
                note_become(root, device->uuid, note, NOTE_LEFT);
                return 0;
        }
        r = operation_stop(root, device->uuid);
        (void) note_load(root, device->uuid, note);
        if (device_is_there(root, device)) {
                note_become(root, device->uuid, note, NOTE_LEFT);
                return r;
        }
        definition_remove_transient(root, device->uuid);
        note_become(root, device->uuid, note, NOTE_STOPPED);
        return r;
}

int operation_clean_up(const struct root *root, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct note note;
        int r;

        (void) note_load(root, uuid, &note);
        r = device_find_complete(root, uuid, &device);
        if (r < 0) {
                log_error_errno(r, "%s: Failed to look up the device: %m", uuid);
                return r;
        }
        if (r == 0)
                return clean_up_absent(root, uuid, &note);
        if (note.state == NOTE_CREATING || note.state == NOTE_UNFINISHED) {
                if (note_is_about(&note, device.inode))
                        return clean_up_unfinished(root, &device, &note);
        } else if (note.state != NOTE_NONE && note.device == device.inode) {
                return clean_up_complete(root, &device, &note);
        }

        /* Somebody else made the device, perhaps since the start failed. The monitor adopts it. */
        if (note.state != NOTE_NONE)
                note_become(root, uuid, &note, NOTE_STOPPED);
        return 0;
}
