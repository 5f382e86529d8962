/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "device-state.h"

/* A unit belongs to all definitions of its UUID. Those under other parents are not what it started. */
static bool is_active_elsewhere(const struct survey *survey, const struct survey_device *device)
{
        for (size_t i = 0; !device->is_active && i < survey->n_devices; i++)
                if (survey->devices[i].is_active && strcmp(survey->devices[i].uuid, device->uuid) == 0)
                        return true;
        return false;
}

/* Returns the state of the unit if it says something about this device, else "". */
static const char *get_unit_state(const struct survey *survey, const struct survey_device *device)
{
        if (!device->unit || is_active_elsewhere(survey, device))
                return "";
        return device->unit->active;
}

static bool is_moving(const char *state)
{
        return strcmp(state, "activating") == 0 || strcmp(state, "deactivating") == 0 ||
               strcmp(state, "reloading") == 0;
}

enum device_state device_state_get(const struct survey *survey, const struct survey_device *device)
{
        const char *unit = get_unit_state(survey, device);

        if (strcmp(unit, "failed") == 0)
                return DEVICE_FAILED;
        if (is_moving(unit))
                return DEVICE_MOVING;
        return device->is_active ? DEVICE_ACTIVE : DEVICE_INACTIVE;
}

enum colour device_state_colour(const struct survey *survey, const struct survey_device *device)
{
        switch (device_state_get(survey, device)) {
        case DEVICE_ACTIVE:
                return COLOUR_GREEN;
        case DEVICE_FAILED:
                return COLOUR_RED;
        case DEVICE_MOVING:
                return COLOUR_YELLOW;
        case DEVICE_INACTIVE:
                break;
        }
        return COLOUR_NONE;
}

void device_state_add_symbol(
        struct line *line, const struct survey *survey, const struct survey_device *device)
{
        static const struct {
                const char *utf8, *ascii;
        } symbols[] = {
                [DEVICE_ACTIVE] = {"\u25cf", "*"},
                [DEVICE_INACTIVE] = {"\u25cb", "o"},
                [DEVICE_FAILED] = {"\u00d7", "x"},
                [DEVICE_MOVING] = {"\u21bb", "@"},
        };
        const enum device_state state = device_state_get(survey, device);

        line_add_symbol(
                line, symbols[state].utf8, symbols[state].ascii, device_state_colour(survey, device));
        line_add_symbol(line, " ", " ", COLOUR_NONE);
}

const char *device_state_text(const struct survey *survey, const struct survey_device *device)
{
        const char *unit = get_unit_state(survey, device);

        if (strcmp(unit, "failed") == 0)
                return device->is_active ? "failed, but the device is active" : "failed";
        if (is_moving(unit))
                return unit;
        if (device->is_active)
                return survey->units.is_known && strcmp(unit, "active") != 0 ? "active, but the unit is not"
                                                                             : "active";
        return strcmp(unit, "active") == 0 ? "inactive, but the unit is active" : "inactive";
}

const char *device_start_text(const struct survey_device *device)
{
        const bool is_masked = strncmp(device->enablement, "masked", strlen("masked")) == 0;

        if (!device->is_defined)
                return is_masked ? "undefined (masked)" : "undefined";
        if (device->fault)
                return is_masked ? "unreadable (masked)" : "unreadable";
        if (is_masked)
                return device->autostart ? "auto (masked)" : "manual (masked)";
        if (!device->autostart)
                return "manual";
        return device->definition.autostart ? "auto" : "auto (enabled)";
}
