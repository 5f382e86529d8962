/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Definitions
 *
 * A definition describes one device: its parent, UUID and type, whether it
 * starts with its parent, and the attributes to write after its creation.
 *
 * The format is mdevctl's. This parser is as tolerant as mdevctl's: it ignores
 * unknown keys, the last of repeated keys counts, "attrs" may be missing or
 * null, and any "start" but "auto" means manual. It refuses what mdevctl
 * refuses.
 */

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "reason.h"
#include "root.h"

/* The largest real definition, all 512 adapters and domains of a vfio_ap
 * matrix assigned one by one, has some 30 KiB. */
#define DEFINITION_SIZE_MAX (256 * 1024)

#define DEFINITIONS_BASE_DIR "/etc"
#define DEFINITIONS_NAME "mdevctl.d"
#define DEFINITIONS_DIR DEFINITIONS_BASE_DIR "/" DEFINITIONS_NAME
/* Definitions of devices that were started without a stored definition, in the same format. Such a
 * definition lives as long as its device and hides the stored definitions of its UUID. */
#define DEFINITIONS_TRANSIENT_DIR "/run/mdevctl.d"
/* Not a parent: this directory holds callout scripts. */
#define DEFINITIONS_SCRIPTS "scripts.d"

/* What a definition describes. A vGPU's has "vgpu_type" for "mdev_type", and its type may also be a number;
 * see vgpu.h. */
enum definition_kind { DEFINITION_MDEV, DEFINITION_VGPU, _DEFINITION_KINDS };

/*
 *   /etc/mdevctl.d/<parent>/<uuid>
 *   {
 *     "mdev_type": "mtty-2",
 *     "start": "auto",
 *     "attrs": [ { "name": "value" }, { "name": "value" } ]
 *   }
 *
 * The attributes are an ordered list; names may repeat. The other members point into the parsed JSON.
 */
struct definition {
        enum definition_kind kind;
        cJSON *json;
        const char *type;
        bool autostart;
        cJSON *attributes; /* an array of objects with one string each, or NULL */
};

/* Parses size bytes of text; a NUL must follow them. On success the caller owns *ret and frees it with
 * definition_done(). -EINVAL with a reason if the text is no definition, -ENOMEM. */
int definition_parse(const char *text, size_t size, struct definition *ret, struct reason *reason);

/* The same for a definition of any kind. */
int definition_parse_kind(enum definition_kind kind, const char *text, size_t size, struct definition *ret,
        struct reason *reason);

/* Makes a definition of parsed JSON, which it owns from then on. On failure the caller still owns the JSON.
 * -EINVAL with a reason. */
int definition_from_json(cJSON *json, struct definition *ret, struct reason *reason);

/* The same for a definition of any kind. Makes a string of a number for the type. */
int definition_from_json_kind(
        enum definition_kind kind, cJSON *json, struct definition *ret, struct reason *reason);

/* Reads and parses the file name in the directory dirfd; follows a symbolic link to a regular file.
 * Ownership and errors are those of definition_parse(), and -EISDIR, -EINVAL (no regular file), -EFBIG or
 * an error of open(2) or read(2), each with a reason. */
int definition_load(int dirfd, const char *name, struct definition *ret, struct reason *reason);

/* The same for a definition of any kind. */
int definition_load_kind(enum definition_kind kind, int dirfd, const char *name, struct definition *ret,
        struct reason *reason);

/* The name of the member that holds the type. */
const char *definition_type_member(enum definition_kind kind);

/* Frees the contents of a definition. */
void definition_done(struct definition *definition);

/* Moves to the attribute after position, or to the first one if position is NULL. Name and value are
 * borrowed from the definition. False after the last one. */
bool definition_next_attribute(const struct definition *definition, const cJSON **position,
        const char **ret_name, const char **ret_value);

/* Counts the attributes. */
size_t definition_count_attributes(const struct definition *definition);

/* A definition that is still being written is named "." UUID DEFINITION_TEMPORARY. */
#define DEFINITION_TEMPORARY ".new"

/* True if a file is a definition that is still being written, or that a killed program left unfinished.
 * Readers skip it without a warning. */
bool definition_is_temporary(const char *name);

#define _cleanup_definition_ __attribute__((cleanup(definition_done)))
