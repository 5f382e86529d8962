/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "definition-edit.h"
#include "definition-file.h"
#include "device.h"
#include "json-file.h"
#include "name.h"
#include "report.h"
#include "stored.h"
#include "uuid.h"

/* The definition to write, and its place. */
struct plan {
        char uuid[UUID_LENGTH + 1];
        const char *parent;
        struct definition definition;
        struct device device; /* the active device that the definition makes persistent, if any */
        bool is_active;
};

static int check_not_defined(const struct root *root, const struct plan *plan)
{
        if (!stored_exists(root, plan->parent, plan->uuid))
                return 0;
        return report_error(-EEXIST,
                "%s is already defined under parent %s; change it with modify or remove it with undefine",
                plan->uuid, plan->parent);
}

static int plan_from_json(const struct root *root, const struct arguments *arguments, struct plan *plan)
{
        int r;

        if (!plan->parent)
                return report_error(-EINVAL, "--jsonfile needs a parent; name it with --parent");
        r = check_parent(plan->parent);
        if (r >= 0)
                r = check_not_defined(root, plan);
        return r < 0 ? r
                     : json_file_read(
                               DEFINITION_MDEV, arguments->values[OPTION_JSONFILE], &plan->definition);
}

/* An active device supplies the parent and the type that the command line lacks. */
static int plan_from_options(const struct root *root, const struct arguments *arguments, struct plan *plan)
{
        const char *type = arguments->values[OPTION_TYPE];
        int r;

        if (arguments_have(arguments, OPTION_UUID)) {
                r = device_find(root, plan->uuid, &plan->device);
                if (r < 0 && !arguments_have(arguments, OPTION_FORCE))
                        return report_error(r, "Failed to look up device %s: %m", plan->uuid);
                if (r < 0)
                        report_warning(
                                "Failed to look up device %s: %s; going on", plan->uuid, strerror(-r));
                plan->is_active = r > 0 && plan->device.type[0] != '\0';
        }
        if (!plan->parent && plan->is_active && !type)
                plan->parent = plan->device.parent;
        if (!plan->parent)
                return report_error(-EINVAL, "No parent specified");
        if (!type && plan->is_active)
                type = plan->device.type;
        if (!type)
                return report_error(-EINVAL, "No type specified");

        r = check_parent(plan->parent);
        if (r >= 0)
                r = check_type(type);
        if (r >= 0)
                r = check_not_defined(root, plan);
        if (r < 0)
                return r;
        r = definition_new(type, arguments_have(arguments, OPTION_AUTO), &plan->definition);
        return r < 0 ? report_error(r, "%m") : 0;
}

/* A script may report names that a definition must not contain. */
static int check_attribute_names(const struct plan *plan, const struct definition *definition)
{
        const char *name, *value, *wrong;
        const cJSON *position = NULL;

        while (definition_next_attribute(definition, &position, &name, &value))
                if ((wrong = attribute_name_check(name)))
                        return report_error(-EINVAL,
                                "Failed to take over the attributes of device %s from the callout: the name "
                                "\"%s\" %s",
                                plan->uuid, name, wrong);
        return 0;
}

/* Adds the attributes of the active device, if a script reports them. */
static int plan_add_attributes(struct plan *plan, struct callouts *callouts)
{
        struct definition active = {};
        struct reason reason;
        int r;

        r = callout_get_attributes(
                callouts, plan->uuid, plan->parent, plan->definition.type, &active.json, &reason);
        active.attributes = active.json;
        if (r < 0)
                report_error(r, "Failed to get the attributes of device %s: %s", plan->uuid, reason.text);
        else if ((r = check_attribute_names(plan, &active)) >= 0 && active.json) {
                r = definition_copy_attributes(&plan->definition, &active);
                if (r < 0)
                        report_error(r, "%m");
        }
        definition_done(&active);
        return r;
}

static int write_new(const struct root *root, const struct plan *plan)
{
        /* Another process may have defined it meanwhile. */
        int r = check_not_defined(root, plan);

        return r < 0 ? r : stored_write(root, plan->parent, plan->uuid, &plan->definition);
}

static int carry_out(const struct root *root, const struct arguments *arguments, struct plan *plan)
{
        _cleanup_callouts_ struct callouts callouts;
        _cleanup_close_ int lock = -1;
        struct command_callout operation;
        int r;

        command_callouts_init(&callouts, root);
        lock = stored_lock(root, true);
        if (lock < 0)
                return lock;
        r = command_callout_begin(&operation, &callouts, CALLOUT_DEFINE, plan->uuid, plan->parent,
                &plan->definition, arguments_have(arguments, OPTION_FORCE));
        if (r < 0)
                return r;
        if (plan->is_active)
                r = plan_add_attributes(plan, &callouts);
        if (r >= 0)
                r = write_new(root, plan);
        cleanup_close(&lock);
        lock = -1;
        command_callout_end(&operation, r >= 0);
        return r;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        struct plan plan = {.parent = arguments->values[OPTION_PARENT], .device = DEVICE_NONE};
        int r;

        r = report_unless_root(root, "define");
        if (r < 0)
                return r;
        strcpy(plan.uuid, arguments->uuid);
        if (!arguments_have(arguments, OPTION_UUID) && (r = uuid_generate(plan.uuid)) < 0)
                return report_error(r, "Failed to generate a UUID: %m");

        if (arguments_have(arguments, OPTION_JSONFILE))
                r = plan_from_json(root, arguments, &plan);
        else
                r = plan_from_options(root, arguments, &plan);
        if (r >= 0)
                r = carry_out(root, arguments, &plan);
        if (r >= 0)
                check_warn(root, plan.uuid, plan.parent);
        if (r >= 0 && !arguments_have(arguments, OPTION_UUID))
                puts(plan.uuid);
        definition_done(&plan.definition);
        device_done(&plan.device);
        return r;
}

const struct command command_define = {
        .name = "define",
        .summary = "Store the definition of a device",
        .details = "If a device of that UUID is active, its parent and its type need not be given.\n"
                   "A UUID is made up and printed if none is given. A definition has no effect on\n"
                   "devices that are active.",
        .usage = "[OPTIONS] {--uuid <UUID> | --parent <PARENT>}",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_AUTO, "Start the device whenever its parent appears"},
                        {OPTION_PARENT, "Parent of the device"},
                        {OPTION_TYPE, "Type of the device"},
                        {OPTION_JSONFILE, "Take type, start and attributes from a file"},
                        {OPTION_FORCE, FORCE_TEXT},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .any_of = OPTION_BIT(OPTION_UUID) | OPTION_BIT(OPTION_PARENT),
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_JSONFILE, OPTION_BIT(OPTION_TYPE) | OPTION_BIT(OPTION_AUTO)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
