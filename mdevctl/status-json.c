/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "cleanup.h"
#include "definition.h"
#include "differences.h"
#include "report.h"
#include "status.h"
#include "unit-text.h"
#include "util.h"

/* These add a member; a NULL text is null. The first error stays in *r. */

static void add(cJSON *object, const char *name, cJSON *item, int *r)
{
        const int k = json_add(object, name, item);

        if (*r >= 0)
                *r = k;
}

static void add_text(cJSON *object, const char *name, const char *text, int *r)
{
        add(object, name, json_string(text), r);
}

static void add_bool(cJSON *object, const char *name, bool value, int *r)
{
        add(object, name, cJSON_CreateBool(value), r);
}

/* A negative number is unknown. */
static void add_number(cJSON *object, const char *name, long value, int *r)
{
        char digits[3 * sizeof(value) + 2];

        /* cJSON stores doubles and prints them in exponential form from 10^15 on. */
        snprintf(digits, sizeof(digits), "%ld", value);
        add(object, name, value < 0 ? cJSON_CreateNull() : cJSON_CreateRaw(digits), r);
}

/* Adds an empty array and returns it, or NULL without memory. */
static cJSON *add_array(cJSON *object, const char *name, int *r)
{
        cJSON *array = cJSON_CreateArray();

        add(object, name, array, r);
        return *r < 0 ? NULL : array;
}

/* Appends an empty object and returns it, or NULL without memory. */
static cJSON *append_object(cJSON *array, int *r)
{
        cJSON *object = cJSON_CreateObject();

        if (*r < 0) {
                cJSON_Delete(object);
                return NULL;
        }
        *r = json_append(array, object);
        return *r < 0 ? NULL : object;
}

static void add_types(cJSON *object, const struct survey_parent *parent, int *r)
{
        cJSON *array = add_array(object, "types", r);

        for (size_t i = 0; *r >= 0 && i < parent->n_types; i++) {
                const struct survey_type *type = &parent->types[i];
                cJSON *item = append_object(array, r);

                if (*r < 0)
                        return;
                add_text(item, "id", type->id, r);
                add_text(item, "name", type->name, r);
                add_text(item, "device_api", type->device_api, r);
                add_text(item, "description", type->description, r);
                add_number(item, "available_instances", type->available, r);
        }
}

static void add_unit(cJSON *object, const struct survey *survey, const struct survey_device *device, int *r)
{
        cJSON *item = cJSON_CreateObject();
        char since[TIMESTAMP_SIZE];

        add(object, "unit", item, r);
        if (*r < 0)
                return;
        add_text(item, "name", device->unit_name, r);
        add_text(item, "active_state", unit_active_state(survey, device), r);
        add_text(item, "sub_state", unit_sub_state(survey, device), r);
        add_text(item, "result", unit_result(survey, device), r);
        add_text(item, "enablement", device->enablement, r);
        add_text(item, "since",
                device->unit ? timestamp_format(device->unit->since, TIMESTAMP_ISO8601, since) : NULL, r);
}

static void add_nodes(cJSON *object, const struct survey_device *device, int *r)
{
        cJSON *array = add_array(object, "nodes", r);

        for (size_t i = 0; *r >= 0 && i < ELEMENTSOF(device->nodes) && device->nodes[i]; i++)
                *r = json_append(array, json_string(device->nodes[i]));
}

static void add_holders(cJSON *object, const struct survey_device *device, int *r)
{
        cJSON *array;

        if (!device->holders_are_known) {
                add_text(object, "holders", NULL, r);
                return;
        }
        array = add_array(object, "holders", r);
        for (size_t i = 0; *r >= 0 && i < device->n_holders; i++) {
                cJSON *item = append_object(array, r);

                if (*r < 0)
                        return;
                add_number(item, "pid", device->holders[i].pid, r);
                add_text(item, "name", device->holders[i].name, r);
        }
}

static void add_attributes(cJSON *object, const struct definition *definition, int *r)
{
        const cJSON *position = NULL;
        const char *name, *value;
        cJSON *array;

        if (!definition->type) {
                add_text(object, "attributes", NULL, r);
                return;
        }
        array = add_array(object, "attributes", r);
        while (*r >= 0 && definition_next_attribute(definition, &position, &name, &value)) {
                cJSON *item = append_object(array, r);

                if (*r < 0)
                        return;
                add_text(item, "name", name, r);
                add_text(item, "value", value, r);
        }
}

static void add_differences(
        cJSON *object, const struct root *root, const struct survey_device *device, int *r)
{
        _cleanup_differences_ struct differences differences = {};
        cJSON *array;

        if (!differences_are_possible(device)) {
                add_text(object, "differences", NULL, r);
                return;
        }
        array = add_array(object, "differences", r);
        if (*r >= 0)
                *r = differences_find(root, device, &differences);
        for (size_t i = 0; *r >= 0 && i < differences.n; i++) {
                cJSON *item = append_object(array, r);

                if (*r < 0)
                        return;
                add_text(item, "name", differences.items[i].name, r);
                add_text(item, "defined", differences.items[i].defined, r);
                add_text(item, "running", differences.items[i].running, r);
        }
}

static void add_device(cJSON *object, const struct root *root, const struct survey *survey,
        const struct survey_device *device, int *r)
{
        const char *start = device->autostart ? "auto" : "manual";

        add_text(object, "uuid", device->uuid, r);
        add_text(object, "type", survey_device_get_type(device), r);
        add_text(object, "start", device->definition.type ? start : NULL, r);
        add_bool(object, "defined", device->is_defined, r);
        add_bool(object, "active", device->is_active, r);
        add_text(object, "file", device->file, r);
        add_unit(object, survey, device, r);
        add_number(object, "iommu_group", device->iommu_group, r);
        add_nodes(object, device, r);
        add_holders(object, device, r);
        add_attributes(object, &device->definition, r);
        add_text(object, "last_failure", device->failure, r);
        add_differences(object, root, device, r);
}

static void add_parent(cJSON *object, const struct root *root, const struct survey *survey,
        const struct survey_parent *parent, int *r)
{
        cJSON *array;

        add_text(object, "name", parent->name, r);
        add_bool(object, "registered", parent->is_registered, r);
        add_text(object, "path", parent->path, r);
        add_text(object, "driver", parent->driver, r);
        if (parent->other_driver)
                add_text(object, "configured_driver", parent->other_driver, r);
        add_types(object, parent, r);
        array = add_array(object, "devices", r);
        for (size_t i = 0; *r >= 0 && i < parent->n_devices; i++) {
                cJSON *item = append_object(array, r);

                if (*r >= 0)
                        add_device(item, root, survey, &parent->devices[i], r);
        }
}

int status_print_json(const struct root *root, const struct survey *survey, const struct vgpus *vgpus)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        _cleanup_free_ char *text = NULL;
        int r = json ? 0 : -ENOMEM;
        cJSON *parents = r < 0 ? NULL : add_array(json, "parents", &r);

        for (size_t i = 0; r >= 0 && i < survey->n_parents; i++) {
                cJSON *item = append_object(parents, &r);

                if (r >= 0)
                        add_parent(item, root, survey, &survey->parents[i], &r);
        }
        if (r >= 0 && vgpus->n > 0)
                r = json_add(json, "vgpus", status_vgpus_to_json(vgpus));
        if (r >= 0)
                text = json_print_escaped(json);
        if (!text)
                return report_error(-ENOMEM, "%m");
        puts(text);
        return 0;
}
