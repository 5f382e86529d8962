/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdevctl vgpu: defines the vGPUs of SR-IOV functions, see lib/vgpu.h
 *
 * The commands for mediated devices know nothing of them: a vGPU has no UUID, and mdevctl's users would take
 * its definition for a mediated device. systemctl starts and stops vGPUs.
 */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "commands.h"
#include "definition-edit.h"
#include "json-file.h"
#include "report.h"
#include "stored.h"
#include "vgpu-file.h"
#include "vgpu-list.h"

static int get_function(const struct arguments *arguments, const char **ret)
{
        const char *function = arguments->more[0];

        if (!function)
                return report_error(
                        -EINVAL, "The function is missing: mdevctl vgpu %s FUNCTION", arguments->operand);
        if (!pci_function_is_canonical(function))
                return report_error(-EINVAL,
                        "\"%s\" is not the address of a PCI function, such as 0000:41:00.4", function);
        *ret = function;
        return 0;
}

static int add_attribute(const struct arguments *arguments, struct definition *definition)
{
        const char *name = arguments->values[OPTION_ADDATTR], *value = arguments->values[OPTION_VALUE];
        const char *wrong = name ? attribute_name_check(name) : NULL;

        if (!name)
                return 0;
        if (wrong)
                return report_error(-EINVAL, "the attribute's name \"%s\" %s", name, wrong);
        if (!utf8_is_valid(value) || !utf8_is_valid(name))
                return report_error(-EINVAL, "attribute \"%s\" or its value is not valid UTF-8", name);
        return definition_insert_attribute(definition, ATTRIBUTE_END, name, value);
}

static int make_definition(const struct arguments *arguments, struct definition *ret)
{
        const char *type = arguments->values[OPTION_TYPE];
        int r;

        if (arguments_have(arguments, OPTION_JSONFILE))
                return json_file_read(DEFINITION_VGPU, arguments->values[OPTION_JSONFILE], ret);
        if (!type)
                return report_error(-EINVAL, "No type specified");
        r = check_type(type);
        if (r < 0)
                return r;
        if (!utf8_is_valid(type))
                return report_error(-EINVAL, "the type's name \"%s\" is not valid UTF-8", type);
        r = definition_new_kind(DEFINITION_VGPU, type, arguments_have(arguments, OPTION_AUTO), ret);
        if (r >= 0)
                r = add_attribute(arguments, ret);
        return r == -ENOMEM ? report_error(r, "%m") : r;
}

static int define(const struct root *root, const struct arguments *arguments, const char *function)
{
        _cleanup_definition_ struct definition definition = {};
        _cleanup_close_ int lock = -1;
        int r = make_definition(arguments, &definition);

        if (r < 0)
                return r;
        lock = stored_lock(root, true);
        if (lock < 0)
                return lock;
        if (vgpu_file_exists(root, function))
                return report_error(-EEXIST,
                        "%s is defined already; edit " VGPU_DIR "/%s, or undefine it first", function,
                        function);
        r = vgpu_file_write(root, function, &definition);
        if (r >= 0)
                check_warn_of_vgpu(root, function);
        return r;
}

static int undefine(const struct root *root, const char *function)
{
        _cleanup_close_ int lock = stored_lock(root, true);

        if (lock < 0)
                return lock;
        return vgpu_file_exists(root, function) ? vgpu_file_remove(root, function)
                                                : report_error(-ENOENT, "%s is not defined", function);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        const char *operation = arguments->operand, *function = NULL;
        const bool is_define = strcmp(operation, "define") == 0, is_list = strcmp(operation, "list") == 0,
                   is_types = strcmp(operation, "types") == 0;
        const bool json = arguments_have(arguments, OPTION_JSON);
        int r = 0;

        if (is_list && arguments->more[0])
                return report_error(-EINVAL, "unexpected argument \"%s\"", arguments->more[0]);
        if (is_list)
                return vgpu_list(root, json);
        if (!is_types || arguments->more[0])
                r = get_function(arguments, &function);
        if (r < 0 || is_types)
                return r < 0 ? r : vgpu_types(root, function, json);
        r = report_unless_root(root, "vgpu");
        if (r < 0)
                return r;
        return is_define ? define(root, arguments, function) : undefine(root, function);
}

const struct command command_vgpu = {
        .name = "vgpu",
        .summary = "Define the vGPUs of SR-IOV functions",
        .details = "define stores the type of a function in /etc/vgpu.d, undefine removes it, list prints\n"
                   "these definitions, and types what functions can become now. Units start and stop\n"
                   "them: systemctl start vgpu@<FUNCTION>.service",
        .usage = "[OPTIONS] define <FUNCTION> | undefine <FUNCTION> | list | types [FUNCTION]",
        .operand = "define, undefine, list or types",
        .operations =
                (const struct operation[]){
                        {"define", OPTION_BIT(OPTION_TYPE) | OPTION_BIT(OPTION_AUTO) |
                                           OPTION_BIT(OPTION_ADDATTR) | OPTION_BIT(OPTION_VALUE) |
                                           OPTION_BIT(OPTION_JSONFILE)},
                        {"undefine", 0},
                        {"list", OPTION_BIT(OPTION_JSON)},
                        {"types", OPTION_BIT(OPTION_JSON)},
                        {NULL, 0},
                },
        .more = 1,
        .options =
                (const struct option_use[]){
                        {OPTION_TYPE, "define: the type, by name or number"},
                        {OPTION_AUTO, "define: set the type whenever the function appears"},
                        {OPTION_ADDATTR, "define: write this attribute after the type"},
                        {OPTION_VALUE, "define: the value of the attribute"},
                        {OPTION_JSONFILE, "define: take type, start and attributes from a file"},
                        {OPTION_JSON, "list, types: print JSON"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_JSONFILE, OPTION_BIT(OPTION_TYPE) | OPTION_BIT(OPTION_AUTO) |
                                                  OPTION_BIT(OPTION_ADDATTR)},
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
