/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <time.h>

#include "unit-text.h"
#include "util.h"

/* Returns the value of a loaded unit, or the default for one that is not loaded. */
static const char *get(const struct survey *survey, const char *value, const char *unloaded)
{
        if (!survey->units.is_known)
                return NULL;
        if (!value)
                return unloaded;
        return value[0] == '\0' ? NULL : value;
}

const char *unit_active_state(const struct survey *survey, const struct survey_device *device)
{
        return get(survey, device->unit ? device->unit->active : NULL, "inactive");
}

const char *unit_sub_state(const struct survey *survey, const struct survey_device *device)
{
        return get(survey, device->unit ? device->unit->sub : NULL, "dead");
}

const char *unit_result(const struct survey *survey, const struct survey_device *device)
{
        return get(survey, device->unit ? device->unit->result : NULL, "success");
}

const char *timestamp_format(uint64_t usec, enum timestamp_style style, char ret[static TIMESTAMP_SIZE])
{
        const time_t seconds = (time_t) (usec / USEC_PER_SEC);
        struct tm local;
        size_t length;

        if (usec == 0 || !localtime_r(&seconds, &local))
                return NULL;
        if (style == TIMESTAMP_LONG)
                return strftime(ret, TIMESTAMP_SIZE, "%a %Y-%m-%d %H:%M:%S %Z", &local) > 0 ? ret : NULL;
        length = strftime(ret, TIMESTAMP_SIZE - 1, "%Y-%m-%dT%H:%M:%S%z", &local);
        if (length < 2)
                return NULL;
        /* The zone has a colon where the time has one. */
        memmove(ret + length - 1, ret + length - 2, 3);
        ret[length - 2] = ':';
        return ret;
}
