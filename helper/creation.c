/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advice.h"
#include "attributes.h"
#include "cancellation.h"
#include "cleanup.h"
#include "creation.h"
#include "device.h"
#include "log.h"
#include "message-id.h"
#include "note-failure.h"
#include "notify.h"
#include "parent.h"
#include "sandbox.h"
#include "sysfs.h"

static int report_no_parent(const struct root *root, const char *parent, const char *type, const char *uuid)
{
        const struct log_subject subject = {.uuid = uuid, .parent = parent, .type = type, .r = -ENODEV};
        char similar[NAME_MAX + 1], advice[sizeof(similar) + 32] = "is its driver loaded";

        if (parent_find_similar(root, parent, similar) >= 0)
                snprintf(advice, sizeof(advice), "did you mean %s", similar);
        return log_explained(LOG_ERR, MESSAGE_PARENT_NOT_REGISTERED, &subject,
                "%s: parent %s is not registered; %s?", uuid, parent, advice);
}

/* Opens the directory of the type. If there is none, logs which types the parent supports. Returns -ENODEV
 * if the parent is not registered. */
static int find_type(const struct root *root, const char *parent, const char *type, const char *uuid)
{
        _cleanup_close_ int parent_fd = parent_open(root, parent);
        uint64_t registration;
        char types[400];
        int fd;

        if (parent_fd < 0)
                return report_no_parent(root, parent, type, uuid);
        fd = parent_open_type(parent_fd, type);
        /* The parent may have left meanwhile, and its types with it. */
        if (fd < 0 && parent_get_registration(root, parent, &registration) < 0)
                return report_no_parent(root, parent, type, uuid);
        if (fd < 0) {
                parent_list_types(parent_fd, types, sizeof(types));
                (void) log_explained(LOG_ERR, MESSAGE_TYPE_UNKNOWN,
                        &(struct log_subject){.uuid = uuid, .parent = parent, .type = type, .r = fd},
                        "%s: parent %s does not support type %s; it supports %s", uuid, parent, type,
                        types[0] ? types : "no type at present");
        }
        return fd;
}

/* Returns true if the parent has not left since the attempt began. */
static bool parent_is_there(const struct root *root, const struct note *note)
{
        uint64_t registration;

        return parent_get_registration(root, note->parent, &registration) >= 0 &&
               registration == note->registration;
}

static void report_create_failure(const struct root *root, const char *uuid, const struct note *note,
        const struct definition *definition, int type_fd, int r)
{
        const char *const parent = note->parent;
        const struct log_subject subject = {
                .uuid = uuid, .parent = parent, .type = definition->type, .r = r};
        char available[32] = "an unknown number of";
        const char *advice;
        struct stat st;
        bool is_full;

        /* The request did not reach the driver. */
        if (r == -EROFS) {
                (void) log_explained(LOG_ERR, MESSAGE_CREATION_REFUSED, &subject,
                        "%s: Failed to ask parent %s for a device of type %s: %m; %s", uuid, parent,
                        definition->type, advice_on_refusal(r));
                return;
        }
        (void) sysfs_read(type_fd, "available_instances", available, sizeof(available));
        is_full = r == -ENOSPC || r == -EUSERS || (strcmp(available, "0") == 0 && r != -EEXIST);
        advice = advice_on_refusal(is_full ? -EUSERS : r);
        if (r == -ENODEV && (!parent_is_there(root, note) || fstatat(type_fd, "create", &st, 0) < 0))
                advice = "the parent is being unregistered";
        (void) log_explained(LOG_ERR, is_full ? MESSAGE_NO_INSTANCE_LEFT : MESSAGE_CREATION_REFUSED,
                &subject, "%s: parent %s refused to create type %s (%s instances available): %m; %s", uuid,
                parent, definition->type, available, advice);
}

struct attempt {
        const struct root *root;
        const struct device *device;
        const struct note *note;
};

static int report_loss(const struct device *device)
{
        log_error("%s: disappeared from parent %s during the start", device->uuid, device->parent);
        return -ENODEV;
}

/* A device disappears with its parent. */
static bool target_is_there(const struct attribute_target *target)
{
        const struct attempt *attempt = target->userdata;

        return device_is_there(attempt->root, attempt->device) &&
               parent_is_there(attempt->root, attempt->note);
}

static int write_attributes(const struct root *root, const struct device *device, const struct note *note,
        const struct definition *definition)
{
        const struct attempt attempt = {root, device, note};
        const struct attribute_target target = {
                .name = device->uuid,
                .fd = device->fd,
                .subject = {.uuid = device->uuid, .parent = device->parent, .type = device->type},
                .refusal_id = MESSAGE_ATTRIBUTE_REFUSED,
                .is_there = target_is_there,
                .userdata = &attempt,
        };
        const int r = attributes_write(&target, definition);

        return r == -ENODEV ? report_loss(device) : r;
}

static int note_step(const struct root *root, const char *uuid, struct note *note, enum note_state state)
{
        note->state = state;
        return note_save(root, uuid, note);
}

int creation_run(
        const struct root *root, const char *uuid, struct note *note, const struct definition *definition)
{
        const char *const parent = note->parent;
        _cleanup_device_ struct device device = DEVICE_NONE;
        _cleanup_close_ int type_fd = -1, parent_fd = -1;
        struct stat st;
        int r;

        type_fd = find_type(root, parent, definition->type, uuid);
        if (type_fd < 0)
                return type_fd == -ENODEV ? -ENODEV : -EOPNOTSUPP;
        /* Relative to the type: the names may belong to another registration by now. */
        if (fstatat(type_fd, "..", &st, 0) >= 0)
                note->registration = st.st_ino;
        parent_fd = openat(type_fd, "../..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        sandbox_enter(root, parent_fd, -1);

        r = note_step(root, uuid, note, NOTE_CREATING);
        if (r < 0)
                return r == -EINTR ? r : note_report_failure(uuid, r);
        r = cancellation_requested() ? -EINTR : device_create(type_fd, uuid);
        /* The parent left, and the type with it. */
        if (r == -ENOENT && fstatat(type_fd, "create", &st, 0) < 0)
                r = -ENODEV;
        if (r < 0) {
                /* From now on, a device of this UUID is not one that this start requested. */
                (void) note_step(root, uuid, note, NOTE_STARTING);
                if (cancellation_requested())
                        return -EINTR;
                if (r == -EEXIST && device_exists(root, uuid))
                        return r;
                report_create_failure(root, uuid, note, definition, type_fd, r);
                return r == -ENODEV ? r : -EOPNOTSUPP;
        }

        r = device_find(root, uuid, &device);
        if (r <= 0) {
                log_error_errno(
                        r, "%s: parent %s created the device, but it vanished at once", uuid, parent);
                return -ENODEV;
        }
        note->device = device.inode;
        r = note_step(root, uuid, note, NOTE_CREATING);
        if (r < 0)
                return r == -EINTR ? r : note_report_failure(uuid, r);
        sandbox_enter(root, device.fd, -1);
        r = write_attributes(root, &device, note, definition);
        if (r < 0)
                return r;
        /* From here on, the monitor watches the device. Look once more for an earlier loss. */
        r = note_step(root, uuid, note, NOTE_ACTIVE);
        if (r < 0)
                return r == -EINTR ? r : note_report_failure(uuid, r);
        if (!device_is_there(root, &device))
                return report_loss(&device);

        log_info("%s: created, type %s on parent %s, %zu attributes set", uuid, definition->type, parent,
                definition_count_attributes(definition));
        notify_status("Created: type %s on parent %s, %zu attributes", definition->type, parent,
                definition_count_attributes(definition));
        return 0;
}
