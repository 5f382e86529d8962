/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "definitions.h"
#include "enablement.h"
#include "report.h"
#include "stored.h"

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

/* Locks only for the removal: a script may define another device meanwhile. */
static int undefine(
        const struct root *root, struct callouts *callouts, const char *parent, const char *uuid, bool force)
{
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

        r = command_callout_begin(&operation, callouts, CALLOUT_UNDEFINE, uuid, parent, &definition, force);
        if (r < 0)
                return r;
        r = remove_file(root, parent, uuid);
        command_callout_end(&operation, r >= 0);
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_callouts_ struct callouts callouts;
        _cleanup_parent_names_ char **parents = NULL;
        const char *parent = arguments->values[OPTION_PARENT];
        bool found = false;
        int r;

        command_callouts_init(&callouts, root);
        r = report_unless_root(root, "undefine");
        if (r >= 0 && parent)
                r = check_parent(parent);
        if (r < 0)
                return r;

        r = definition_find_parents_in(root, DEFINITIONS_DIR, arguments->uuid, &parents);
        if (r < 0)
                return report_error(r, "Failed to read " DEFINITIONS_DIR ": %m");

        r = 0;
        for (char **p = parents; *p; p++) {
                int k;

                if (parent && strcmp(*p, parent) != 0)
                        continue;
                found = true;
                k = undefine(root, &callouts, *p, arguments->uuid, arguments_have(arguments, OPTION_FORCE));
                r = k < 0 ? k : r;
        }
        if (!found)
                return report_error(-ENOENT, "Mediated device %s%s%s is not defined", parent ? parent : "",
                        parent ? "/" : "", arguments->uuid);
        return r;
}

const struct command command_undefine = {
        .name = "undefine",
        .summary = "Remove the definition of a device",
        .details = "Without a parent, the definitions of the UUID under all parents are removed.\n"
                   "Devices that are active stay so.",
        .usage = "[OPTIONS] --uuid <UUID>",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_PARENT, "Only the definition under this parent"},
                        {OPTION_FORCE, FORCE_TEXT},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .all_of = OPTION_BIT(OPTION_UUID),
        .run = run,
};
