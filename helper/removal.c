/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callout-log.h"
#include "cleanup.h"
#include "definition-edit.h"
#include "definitions.h"
#include "holders.h"
#include "log.h"
#include "message-id.h"
#include "notify.h"
#include "removal.h"
#include "sandbox.h"

struct removal {
        const struct root *root;
        const struct device *device;
};

static int remove_in_sandbox(void *userdata)
{
        const struct removal *removal = userdata;

        sandbox_enter(removal->root, removal->device->fd, -1);
        return device_remove(removal->device);
}

int removal_run(const struct root *root, const struct device *device)
{
        struct removal removal = {.root = root, .device = device};
        int r, done;

        /* In a thread, so that this process stays outside the sandbox: callouts or another holders_find()
         * may follow. */
        r = sandbox_run(device->uuid, remove_in_sandbox, &removal, &done);
        return r < 0 ? r : done;
}

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

int removal_run_between_callouts(const struct root *root, const struct device *device)
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

        if (is_held(root, device))
                return -EBUSY;
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
        if (r < 0)
                return -EIO;
        log_info("%s: removed, type %s on parent %s", device->uuid, device->type, device->parent);
        notify_status("Removed");
        return 0;
}
