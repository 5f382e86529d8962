/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The state of a device for people: the kernel says whether it is active, and its unit what systemd makes of
 * it. Both are named where they disagree. */

#include "screen.h"
#include "survey.h"

enum device_state {
        DEVICE_ACTIVE,
        DEVICE_INACTIVE,
        DEVICE_FAILED,
        DEVICE_MOVING, /* starting or stopping */
};

/* The state that the symbol shows. */
enum device_state device_state_get(const struct survey *survey, const struct survey_device *device);

/* Adds the symbol, which only terminals get, and a space. */
void device_state_add_symbol(
        struct line *line, const struct survey *survey, const struct survey_device *device);

/* Returns the state in words: "active", "failed", "inactive, but the unit is active" … */
const char *device_state_text(const struct survey *survey, const struct survey_device *device);

/* Returns the colour of these words. */
enum colour device_state_colour(const struct survey *survey, const struct survey_device *device);

/* Returns how the device starts: "auto", "manual (masked)" … */
const char *device_start_text(const struct survey_device *device);
