/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up
 *
 * systemd runs this after every stop and after every start that failed,
 * whatever ended it. It leaves no device half configured, and a note that says
 * what became of the device; the monitor compares that with the unit.
 *
 * - It removes a device that a start has created and not finished. It leaves
 *   alone what was adopted or is complete.
 * - A stop that comes in the last moment of a start, too late for the start to
 *   notice, has no ExecStop=; the clean-up makes up for it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "definition-file.h"
#include "device.h"
#include "holders.h"
#include "log.h"
#include "note.h"
#include "operation.h"
#include "removal.h"

/* Removes the device that an unfinished start has left. */
static int remove_unfinished(const struct env *env, const struct device *device)
{
        struct holders holders;
        int r;

        holders_find(env, device, &holders);
        if (holders.in_use) {
                log_error("%s: is half configured, but in use by %s; stop that and start mdev@%s.service "
                          "again",
                        device->uuid, holders.text, device->uuid);
                return -EBUSY;
        }
        r = removal_run(env, device);
        if (r < 0)
                return log_error_errno(r, "%s: parent %s did not remove the unfinished device: %m",
                        device->uuid, device->parent);
        log_info("%s: removed again from parent %s", device->uuid, device->parent);
        return 0;
}

/* systemd sets it for ExecStopPost=: "success" after a stop that was asked for. */
static bool unit_has_failed(void)
{
        const char *result = getenv("SERVICE_RESULT");

        return !result || strcmp(result, "success") != 0;
}

/* Keeps the parent and its registration, by which the monitor sees whether the parent has returned. */
static void note_become(const struct env *env, const char *uuid, struct note *note, enum note_state state)
{
        /* A start that failed after the device was complete, in a notifier for example: the monitor adopts
         * it. */
        note->adopting = state == NOTE_LEFT && note->state == NOTE_ACTIVE;
        note->state = state;
        note->process = 0;
        if (state == NOTE_STOPPED)
                note->device = 0;
        (void) note_save(env, uuid, note);
}

static int clean_up_absent(const struct env *env, const char *uuid, struct note *note)
{
        /* The kernel may still be at it: what it makes then is unfinished. */
        if (note->state == NOTE_CREATING && note_has_process(note))
                return EXIT_SUCCESS;
        definition_remove_transient(env, uuid);
        if (note->state != NOTE_NONE)
                note_become(env, uuid, note, NOTE_STOPPED);
        return EXIT_SUCCESS;
}

static int clean_up_unfinished(const struct env *env, const struct device *device, struct note *note)
{
        /* It cannot be removed before it is complete. The monitor looks again. */
        if (device->type[0] == '\0')
                return EXIT_SUCCESS;
        /* If this is interrupted, a device that others make later is not taken for this one. */
        note->device = device->inode;
        (void) note_save(env, device->uuid, note);
        if (remove_unfinished(env, device) < 0) {
                note_become(env, device->uuid, note, NOTE_UNFINISHED);
                return EXIT_FAILURE;
        }
        return clean_up_absent(env, device->uuid, note);
}

static int clean_up_complete(const struct env *env, const struct device *device, struct note *note)
{
        int status;

        if (unit_has_failed()) {
                note_become(env, device->uuid, note, NOTE_LEFT);
                return EXIT_SUCCESS;
        }
        status = operation_stop(env, device->uuid);
        (void) note_load(env, device->uuid, note);
        if (device_is_there(env, device)) {
                note_become(env, device->uuid, note, NOTE_LEFT);
                return status;
        }
        definition_remove_transient(env, device->uuid);
        note_become(env, device->uuid, note, NOTE_STOPPED);
        return status;
}

int operation_clean_up(const struct env *env, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct note note;
        int r;

        (void) note_load(env, uuid, &note);
        r = device_find_complete(env, uuid, &device);
        if (r < 0) {
                log_error_errno(r, "%s: cannot look up the device: %m", uuid);
                return EXIT_FAILURE;
        }
        if (r == 0)
                return clean_up_absent(env, uuid, &note);
        if (note.state == NOTE_CREATING || note.state == NOTE_UNFINISHED) {
                if (note_is_about(&note, device.inode))
                        return clean_up_unfinished(env, &device, &note);
        } else if (note.state != NOTE_NONE && note.device == device.inode) {
                return clean_up_complete(env, &device, &note);
        }

        /* The device is somebody else's. The monitor does not try again with one that the start refused. */
        if (note.state != NOTE_NONE) {
                note_become(env, uuid, &note, NOTE_STOPPED);
        } else if (unit_has_failed() && device.type[0] != '\0') {
                strcpy(note.parent, device.parent);
                note.device = device.inode;
                note_become(env, uuid, &note, NOTE_LEFT);
        }
        return EXIT_SUCCESS;
}
