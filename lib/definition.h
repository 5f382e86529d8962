/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Definitions
 *
 * A definition says which type of device a parent shall have under a UUID,
 * whether it starts with its parent, and which attributes are then written:
 *
 *   /etc/mdevctl.d/<parent>/<uuid>
 *   {
 *     "mdev_type": "mtty-2",
 *     "start": "auto",
 *     "attrs": [ { "name": "value" }, { "name": "value" } ]
 *   }
 *
 * The format is mdevctl's and is read as tolerantly as mdevctl reads it:
 * unknown keys are ignored, of repeated keys the last one counts, "attrs" may
 * be missing or null, and every "start" but "auto" means manual. What mdevctl
 * refuses is refused. The attributes are an ordered list in which names may
 * repeat.
 *
 * The parsed JSON is kept and everything else points into it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "env.h"
#include "json.h"
#include "reason.h"

/* The largest real definition, all 512 adapters and domains of a vfio_ap
 * matrix assigned one by one, has some 30 KiB. */
#define DEFINITION_SIZE_MAX (256 * 1024)

#define DEFINITIONS_ABOVE "/etc"
#define DEFINITIONS_NAME "mdevctl.d"
#define DEFINITIONS_DIR DEFINITIONS_ABOVE "/" DEFINITIONS_NAME
/* Definitions of devices that were started without being defined, of the same form; one lives as
 * long as its device. It hides the stored definitions of its UUID. */
#define DEFINITIONS_TRANSIENT_DIR "/run/mdevctl.d"
/* Below it are callout scripts; not a parent. */
#define DEFINITIONS_SCRIPTS "scripts.d"

struct definition {
        cJSON *json;
        const char *type;
        bool autostart;
        cJSON *attributes; /* an array of objects with one string each, or NULL */
};

/* Parses size bytes of text, which must be followed by a NUL. On success the caller
 * owns *ret and ends it with definition_done(). -EINVAL with a reason if the text is
 * no definition, -ENOMEM. */
int definition_parse(const char *text, size_t size, struct definition *ret, struct reason *reason);

/* Reads and parses the file name in the directory dirfd, following a symbolic link to
 * a regular file. As definition_parse(), and -EISDIR, -EINVAL (no regular file), -EFBIG
 * or what open(2) and read(2) say, each with a reason. */
int definition_load(int dirfd, const char *name, struct definition *ret, struct reason *reason);

/* Frees what a definition holds. */
void definition_done(struct definition *definition);

/* Goes to the attribute behind position, or to the first one if that is NULL. Name and value are
 * borrowed from the definition. False if there are no more. */
bool definition_next_attribute(const struct definition *definition, const cJSON **position,
        const char **ret_name, const char **ret_value);

size_t definition_count_attributes(const struct definition *definition);

/* What is behind the UUID, and a dot in front of it, in the name of a definition that is still being
 * written. */
#define DEFINITION_TEMPORARY ".new"

/* True if a file is a definition that is still being written, or was when a program was killed:
 * nothing to read and nothing to warn about. */
bool definition_is_temporary(const char *name);

#define _cleanup_definition_ __attribute__((cleanup(definition_done)))
