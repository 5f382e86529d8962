/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing the attributes of a definition
 */

#include <stdbool.h>

#include "definition.h"
#include "log.h"

/* What takes the attributes; borrowed. */
struct attribute_target {
        const char *name; /* begins each message */
        int fd;           /* the directory that the names of attributes begin at */
        struct log_subject subject;
        const char *refusal_id; /* of message-id.h, for a refused attribute */
        /* True if the target exists still. */
        bool (*is_there)(const struct attribute_target *target);
        const void *userdata;
};

/* Writes the attributes in their order and stops at the first failure. -EREMOTEIO, and a message, if the
 * driver refuses one; -EINTR if the start is cancelled; -ENODEV if the target has disappeared. */
int attributes_write(const struct attribute_target *target, const struct definition *definition);
