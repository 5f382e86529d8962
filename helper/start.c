/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Start
 *
 * Adopt an existing device. Otherwise find the definition, ask the parent for a
 * device and write the attributes. If a step after the creation fails, the
 * stop (stop.c) removes the device: it must do so anyway for a killed
 * start, and a removal here would look like the loss of the device.
 *
 * Callouts run around a creation only. A script that refuses in "pre" ends the
 * start with -EPERM before it asks the parent. "post" and the notifiers run
 * in this process, also on failure, because scripts take locks on its behalf;
 * the stop of a failed start, another process, runs none. A start that loses a race and adopts the
 * winner's device reports "success", as the unit is then active.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "callout-log.h"
#include "cancellation.h"
#include "cleanup.h"
#include "creation.h"
#include "definition-edit.h"
#include "definitions.h"
#include "device.h"
#include "log.h"
#include "message-id.h"
#include "note-failure.h"
#include "note.h"
#include "notify.h"
#include "operation.h"
#include "parent.h"
#include "sandbox.h"

/* How long to wait for systemd to notice that a parent left, or for the parent to return, in ms. */
#define LOSS_WAIT_MS 10000

/* How long to wait for a parent that was absent from the beginning, in ms. */
#define ABSENT_WAIT_MS 2000

/* The path ends with parent and UUID. */
static int report_unreadable(int priority, const char *path, const struct reason *reason)
{
        const char *uuid = strrchr(path, '/') + 1;
        char parent[PATH_MAX];

        snprintf(parent, sizeof(parent), "%.*s", (int) (uuid - path - 1), path);
        return log_explained(priority, MESSAGE_DEFINITION_UNREADABLE,
                &(struct log_subject){.uuid = uuid, .parent = strrchr(parent, '/') + 1, .r = -EBADMSG},
                "%s: %s", path, reason->text);
}

static void warn_of_definition(const char *path, const struct reason *reason)
{
        (void) report_unreadable(LOG_WARNING, path, reason);
}

/* A stop ends the wait for the lock on notes, too. */
static int report_no_note(const struct root *root, const char *uuid, int r)
{
        return r == -EINTR && cancellation_requested() ? cancellation_report(root, uuid)
                                                       : note_report_failure(uuid, r);
}

/* Refuses a device on another parent or of another type than its definition says. */
static int check_device(const struct root *root, char **parents, const struct device *device)
{
        const struct log_subject subject = {
                .uuid = device->uuid, .parent = device->parent, .type = device->type, .r = -EEXIST};
        const char *const uuid = device->uuid;

        for (char **p = parents; *p; p++) {
                _cleanup_definition_ struct definition definition = {};
                struct reason reason;
                char path[PATH_MAX];

                if (strcmp(*p, device->parent) != 0) {
                        if (p[1])
                                continue;
                        return log_explained(LOG_ERR, MESSAGE_DEVICE_DIFFERS, &subject,
                                "%s: is active on parent %s, but %s/%s/%s defines it on parent %s", uuid,
                                device->parent, DEFINITIONS_DIR, *p, uuid, *p);
                }
                /* An unreadable definition cannot contradict the device. */
                if (definition_load_of(root, NULL, *p, uuid, path, &definition, &reason) < 0) {
                        warn_of_definition(path, &reason);
                } else if (strcmp(definition.type, device->type) != 0) {
                        return log_explained(LOG_ERR, MESSAGE_DEVICE_DIFFERS, &subject,
                                "%s: is active with type %s, but %s/%s/%s defines type %s", uuid,
                                device->type, DEFINITIONS_DIR, *p, uuid, definition.type);
                }
                break;
        }
        return 0;
}

/* An active device that matches its definition serves as well as a new one. Leave it unchanged: its
 * attributes may be in use. */
static int adopt(const struct root *root, const char *uuid, char **parents, const struct device *device)
{
        struct note note = {.state = NOTE_ACTIVE, .process = (int) getpid(), .device = device->inode};
        int r, refusal;

        if (device->type[0] == '\0') {
                log_error("%s: parent %s has been creating the device for more than a second; start again "
                          "later",
                        uuid, device->parent);
                return -EBUSY;
        }

        refusal = check_device(root, parents, device);
        if (refusal < 0) {
                /* Keeps the monitor from trying this device again. */
                note.state = NOTE_LEFT;
                note.process = 0;
        }
        strcpy(note.parent, device->parent);
        (void) parent_get_registration(root, note.parent, &note.registration);
        r = note_save(root, uuid, &note);
        if (refusal < 0)
                return refusal;
        if (r < 0)
                return report_no_note(root, uuid, r);
        /* From here on, the monitor notices a loss. */
        if (!device_is_there(root, device)) {
                log_error("%s: disappeared from parent %s during the adoption", uuid, device->parent);
                return -EAGAIN;
        }

        log_info("%s: was active already, type %s on parent %s; nothing changed", uuid, device->type,
                device->parent);
        notify_status("Adopted: type %s on parent %s", device->type, device->parent);
        return 0;
}

/* When a parent leaves, systemd normally stops this start. But if the parent returns before udev looks,
 * systemd never learns that it left, and nobody else would start the device. So wait for the stop even if
 * the parent is back at once: a late stop would remove a device created before it. A parent that was absent
 * from the beginning gets less time. Returns true if no stop arrives and the parent is back; the note then
 * has the new registration. */
static bool parent_returns(const struct root *root, const char *uuid, struct note *note)
{
        const struct timespec pause = {.tv_nsec = 50 * 1000000};
        uint64_t registration = 0;

        if (!root_is_live(root))
                return false;
        for (int waited = 0; waited < LOSS_WAIT_MS && !cancellation_requested(); waited += 50) {
                if (parent_get_registration(root, note->parent, &registration) < 0)
                        registration = 0;
                if (note->registration == 0 && registration == 0 && waited >= ABSENT_WAIT_MS)
                        return false;
                nanosleep(&pause, NULL);
        }
        if (cancellation_requested() || registration == 0 || registration == note->registration)
                return false;
        note->state = NOTE_STARTING;
        note->registration = registration;
        note->device = 0;
        return note_save(root, uuid, note) >= 0;
}

struct attempt {
        const struct root *root;
        const char *uuid;
        struct note *note;
        const struct definition *definition;
        char **parents;
};

static int attempt_run(void *userdata)
{
        const struct attempt *attempt = userdata;
        const struct root *const root = attempt->root;
        const char *const uuid = attempt->uuid;
        _cleanup_device_ struct device device = DEVICE_NONE;
        int r;

        r = creation_run(root, uuid, attempt->note, attempt->definition);
        if (r != -EEXIST)
                return r;
        if (device_find_complete(root, uuid, &device) > 0)
                return adopt(root, uuid, attempt->parents, &device);
        log_error("%s: another program created the device and removed it again; start again", uuid);
        return -EAGAIN;
}

/* Tries again as long as the parent leaves and returns. Each attempt runs in a sandbox of its own: a parent
 * may return in another place in sysfs, and the callouts that follow must run outside. */
static int create(struct attempt *attempt)
{
        int r;

        do {
                if (sandbox_run(attempt->uuid, attempt_run, attempt, &r) < 0)
                        return -ENOMEM;
        } while (r == -ENODEV && parent_returns(attempt->root, attempt->uuid, attempt->note));
        if (r == -ENODEV || r == -EINTR)
                return cancellation_requested() ? -EINTR : -ENODEV;
        return r;
}

static int create_between_callouts(const struct root *root, const char *uuid, struct note *note,
        const struct definition *definition, char **parents)
{
        struct callout_handler handler = callout_log_handler(uuid);
        _cleanup_callouts_ struct callouts callouts = {};
        _cleanup_free_ char *json = NULL;
        struct callout callout = {
                .callouts = &callouts,
                .action = CALLOUT_START,
                .uuid = uuid,
                .parent = note->parent,
                .type = definition->type,
        };
        struct attempt attempt = {root, uuid, note, definition, parents};
        struct reason reason;
        int r;

        handler.is_cancelled = cancellation_requested;
        callouts_init(&callouts, root, &handler);
        if (callouts_exist(&callouts)) {
                json = definition_print_line(definition);
                if (!json) {
                        log_error("%s: no memory to run callouts", uuid);
                        return -ENOMEM;
                }
        }
        callout.json = json;
        r = callout_begin(&callout, &reason);
        if (r == -EINTR)
                return cancellation_report(root, uuid);
        if (r < 0)
                return callout_log_refusal(&callout, r, &reason);

        r = create(&attempt);
        callout_end(&callout, r >= 0);
        if (r == -EINTR)
                return cancellation_report(root, uuid);
        if (r < 0 || !cancellation_requested())
                return r;
        log_info("%s: stopped after the device was created", uuid);
        /* For anybody else it is too late to cancel the start. */
        return cancellation_is_stop(root, uuid) ? -EINTR : 0;
}

/* Returns true if an unfinished start created the device. */
static bool is_left_over(const struct note *note, const struct device *device)
{
        return (note->state == NOTE_CREATING || note->state == NOTE_UNFINISHED) &&
               note_is_about(note, device->inode);
}

int operation_start(const struct root *root, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        _cleanup_definition_ struct definition definition = {};
        _cleanup_parent_names_ char **parents = NULL;
        struct reason reason;
        char path[PATH_MAX];
        struct note note;
        const char *parent;
        int r, n;

        cancellation_watch();
        (void) note_load(root, uuid, &note);

        n = definition_find_parents(root, uuid, &parents);
        if (n < 0) {
                log_error_errno(n, "%s: Failed to read %s or %s: %m", uuid, DEFINITIONS_DIR,
                        DEFINITIONS_TRANSIENT_DIR);
                return -EBADMSG;
        }
        r = device_find_complete(root, uuid, &device);
        if (r < 0) {
                if (cancellation_requested())
                        return cancellation_report(root, uuid);
                log_error_errno(r, "%s: Failed to look up the device: %m", uuid);
                return r;
        }
        if (r > 0 && is_left_over(&note, &device)) {
                log_error("%s: an earlier start was interrupted and left the device half configured; "
                          "start again when it has been removed",
                        uuid);
                return -EAGAIN;
        }
        if (r > 0)
                return adopt(root, uuid, parents, &device);
        if (note.adopting) {
                log_info("%s: another program created the device and removed it again", uuid);
                return cancellation_await(root, uuid);
        }

        if (n == 0)
                return log_explained(LOG_ERR, MESSAGE_NOT_DEFINED,
                        &(struct log_subject){.uuid = uuid, .r = -ENOENT},
                        "%s: not defined; there is no file %s/<parent>/%s", uuid, DEFINITIONS_DIR, uuid);
        r = definition_choose_parent(root, NULL, uuid, parents, warn_of_definition, &parent, &reason);
        if (r == -ENOTUNIQ)
                (void) log_explained(LOG_ERR, MESSAGE_DEFINITION_AMBIGUOUS,
                        &(struct log_subject){.uuid = uuid, .r = r}, "%s: %s", uuid, reason.text);
        if (r < 0)
                return r;
        if (definition_load_of(root, NULL, parent, uuid, path, &definition, &reason) < 0)
                return report_unreadable(LOG_ERR, path, &reason);

        /* Record the parent's registration before asking the parent: it shows whether the parent leaves and
         * returns meanwhile. */
        note = (struct note){.state = NOTE_STARTING, .process = (int) getpid()};
        strcpy(note.parent, parent);
        (void) parent_get_registration(root, parent, &note.registration);
        r = note_save(root, uuid, &note);
        if (r < 0)
                return report_no_note(root, uuid, r);
        return create_between_callouts(root, uuid, &note, &definition, parents);
}
