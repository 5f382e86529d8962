/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of active devices against definitions and units */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "cleanup.h"
#include "device.h"
#include "differences.h"
#include "text.h"
#include "util.h"

/* How long a unit may take to follow its device, in milliseconds. */
#define FOLLOW_MS 1000

/* True if an earlier attribute has the same name. */
static bool is_repeated(const struct definition *definition, const cJSON *attribute, const char *name)
{
        const char *other, *value;
        const cJSON *position = NULL;

        while (definition_next_attribute(definition, &position, &other, &value) && position != attribute)
                if (strcmp(other, name) == 0)
                        return true;
        return false;
}

static void check_attribute(struct check *check, const struct survey_device *survey_device,
        const struct device *device, const char *name)
{
        struct finding *finding;
        mode_t mode;
        int r = device_get_attribute_mode(device, name, &mode);

        if (r < 0 ? r != -ENOENT && r != -ENOTDIR && r != -EXDEV
                  : S_ISREG(mode) && mode & (S_IWUSR | S_IWGRP | S_IWOTH))
                return;
        finding = check_add(check, FINDING_ATTRIBUTE_UNKNOWN, survey_device);
        if (r >= 0 && S_ISREG(mode))
                finding_say(finding, "attribute %s of the device is not writable", name);
        else
                finding_say(finding, "the device has no attribute \"%s\"", name);
        finding_advise(finding,
                "remove it from the definition with \"mdevctl modify -u %s -p %s --delattr --index "
                "NUMBER\", or the next start fails; \"mdevctl list -dv -u %s\" prints the numbers",
                survey_device->uuid, survey_device->parent, survey_device->uuid);
}

static void check_attributes(struct check *check, const struct survey_device *survey_device)
{
        const struct definition *definition = &survey_device->definition;
        _cleanup_device_ struct device device = DEVICE_NONE;
        const cJSON *position = NULL;
        const char *name, *value;

        /* A later device of the UUID is not the one that the survey has seen. */
        if (!definition->attributes || device_find(check->root, survey_device->uuid, &device) <= 0 ||
                device.inode != survey_device->inode)
                return;
        while (definition_next_attribute(definition, &position, &name, &value))
                if (!is_repeated(definition, position, name))
                        check_attribute(check, survey_device, &device, name);
}

void check_attribute_unknown(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_devices; i++)
                if (check_is_as_defined(&check->survey->devices[i]))
                        check_attributes(check, &check->survey->devices[i]);
}

static void check_values(struct check *check, const struct survey_device *device)
{
        _cleanup_differences_ struct differences differences = {};

        if (differences_find(check->root, device, &differences) < 0)
                check->findings.is_incomplete = true;
        for (size_t i = 0; i < differences.n; i++) {
                struct finding *finding = check_add(check, FINDING_VALUE_DIFFERS, device);

                finding_say(finding, "attribute %s of the device is \"%s\", not \"%s\"",
                        differences.items[i].name, differences.items[i].running,
                        differences.items[i].defined);
                finding_advise(finding,
                        "stop and start the device to apply the definition, or change the definition");
        }
}

void check_value_differs(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_devices; i++)
                if (check_is_as_defined(&check->survey->devices[i]))
                        check_values(check, &check->survey->devices[i]);
}

/* Every definition of a UUID describes another device than the active one. */
static void check_definitions(struct check *check, const struct survey_device *const *devices, size_t n)
{
        const struct survey_device *active = NULL;

        for (size_t i = 0; i < n; i++) {
                if (check_is_as_defined(devices[i]) || devices[i]->fault)
                        return; /* an unreadable definition may describe it */
                if (devices[i]->is_active)
                        active = devices[i];
        }
        for (size_t i = 0; active && i < n; i++)
                if (devices[i]->definition.type) {
                        struct finding *finding = check_add(check, FINDING_UNIT_DIFFERS, devices[i]);

                        finding_say(finding,
                                "the definition has type %s on parent %s, but the active device has type %s "
                                "on parent %s",
                                devices[i]->definition.type, devices[i]->parent, active->running_type,
                                active->parent);
                        finding_advise(finding,
                                "stop and start the device to apply the definition, or change the "
                                "definition");
                }
}

/* What is wrong between a device and its unit. */
enum mismatch {
        MISMATCH_NONE,
        MISMATCH_NO_UNIT,
        MISMATCH_NO_DEVICE,
};

static enum mismatch find_mismatch(
        const struct check *check, const struct unit_list *units, const char *uuid)
{
        const struct unit_facts *unit = unit_list_find(units, uuid);
        const char *state = unit ? unit->active : "inactive";
        _cleanup_device_ struct device device = DEVICE_NONE;
        const int r = device_find(check->root, uuid, &device);

        if (r < 0)
                return MISMATCH_NONE;
        if (strcmp(state, "active") == 0)
                return r == 0 ? MISMATCH_NO_DEVICE : MISMATCH_NONE;
        if (strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0)
                return r > 0 && device.type[0] != '\0' ? MISMATCH_NO_UNIT : MISMATCH_NONE;
        return MISMATCH_NONE; /* it is starting or stopping */
}

static void add_mismatch(struct check *check, enum mismatch mismatch, const char *uuid)
{
        const struct survey_device *const *devices, *about = NULL;
        const size_t n = check_find(check, uuid, &devices);
        struct finding *finding;

        /* Where it is active, or else where it is defined, if that is one place. */
        for (size_t i = 0; i < n; i++)
                if (devices[i]->is_active || n == 1)
                        about = devices[i];
        if (about)
                finding = check_add(check, FINDING_UNIT_DIFFERS, about);
        else
                finding = findings_add(&check->findings, FINDING_UNIT_DIFFERS, NULL, uuid, NULL);
        finding_about(finding, "mdev@%s.service", uuid);
        if (mismatch == MISMATCH_NO_UNIT) {
                finding_say(finding, "the device is active, but mdev@%s.service is not", uuid);
                finding_advise(finding,
                        "run \"systemctl start mdev@%s.service\" to adopt the device, and check "
                        "mdev-monitor.service",
                        uuid);
        } else {
                finding_say(finding, "mdev@%s.service is active, but the device does not exist", uuid);
                finding_advise(finding,
                        "run \"systemctl restart mdev@%s.service\", and check mdev-monitor.service", uuid);
        }
}

static bool any_mismatch(const struct check *check, const struct unit_list *units)
{
        for (size_t i = 0; i < check->survey->n_devices; i++)
                if (check->survey->devices[i].is_active &&
                        find_mismatch(check, units, check->survey->devices[i].uuid))
                        return true;
        for (size_t i = 0; i < units->n; i++)
                if (find_mismatch(check, units, units->units[i].uuid))
                        return true;
        return false;
}

/* A unit follows its device a moment later. So look twice: only what lasts is wrong. */
static void check_units(struct check *check)
{
        _cleanup_unit_list_ struct unit_list units = {};
        enum mismatch mismatch;

        if (!check->survey->units.is_known || !any_mismatch(check, &check->survey->units))
                return;
        (void) sleep_msec(FOLLOW_MS);
        if (unit_list_load(NULL, 0, &units) < 0 || !units.is_known)
                return;
        for (size_t i = 0; i < check->survey->n_devices; i++) {
                const struct survey_device *device = &check->survey->devices[i];

                if (device->is_active &&
                        (mismatch = find_mismatch(check, &units, device->uuid)) == MISMATCH_NO_UNIT)
                        add_mismatch(check, mismatch, device->uuid);
        }
        for (size_t i = 0; i < units.n; i++)
                if ((mismatch = find_mismatch(check, &units, units.units[i].uuid)) == MISMATCH_NO_DEVICE)
                        add_mismatch(check, mismatch, units.units[i].uuid);
}

void check_unit_differs(struct check *check)
{
        const struct survey_device *const *devices;
        size_t n;

        for (size_t i = 0; i < check->survey->n_devices; i += n) {
                n = check_find(check, check->by_uuid[i]->uuid, &devices);
                check_definitions(check, devices, n);
        }
        check_units(check);
}

static bool is_defined(const struct check *check, const char *uuid)
{
        const struct survey_device *const *devices;
        const size_t n = check_find(check, uuid, &devices);

        for (size_t i = 0; i < n; i++)
                if (devices[i]->is_defined)
                        return true;
        return false;
}

void check_in_use_undefined(struct check *check)
{
        for (size_t i = 0; i < check->survey->n_devices; i++) {
                const struct survey_device *device = &check->survey->devices[i];
                char holders[512] = "", holder[128];
                struct finding *finding;

                for (size_t k = 0; k < device->n_holders; k++)
                        if (device->holders[k].is_use) {
                                snprintf(holder, sizeof(holder), "%s (%d)", device->holders[k].name,
                                        device->holders[k].pid);
                                text_list(holders, sizeof(holders), holder);
                        }
                if (holders[0] == '\0' || is_defined(check, device->uuid))
                        continue;
                finding = check_add(check, FINDING_IN_USE_UNDEFINED, device);
                finding_say(finding,
                        "the device is in use by %s and has no definition; after a reboot it is gone",
                        holders);
                finding_advise(finding, "define it with \"mdevctl define -u %s\"", device->uuid);
        }
}
