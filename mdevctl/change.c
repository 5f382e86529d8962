/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "change.h"
#include "cleanup.h"
#include "command-callouts.h"
#include "definitions.h"
#include "enablement.h"
#include "report.h"
#include "stored.h"

int change_write(const struct change *change, enum callout_action action,
        const struct definition *definition, bool disable, int *lock)
{
        const struct root *root = change->callouts->root;
        struct command_callout operation;
        struct reason reason;
        int r;

        r = command_callout_begin(&operation, change->callouts, action, change->uuid, change->parent,
                definition, change->force);
        if (r < 0)
                return r;
        r = stored_write(root, change->parent, change->uuid, definition);
        if (r >= 0 && disable && !definition->autostart) {
                r = unit_disable(root, change->parent, change->uuid, &reason);
                if (r < 0)
                        report_error(
                                r, "the definition is changed, but its unit stays enabled: %s", reason.text);
        }
        cleanup_close(lock);
        *lock = -1;
        command_callout_end(&operation, r >= 0);
        return r;
}

static int remove_file(const struct root *root, const char *parent, const char *uuid)
{
        _cleanup_close_ int lock = stored_lock(root, false);
        struct reason reason;
        int r;

        if (lock == -ENOENT)
                return report_error(lock, "Failed to remove " DEFINITIONS_DIR "/%s/%s: %m", parent, uuid);
        r = lock < 0 ? lock : stored_remove(root, parent, uuid);
        if (r < 0)
                return r;
        if (unit_enablement_follow(root, uuid, &reason) < 0)
                report_warning("the unit of %s stays enabled: %s", uuid, reason.text);
        return 0;
}

int change_undefine(const struct change *change)
{
        const struct root *root = change->callouts->root;
        const char *parent = change->parent, *uuid = change->uuid;
        _cleanup_definition_ struct definition definition = {};
        struct command_callout operation;
        struct reason reason;
        char path[PATH_MAX];
        int r;

        /* undefine must be able to remove an invalid file too, but without a type there is no script to
         * ask. */
        r = definition_load_of(root, DEFINITIONS_DIR, parent, uuid, path, &definition, &reason);
        if (r < 0) {
                report_warning("%s: %s; removing it without asking callout scripts", path, reason.text);
                return remove_file(root, parent, uuid);
        }

        r = command_callout_begin(
                &operation, change->callouts, CALLOUT_UNDEFINE, uuid, parent, &definition, change->force);
        if (r < 0)
                return r;
        r = remove_file(root, parent, uuid);
        command_callout_end(&operation, r >= 0);
        return r;
}
