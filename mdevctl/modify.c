/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "check.h"
#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "definition-edit.h"
#include "device.h"
#include "json-file.h"
#include "name.h"
#include "report.h"
#include "stored.h"

static int report_not_defined(const char *uuid, const char *parent)
{
        return report_error(-ENOENT, "Mediated device %s%s%s is not defined", parent ? parent : "",
                parent ? "/" : "", uuid);
}

/* Names the existing attributes for an index without one. */
static int report_no_attribute(const struct definition *definition, uint32_t index)
{
        const cJSON *position = NULL;
        const char *name, *value;
        char list[1024] = "";
        size_t used = 0;

        if (definition_count_attributes(definition) == 0)
                return report_error(-ERANGE, "there is no attribute %u, the definition has none", index);
        for (size_t i = 0;
                used < sizeof(list) && definition_next_attribute(definition, &position, &name, &value); i++)
                used += (size_t) snprintf(
                        list + used, sizeof(list) - used, "%s%zu: %s=%s", i > 0 ? ", " : "", i, name, value);
        return report_error(-ERANGE, "there is no attribute %u, the definition has these: %s", index, list);
}

static int edit_attributes(const struct arguments *arguments, struct definition *definition)
{
        size_t index = arguments_have(arguments, OPTION_INDEX) ? arguments->index : ATTRIBUTE_END;
        int r = 0;

        if (arguments_have(arguments, OPTION_ADDATTR))
                r = definition_insert_attribute(definition, index, arguments->values[OPTION_ADDATTR],
                        arguments->values[OPTION_VALUE]);
        else if (arguments_have(arguments, OPTION_DELATTR))
                r = definition_delete_attribute(definition, index);
        if (r == -ERANGE)
                return report_no_attribute(definition, arguments->index);
        return r < 0 ? report_error(r, "%m") : 0;
}

static int edit(const struct arguments *arguments, struct definition *definition)
{
        int r;

        if (arguments_have(arguments, OPTION_TYPE)) {
                r = definition_set_type(definition, arguments->values[OPTION_TYPE]);
                if (r < 0)
                        return report_error(r, "%m");
        }
        if (arguments_have(arguments, OPTION_AUTO) || arguments_have(arguments, OPTION_MANUAL))
                definition->autostart = arguments_have(arguments, OPTION_AUTO);
        return edit_attributes(arguments, definition);
}

/* Checks the command line before any file is read. */
static int check_arguments(const struct arguments *arguments)
{
        const char *parent = arguments->values[OPTION_PARENT], *type = arguments->values[OPTION_TYPE],
                   *name = arguments->values[OPTION_ADDATTR], *value = arguments->values[OPTION_VALUE],
                   *wrong;
        int r = 0;

        if (parent)
                r = check_parent(parent);
        if (r >= 0 && type)
                r = check_type(type);
        if (r < 0 || !name)
                return r;
        wrong = attribute_name_check(name);
        if (!wrong && !utf8_is_valid(name))
                wrong = "is not valid UTF-8";
        if (wrong)
                return report_error(-EINVAL, "the attribute's name \"%s\" %s", name, wrong);
        if (value && !utf8_is_valid(value))
                return report_error(-EINVAL, "the value of attribute %s is not valid UTF-8", name);
        return 0;
}

static int write_definition(struct callouts *callouts, const struct arguments *arguments, int *lock,
        const char *parent, const struct definition *definition)
{
        const struct change change = {
                .callouts = callouts,
                .uuid = arguments->uuid,
                .parent = parent,
                .force = arguments_have(arguments, OPTION_FORCE),
        };
        const bool disable =
                arguments_have(arguments, OPTION_MANUAL) || arguments_have(arguments, OPTION_JSONFILE);

        return change_write(&change, CALLOUT_MODIFY, definition, disable, lock);
}

static int modify_options(
        const struct root *root, struct callouts *callouts, const struct arguments *arguments)
{
        _cleanup_definition_ struct definition definition = {};
        _cleanup_close_ int lock = -1;
        char parent[NAME_MAX + 1];
        int r;

        lock = stored_lock(root, false);
        if (lock < 0 && lock != -ENOENT)
                return lock;
        r = stored_find_parent(root, arguments->uuid, arguments->values[OPTION_PARENT], parent);
        if (r == 0)
                return report_not_defined(arguments->uuid, arguments->values[OPTION_PARENT]);
        if (r >= 0)
                r = stored_load(root, parent, arguments->uuid, &definition);
        if (r >= 0)
                r = edit(arguments, &definition);
        return r < 0 ? r : write_definition(callouts, arguments, &lock, parent, &definition);
}

static int modify_json(const struct root *root, struct callouts *callouts, const struct arguments *arguments)
{
        _cleanup_definition_ struct definition definition = {};
        _cleanup_close_ int lock = -1;
        const char *parent = arguments->values[OPTION_PARENT];
        int r;

        if (!parent)
                return report_error(-EINVAL, "--jsonfile needs a parent; name it with --parent");
        r = json_file_read(DEFINITION_MDEV, arguments->values[OPTION_JSONFILE], &definition);
        if (r < 0)
                return r;
        lock = stored_lock(root, true);
        return lock < 0 ? lock : write_definition(callouts, arguments, &lock, parent, &definition);
}

/* Changes the active device, and with --defined its definition after that. */
static int modify_live(const struct root *root, struct callouts *callouts, const struct arguments *arguments)
{
        _cleanup_definition_ struct definition definition = {}, stored = {};
        _cleanup_device_ struct device device = DEVICE_NONE;
        _cleanup_close_ int lock = -1;
        const char *parent = arguments->values[OPTION_PARENT];
        int r;

        if (!arguments_have(arguments, OPTION_JSONFILE))
                return report_error(-EINVAL, "'live' option must be used with 'jsonfile' option");
        r = device_find(root, arguments->uuid, &device);
        if (r < 0)
                return report_error(r, "Failed to look up device %s: %m", arguments->uuid);
        if (r == 0 || device.type[0] == '\0' || (parent && strcmp(parent, device.parent) != 0))
                return report_error(-ENODEV, "Mediated device %s%s%s is not active", parent ? parent : "",
                        parent ? "/" : "", arguments->uuid);

        r = json_file_read(DEFINITION_MDEV, arguments->values[OPTION_JSONFILE], &definition);
        if (r < 0)
                return r;
        if (strcmp(definition.type, device.type) != 0)
                return report_error(-EINVAL, "the type of an active device cannot be changed from %s to %s",
                        device.type, definition.type);
        if (!arguments_have(arguments, OPTION_DEFINED))
                return command_callout_run_live(callouts, arguments->uuid, device.parent, &definition);

        lock = stored_lock(root, false);
        if (lock < 0 && lock != -ENOENT)
                return lock;
        if (lock < 0 || !stored_exists(root, device.parent, arguments->uuid))
                return report_not_defined(arguments->uuid, device.parent);
        r = stored_load(root, device.parent, arguments->uuid, &stored);
        if (r < 0)
                return r;
        if (strcmp(stored.type, definition.type) != 0)
                return report_error(-EINVAL,
                        "the device is defined with type %s, not %s; use modify without "
                        "--live first",
                        stored.type, definition.type);
        r = command_callout_run_live(callouts, arguments->uuid, device.parent, &definition);
        return r < 0 ? r : write_definition(callouts, arguments, &lock, device.parent, &definition);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_callouts_ struct callouts callouts;
        int r;

        command_callouts_init(&callouts, root);
        r = report_unless_root(root, "modify");
        if (r >= 0)
                r = check_arguments(arguments);
        if (r < 0)
                return r;
        if (arguments_have(arguments, OPTION_LIVE))
                r = modify_live(root, &callouts, arguments);
        else if (arguments_have(arguments, OPTION_JSONFILE))
                r = modify_json(root, &callouts, arguments);
        else
                r = modify_options(root, &callouts, arguments);
        if (r >= 0)
                check_warn(root, arguments->uuid, arguments->values[OPTION_PARENT]);
        return r;
}

const struct command command_modify = {
        .name = "modify",
        .summary = "Change the definition of a device",
        .details = "Attributes are numbered from 0; without an index, the last one is meant. The parent\n"
                   "cannot be changed, it tells definitions of one UUID apart. With a file, all that is\n"
                   "defined is replaced. A device that is active keeps what it has, unless --live says\n"
                   "otherwise.",
        .usage = "[OPTIONS] --uuid <UUID> {--type <TYPE> | --auto | --manual | --addattr <NAME> --value "
                 "<VALUE> | "
                 "--delattr | --jsonfile <FILE>}",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_PARENT, "Parent of the device"},
                        {OPTION_TYPE, "Set the type"},
                        {OPTION_ADDATTR, "Add an attribute"},
                        {OPTION_DELATTR, "Delete an attribute"},
                        {OPTION_INDEX, "Which attribute to delete, or to put the new one before"},
                        {OPTION_VALUE, "The value of the new attribute"},
                        {OPTION_AUTO, "Start the device whenever its parent appears"},
                        {OPTION_MANUAL, "Start the device by hand only"},
                        {OPTION_LIVE, "Change the active device, and only that without --defined"},
                        {OPTION_DEFINED, "Change the stored definition"},
                        {OPTION_JSONFILE, "Take type, start and attributes from a file"},
                        {OPTION_FORCE, FORCE_TEXT},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .all_of = OPTION_BIT(OPTION_UUID),
        .any_of = OPTION_BIT(OPTION_TYPE) | OPTION_BIT(OPTION_AUTO) | OPTION_BIT(OPTION_MANUAL) |
                  OPTION_BIT(OPTION_ADDATTR) | OPTION_BIT(OPTION_DELATTR) | OPTION_BIT(OPTION_JSONFILE),
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_AUTO, OPTION_BIT(OPTION_MANUAL) | OPTION_BIT(OPTION_ADDATTR) |
                                              OPTION_BIT(OPTION_DELATTR) | OPTION_BIT(OPTION_JSONFILE)},
                        {OPTION_MANUAL, OPTION_BIT(OPTION_ADDATTR) | OPTION_BIT(OPTION_DELATTR) |
                                                OPTION_BIT(OPTION_JSONFILE)},
                        {OPTION_ADDATTR, OPTION_BIT(OPTION_DELATTR) | OPTION_BIT(OPTION_JSONFILE)},
                        {OPTION_DELATTR, OPTION_BIT(OPTION_JSONFILE) | OPTION_BIT(OPTION_VALUE)},
                        {OPTION_INDEX, OPTION_BIT(OPTION_AUTO) | OPTION_BIT(OPTION_MANUAL) |
                                               OPTION_BIT(OPTION_JSONFILE) | OPTION_BIT(OPTION_LIVE)},
                        {OPTION_VALUE, OPTION_BIT(OPTION_AUTO) | OPTION_BIT(OPTION_MANUAL) |
                                               OPTION_BIT(OPTION_JSONFILE) | OPTION_BIT(OPTION_LIVE)},
                        {OPTION_TYPE, OPTION_BIT(OPTION_JSONFILE) | OPTION_BIT(OPTION_LIVE)},
                        {OPTION_COUNT, 0},
                },
        .needs =
                (const struct option_rule[]){
                        {OPTION_ADDATTR, OPTION_BIT(OPTION_VALUE)},
                        {OPTION_VALUE, OPTION_BIT(OPTION_ADDATTR)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
