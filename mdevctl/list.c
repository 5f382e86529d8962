/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "commands.h"
#include "definition-edit.h"
#include "device.h"
#include "inventory.h"
#include "operation.h"
#include "report.h"

/* A definition is called active if the device is what the definition says. */
static bool definition_is_active(const struct env *env, const struct mdev *mdev)
{
        _cleanup_device_ struct device device = DEVICE_NONE;

        return device_find(env, mdev->uuid, &device) > 0 && strcmp(device.parent, mdev->parent) == 0 &&
               strcmp(device.type, mdev->definition.type) == 0;
}

static void print_attributes(const struct definition *definition)
{
        const char *name, *value;

        if (definition_count_attributes(definition) == 0)
                return;
        puts("  Attrs:");
        for (size_t i = 0; definition_get_attribute(definition, i, &name, &value); i++)
                printf("    @{%zu}: {\"%s\":\"%s\"}\n", i, name, value);
}

static void print_text(const struct env *env, const struct inventory *inventory, bool defined, bool verbose)
{
        for (const struct mdev *mdev = inventory->mdevs; mdev < inventory->mdevs + inventory->n; mdev++) {
                const char *state = "";

                if (defined && definition_is_active(env, mdev))
                        state = " (active)";
                else if (!defined && mdev->is_defined)
                        state = " (defined)";
                printf("%s %s %s %s%s\n", mdev->uuid, mdev->parent, mdev->definition.type,
                        mdev->autostart ? "auto" : "manual", state);
                if (verbose)
                        print_attributes(&mdev->definition);
        }
}

/* Writes an array with one object that has a member per parent. */
static void write_parents(struct json_writer *writer, const struct inventory *inventory)
{
        const char *parent = NULL;

        json_writer_open(writer, '[');
        for (const struct mdev *mdev = inventory->mdevs; mdev < inventory->mdevs + inventory->n; mdev++) {
                if (!parent)
                        json_writer_open(writer, '{');
                if (!parent || strcmp(parent, mdev->parent) != 0) {
                        if (parent)
                                json_writer_close(writer, ']');
                        parent = mdev->parent;
                        json_writer_key(writer, parent);
                        json_writer_open(writer, '[');
                }
                json_writer_open(writer, '{');
                json_writer_key(writer, mdev->uuid);
                definition_print(&mdev->definition, writer);
                json_writer_close(writer, '}');
        }
        if (parent) {
                json_writer_close(writer, ']');
                json_writer_close(writer, '}');
        }
        json_writer_close(writer, ']');
}

static int print_json(const struct inventory *inventory, bool flat)
{
        _cleanup_json_writer_ struct json_writer writer = {};
        _cleanup_free_ char *text = NULL;
        size_t length;
        int r;

        if (flat)
                definition_print(&inventory->mdevs[0].definition, &writer);
        else
                write_parents(&writer, inventory);
        r = json_writer_take(&writer, &text, &length);
        if (r < 0)
                return report_error(r, "%m");
        fwrite(text, 1, length, stdout);
        return 0;
}

static int run(const struct env *env, const struct arguments *arguments)
{
        _cleanup_inventory_ struct inventory inventory = {};
        _cleanup_callouts_ struct callouts callouts;
        const bool defined = arguments_have(arguments, OPTION_DEFINED),
                   json = arguments_have(arguments, OPTION_DUMPJSON),
                   verbose = arguments_have(arguments, OPTION_VERBOSE),
                   one_uuid = arguments_have(arguments, OPTION_UUID);
        const struct inventory_filter filter = {
                .uuid = one_uuid ? arguments->uuid : NULL,
                .parent = arguments->values[OPTION_PARENT],
                .without_attributes = !json && !verbose,
        };
        int r;

        operations_init(&callouts, env);
        if (defined)
                r = inventory_add_defined(env, &filter, &inventory);
        else
                r = inventory_add_active(env, &filter, json || verbose ? &callouts : NULL, &inventory);
        if (r < 0)
                return r;
        /* What is printed is what will happen, not only what the file says. */
        for (size_t i = 0; i < inventory.n; i++)
                inventory.mdevs[i].definition.autostart = inventory.mdevs[i].autostart;

        if (json)
                return print_json(&inventory, one_uuid && inventory.n == 1);
        print_text(env, &inventory, defined, verbose);
        return 0;
}

const struct command command_list = {
        .name = "list",
        .summary = "List devices",
        .details = "Without --defined, the active devices are listed. One device selected by its UUID is\n"
                   "printed by --dumpjson as the file that defines it, everything else as an array.",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_DEFINED, "List what is defined, active or not"},
                        {OPTION_DUMPJSON, "Print JSON"},
                        {OPTION_VERBOSE, "Print attributes, too"},
                        {OPTION_UUID, "Only the device with this UUID"},
                        {OPTION_PARENT, "Only the devices of this parent"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_VERSION, "Print version"},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
};
