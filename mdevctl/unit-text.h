/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What systemd says about a device's unit, in words. systemd does not load a unit that is inactive and that
 * nothing refers to. NULL if systemd does not run or does not answer. */

#include <stddef.h>

#include "survey.h"

#define TIMESTAMP_SIZE 64

enum timestamp_style {
        TIMESTAMP_ISO8601, /* 2026-01-31T12:00:00+01:00 */
        TIMESTAMP_LONG,    /* Sat 2026-01-31 12:00:00 CET, as systemctl has it */
};

/* Each returns a text that the caller must not free: "active", "exited", "success" … */
const char *unit_active_state(const struct survey *survey, const struct survey_device *device);
const char *unit_sub_state(const struct survey *survey, const struct survey_device *device);
const char *unit_result(const struct survey *survey, const struct survey_device *device);

/* Prints microseconds since 1970 in local time. Returns ret, or NULL for 0, which is unknown. */
const char *timestamp_format(uint64_t usec, enum timestamp_style style, char ret[static TIMESTAMP_SIZE]);
