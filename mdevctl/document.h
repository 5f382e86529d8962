/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The document of "mdevctl apply": definitions in the form of "list -d --dumpjson"
 *
 *   [ { "<parent>": [ { "<uuid>": { "mdev_type": …, "start": …, "attrs": … } }, … ], … } ]
 *
 * A parent's name has no slash, so the member VGPU_DIR cannot be one. It has the vGPUs, in the same form:
 *
 *   "/etc/vgpu.d": [ { "<function>": { "vgpu_type": …, "start": …, "attrs": … } }, … ]
 *
 * A document is valid as a whole or not at all. It must not leave anything to
 * interpretation, because it replaces what is stored: a word that a definition
 * file may have and mdevctl ignores, such as "attr" or "start": "yes", is a fault.
 */

#include "definition.h"
#include "name.h"

/* The largest document that is read, in bytes. */
#define DOCUMENT_SIZE_MAX ((size_t) 64 * 1024 * 1024)

struct document_entry {
        const char *parent;
        char uuid[UUID_LENGTH + 1]; /* or the address of a vGPU's function, which is shorter */
        struct definition definition;
};

struct document {
        cJSON *json;                    /* owns the names */
        const char **parents;           /* sorted; also those without a device */
        struct document_entry *entries; /* sorted by parent and UUID */
        size_t n_parents, n;
};

/* Parses size bytes of text; a NUL must follow them. Reports every fault with its place in the document,
 * which messages call name. The caller frees *ret with document_done(). -EINVAL if there is a fault,
 * -ENOMEM. */
int document_parse(const char *name, const char *text, size_t size, struct document *ret);

/* Reads and parses a file, or stdin if the path is "-". Reports its errors, which are those of
 * document_parse() and of open(2) and read(2). */
int document_read(const char *path, struct document *ret);

/* True if the document names a parent. */
bool document_has_parent(const struct document *document, const char *parent);

void document_done(struct document *document);

#define _cleanup_document_ __attribute__((cleanup(document_done)))
