/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "change.h"
#include "command-callouts.h"
#include "commands.h"
#include "definitions.h"
#include "report.h"
#include "stored.h"

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_callouts_ struct callouts callouts;
        _cleanup_parent_names_ char **parents = NULL;
        struct change change = {
                .callouts = &callouts,
                .uuid = arguments->uuid,
                .force = arguments_have(arguments, OPTION_FORCE),
        };
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
                change.parent = *p;
                k = change_undefine(&change);
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
