/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>

#include "advice.h"
#include "attributes.h"
#include "cancellation.h"
#include "sysfs.h"

static void report(
        const struct attribute_target *target, const char *which, const char *name, const char *value, int r)
{
        struct log_subject subject = target->subject;

        subject.attribute = name;
        subject.r = r;
        if (r == -ENOENT)
                (void) log_explained(LOG_ERR, target->refusal_id, &subject,
                        "%s: attribute %s: type %s on parent %s has no attribute %s", target->name, which,
                        subject.type, subject.parent, name);
        else if (r == -EXDEV)
                (void) log_explained(LOG_ERR, target->refusal_id, &subject,
                        "%s: attribute %s: %s leads out of the device's directory in sysfs", target->name,
                        which, name);
        else
                (void) log_explained(LOG_ERR, target->refusal_id, &subject,
                        "%s: attribute %s, %s, did not take the value \"%s\": %m; %s", target->name, which,
                        name, value, advice_on_value(r));
}

int attributes_write(const struct attribute_target *target, const struct definition *definition)
{
        const size_t n = definition_count_attributes(definition);
        const cJSON *position = NULL;
        const char *name, *value;
        size_t number = 0;

        while (!cancellation_requested() &&
                definition_next_attribute(definition, &position, &name, &value)) {
                int r = sysfs_write(target->fd, name, value);
                char which[64];

                number++;
                if (r < 0 && cancellation_requested())
                        break;
                if (r < 0 && !target->is_there(target))
                        return -ENODEV;
                if (r < 0) {
                        snprintf(which, sizeof(which), "%zu of %zu", number, n);
                        report(target, which, name, value, r);
                        return -EREMOTEIO;
                }
                log_debug("%s: wrote \"%s\" to %s", target->name, value, name);
        }
        return cancellation_requested() ? -EINTR : 0;
}
