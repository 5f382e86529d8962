/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "definition-edit.h"
#include "device-xml.h"
#include "device.h"
#include "inventory.h"
#include "report.h"
#include "stored.h"
#include "terminal.h"

/* A definition counts as active if the device matches it. */
static bool definition_is_active(const struct root *root, const struct mdev *mdev)
{
        _cleanup_device_ struct device device = DEVICE_NONE;

        return device_find(root, mdev->uuid, &device) > 0 && strcmp(device.parent, mdev->parent) == 0 &&
               strcmp(device.type, mdev->definition.type) == 0;
}

static void print_attributes(const struct definition *definition)
{
        const cJSON *position = NULL;
        const char *name, *value;

        if (definition_count_attributes(definition) == 0)
                return;
        puts("  Attrs:");
        for (size_t i = 0; definition_next_attribute(definition, &position, &name, &value); i++) {
                printf("    @{%zu}: {\"", i);
                terminal_print(name);
                fputs("\":\"", stdout);
                terminal_print(value);
                puts("\"}");
        }
}

static void print_text(
        const struct root *root, const struct inventory *inventory, bool defined, bool verbose)
{
        for (const struct mdev *mdev = inventory->mdevs; mdev < inventory->mdevs + inventory->n; mdev++) {
                const char *state = "";

                if (defined && definition_is_active(root, mdev))
                        state = " (active)";
                else if (!defined && mdev->is_defined)
                        state = " (defined)";
                printf("%s %s %s %s%s\n", mdev->uuid, mdev->parent, mdev->definition.type,
                        mdev->autostart ? "auto" : "manual", state);
                if (verbose)
                        print_attributes(&mdev->definition);
        }
}

/* Adds a device to the array of its parent. */
static int add_mdev(cJSON *array, const struct mdev *mdev)
{
        cJSON *object = cJSON_CreateObject();
        int r = json_append(array, object);

        return r < 0 ? r : json_add(object, mdev->uuid, definition_to_json(&mdev->definition));
}

static int add_parents(cJSON *object, const struct inventory *inventory)
{
        const char *parent = NULL;
        cJSON *array = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < inventory->n; i++) {
                const struct mdev *mdev = &inventory->mdevs[i];

                if (!parent || strcmp(parent, mdev->parent) != 0) {
                        parent = mdev->parent;
                        array = cJSON_CreateArray();
                        r = json_add(object, parent, array);
                }
                if (r >= 0)
                        r = add_mdev(array, mdev);
        }
        return r;
}

/* Makes an array with one object that has a member per parent, or an empty one if there is no parent. */
static cJSON *inventory_to_json(const struct inventory *inventory)
{
        _cleanup_json_ cJSON *json = cJSON_CreateArray();
        cJSON *object;

        if (inventory->n > 0) {
                object = cJSON_CreateObject();
                if (json_append(json, object) < 0 || add_parents(object, inventory) < 0)
                        return NULL;
        }
        return TAKE_PTR(json);
}

static int print_json(const struct inventory *inventory, bool flat)
{
        _cleanup_json_ cJSON *json =
                flat ? definition_to_json(&inventory->mdevs[0].definition) : inventory_to_json(inventory);
        _cleanup_free_ char *text = json_print(json);

        if (!text)
                return report_error(-ENOMEM, "%m");
        fputs(text, stdout);
        return 0;
}

/* An XML document has one element. */
static int print_xml(
        const struct root *root, const struct inventory *inventory, const char *uuid, bool defined)
{
        if (inventory->n == 0)
                return report_error(-ENOENT, "Device %s is not %s", uuid,
                        defined ? "defined" : "active; add --defined for its definition");
        if (inventory->n > 1)
                return stored_report_ambiguous(
                        uuid, (char *[]){inventory->mdevs[0].parent, inventory->mdevs[1].parent});
        device_xml_print(root, inventory->mdevs);
        return 0;
}

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_inventory_ struct inventory inventory = {};
        _cleanup_enablement_ struct enablement enablement = {};
        _cleanup_callouts_ struct callouts callouts;
        const bool defined = arguments_have(arguments, OPTION_DEFINED),
                   json = arguments_have(arguments, OPTION_DUMPJSON),
                   xml = arguments_have(arguments, OPTION_DUMPXML),
                   verbose = arguments_have(arguments, OPTION_VERBOSE), attributes = json || xml || verbose,
                   one_uuid = arguments_have(arguments, OPTION_UUID);
        const struct inventory_filter filter = {
                .uuid = one_uuid ? arguments->uuid : NULL,
                .parent = arguments->values[OPTION_PARENT],
                .without_attributes = !attributes,
        };
        int r;

        command_callouts_init(&callouts, root);
        r = inventory_load_enablement(root, &enablement);
        if (r < 0)
                return r;
        if (defined)
                r = inventory_add_defined(root, &filter, &enablement, &inventory);
        else
                r = inventory_add_active(
                        root, &filter, &enablement, attributes ? &callouts : NULL, &inventory);
        if (r < 0)
                return r;
        /* Print the effective autostart: the unit may be enabled although the file says otherwise. */
        for (size_t i = 0; i < inventory.n; i++)
                inventory.mdevs[i].definition.autostart = inventory.mdevs[i].autostart;

        if (xml)
                return print_xml(root, &inventory, arguments->uuid, defined);
        if (json)
                return print_json(&inventory, one_uuid && inventory.n == 1);
        print_text(root, &inventory, defined, verbose);
        return 0;
}

const struct command command_list = {
        .name = "list",
        .summary = "List devices",
        .details = "Without --defined, the active devices are listed. One device selected by its UUID is\n"
                   "printed by --dumpjson as the file that defines it, everything else as an array.\n"
                   "--dumpxml prints one device as libvirt's node device driver shows it.",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_DEFINED, "List what is defined, active or not"},
                        {OPTION_DUMPJSON, "Print JSON"},
                        {OPTION_DUMPXML, "Print libvirt's XML of the device; needs --uuid"},
                        {OPTION_VERBOSE, "Print attributes, too"},
                        {OPTION_UUID, "Only the device with this UUID"},
                        {OPTION_PARENT, "Only the devices of this parent"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_VERSION, "Print version"},
                        {OPTION_COUNT, NULL},
                },
        .conflicts =
                (const struct option_rule[]){
                        {OPTION_DUMPXML, OPTION_BIT(OPTION_DUMPJSON)},
                        {OPTION_COUNT, 0},
                },
        .needs =
                (const struct option_rule[]){
                        {OPTION_DUMPXML, OPTION_BIT(OPTION_UUID)},
                        {OPTION_COUNT, 0},
                },
        .run = run,
};
