/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "definition-edit.h"
#include "definitions.h"
#include "device-operation.h"
#include "json-file.h"
#include "manager.h"
#include "parent.h"
#include "report.h"
#include "stored.h"
#include "unit-operation.h"
#include "uuid.h"

/* The device to start. */
struct plan {
        char uuid[UUID_LENGTH + 1];
        char parent[NAME_MAX + 1];
        struct definition definition;
        bool is_stored; /* the definition comes from the stored file */
};

static int plan_from_json(const struct arguments *arguments, struct plan *plan)
{
        const char *parent = arguments->values[OPTION_PARENT];

        if (!parent)
                return report_error(-EINVAL, "--jsonfile needs a parent; name it with --parent");
        strcpy(plan->parent, parent);
        return json_file_read(DEFINITION_MDEV, arguments->values[OPTION_JSONFILE], &plan->definition);
}

static int plan_from_options(const struct root *root, const struct arguments *arguments, struct plan *plan)
{
        const char *parent = arguments->values[OPTION_PARENT], *type = arguments->values[OPTION_TYPE];
        int r = 0;

        if (arguments_have(arguments, OPTION_UUID))
                r = stored_choose_parent(root, plan->uuid, parent, plan->parent);
        if (r < 0)
                return r;
        if (r > 0) {
                plan->is_stored = true;
                r = stored_load(root, plan->parent, plan->uuid, &plan->definition);
                /* A definition that was loaded has a type. */
                if (r >= 0 && type && strcmp(type, plan->definition.type) != 0) // NOLINT(clang-analyzer-*)
                        return report_error(-EINVAL,
                                "%s is defined with type %s, not %s; leave --type out or change the "
                                "definition",
                                plan->uuid, plan->definition.type, type);
                return r;
        }

        if (!parent && !type)
                return report_error(-ENOENT,
                        "Mediated device %s is not defined; name parent and type to start it all the same",
                        plan->uuid);
        if (!parent || !type)
                return report_error(-EINVAL, "No %s specified", parent ? "type" : "parent");
        r = check_type(type);
        if (r < 0)
                return r;
        strcpy(plan->parent, parent);
        r = definition_new(type, false, &plan->definition);
        return r < 0 ? report_error(r, "%m") : 0;
}

static int carry_out(const struct root *root, const struct plan *plan, bool force)
{
        _cleanup_callouts_ struct callouts callouts;
        int r = 0;

        command_callouts_init(&callouts, root);
        if (manager_is_running(root) && !force) {
                r = device_check_start(root, plan->uuid, plan->parent, plan->definition.type);
                if (r >= 0)
                        r = unit_start(
                                root, plan->uuid, plan->parent, plan->is_stored ? NULL : &plan->definition);
        }
        if (r != 0)
                return r;
        return device_start(root, &callouts, plan->uuid, plan->parent, &plan->definition, force);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT];
        struct plan plan = {};
        int r;

        r = report_unless_root(root, "start");
        if (r >= 0 && parent)
                r = check_parent(parent);
        if (r < 0)
                return r;
        strcpy(plan.uuid, arguments->uuid);
        if (!arguments_have(arguments, OPTION_UUID) && (r = uuid_generate(plan.uuid)) < 0)
                return report_error(r, "Failed to generate a UUID: %m");

        if (arguments_have(arguments, OPTION_JSONFILE))
                r = plan_from_json(arguments, &plan);
        else
                r = plan_from_options(root, arguments, &plan);
        if (r >= 0)
                r = carry_out(root, &plan, arguments_have(arguments, OPTION_FORCE));
        if (r >= 0)
                check_warn(root, plan.uuid, plan.parent);
        if (r >= 0 && !arguments_have(arguments, OPTION_UUID))
                puts(plan.uuid);
        definition_done(&plan.definition);
        return r;
}

const struct command command_start = {
        .name = "start",
        .summary = "Start a device",
        .details =
                "A device that is defined needs its UUID only, and its parent if several define it. With\n"
                "parent and type, or parent and file, a device that is not defined is started; a UUID\n"
                "is made up and printed if none is given.",
        .usage = "[OPTIONS] {--uuid <UUID> | --parent <PARENT>}",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_PARENT, "Parent of the device"},
                        {OPTION_TYPE, "Type of the device"},
                        {OPTION_JSONFILE, "Take type and attributes from a file"},
                        {OPTION_FORCE, FORCE_TEXT},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .any_of = OPTION_BIT(OPTION_UUID) | OPTION_BIT(OPTION_PARENT),
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_JSONFILE, OPTION_BIT(OPTION_TYPE)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
