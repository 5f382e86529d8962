/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stop
 *
 * systemd runs this after every end of a unit: an administrator stops it, the parent or the
 * device disappears, a device unit disappears for a moment, or a start fails or is killed. The
 * stop is one process, in ExecStopPost=, because another one would cost as much as the removal.
 *
 * It removes the device that its unit stands for, and no other, and leaves no half-configured
 * device. Only a failed start can be told from the other causes, so the stop must never disturb a
 * user of the device. It writes the outcome to the note, which the monitor compares with the unit.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

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
static void note_end(const struct root *root, const char *uuid, struct note *note, enum note_state state)
{
        note->state = state;
        note->process = 0;
        if (state == NOTE_STOPPED)
                note->device = 0;
        (void) note_save(root, uuid, note);
}

static int stop_absent(const struct root *root, const char *uuid, struct note *note)
{
        /* The kernel may still be creating the device, and that device will be unfinished. Keep the note. */
        if (note->state == NOTE_CREATING && note_has_process(note))
                return 0;
        /* The monitor has logged a loss that it noted, and a failed start logs its own. */
        if (note->state == NOTE_ACTIVE && !systemd_says_failure())
                log_info("%s: already removed", uuid);
        definition_remove_transient(root, uuid);
        note->adopting = false;
        if (note->state != NOTE_NONE)
                note_end(root, uuid, note, NOTE_STOPPED);
        return 0;
}

static int stop_unfinished(const struct root *root, const struct device *device, struct note *note)
{
        /* The kernel cannot remove a device before it has created it completely. The monitor looks again. */
        if (device->type[0] == '\0')
                return 0;
        /* If this process is killed, the inode keeps a later device of the same UUID apart from this one. */
        note->device = device->inode;
        (void) note_save(root, device->uuid, note);
        note->adopting = false;
        if (remove_unfinished(root, device) < 0) {
                note_end(root, device->uuid, note, NOTE_UNFINISHED);
                return -EBUSY;
        }
        return stop_absent(root, device->uuid, note);
}

/* If this process is killed, the note tells the monitor that it was a stop and not a start. */
static void note_begin(const struct root *root, const struct device *device, struct note *note)
{
        if (note->state == NOTE_NONE)
                strcpy(note->parent, device->parent);
        note->state = NOTE_STOPPING;
        note->process = (int) getpid();
        note->device = device->inode;
        note->adopting = false;
        (void) note_save(root, device->uuid, note);
}

static int stop_complete(const struct root *root, const struct device *device, struct note *note)
{
        int r;

        note_begin(root, device, note);
        r = removal_run_between_callouts(root, device);
        if (device_is_there(root, device))
                note_end(root, device->uuid, note, NOTE_LEFT);
        else
                (void) stop_absent(root, device->uuid, note);
        return r;
}

/* A drop-in may add commands that fail after the start. That does not make the start fail. */
static bool has_failed(const struct note *note)
{
        return systemd_says_failure() && !(note->state == NOTE_ACTIVE && systemd_says_started());
}

/* The start failed, although the device is complete: a notifier hung, for example, or the start refused the
 * device. The monitor adopts what the start had made or adopted. */
static int leave(const struct root *root, const struct device *device, struct note *note)
{
        note->adopting = note->state == NOTE_ACTIVE;
        note_end(root, device->uuid, note, NOTE_LEFT);
        return 0;
}

/* Somebody else made the device, perhaps since the start failed or the unit lost its own. The monitor adopts
 * it. */
static int stop_other(const struct root *root, const char *uuid, struct note *note)
{
        if (note->state == NOTE_NONE)
                return 0;
        if (note->device != 0)
                log_info("%s: already removed; leaving the new device of this UUID alone", uuid);
        note->adopting = false;
        note_end(root, uuid, note, NOTE_STOPPED);
        return 0;
}

int operation_stop(const struct root *root, const char *uuid)
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
                return stop_absent(root, uuid, &note);
        if (note.state == NOTE_CREATING || note.state == NOTE_UNFINISHED)
                return note_is_about(&note, device.inode) ? stop_unfinished(root, &device, &note)
                                                          : stop_other(root, uuid, &note);
        /* If the note of an active unit is lost, the unit stands for the existing device. */
        if (note.state == NOTE_NONE ? !systemd_says_started() : note.device != device.inode)
                return stop_other(root, uuid, &note);
        return has_failed(&note) ? leave(root, &device, &note) : stop_complete(root, &device, &note);
}
