/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "definitions.h"
#include "document.h"
#include "json-file.h"
#include "report.h"
#include "text.h"
#include "util.h"
#include "uuid.h"
#include "vgpu.h"

#define FORM                                                                                                \
        "an array of one object, in which each parent has an array of its devices, as \"mdevctl list -d "   \
        "--dumpjson\" prints it"

/* More faults than this hide the first one. */
#define FAULTS_MAX 20

/* The place that the reader has reached. */
struct reader {
        const char *name, *parent, *uuid;
        size_t index; /* of the device under its parent */
        size_t faults;
        struct document *document;
};

static int fault(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fault(struct reader *reader, const char *format, ...)
{
        char what[REPORT_TEXT_MAX];
        va_list ap;

        if (++reader->faults > FAULTS_MAX)
                return -EINVAL;
        va_start(ap, format);
        text_format(what, sizeof(what), format, ap);
        va_end(ap);
        if (reader->uuid)
                return report_error(-EINVAL, "%s: parent \"%s\", device %zu, \"%s\": %s", reader->name,
                        reader->parent, reader->index, reader->uuid, what);
        if (reader->index != SIZE_MAX)
                return report_error(-EINVAL, "%s: parent \"%s\", device %zu: %s", reader->name,
                        reader->parent, reader->index, what);
        if (reader->parent)
                return report_error(-EINVAL, "%s: parent \"%s\": %s", reader->name, reader->parent, what);
        return report_error(-EINVAL, "%s: %s", reader->name, what);
}

static enum definition_kind get_kind(const struct reader *reader)
{
        return strcmp(reader->parent, VGPU_DIR) == 0 ? DEFINITION_VGPU : DEFINITION_MDEV;
}

static int check_name(struct reader *reader)
{
        char canonical[UUID_LENGTH + 1];

        if (get_kind(reader) == DEFINITION_VGPU)
                return pci_function_is_canonical(reader->uuid)
                               ? 0
                               : fault(reader, "the name is not the address of a PCI function, such as "
                                               "0000:41:00.4");
        if (uuid_is_canonical(reader->uuid))
                return 0;
        if (uuid_parse(reader->uuid, canonical) < 0)
                return fault(reader, "the name is not a UUID");
        return fault(reader, "the UUID is not in lower case with hyphens; write \"%s\"", canonical);
}

/* Checks what a definition file may have, but a document may not. */
static int check_members(struct reader *reader, const cJSON *definition)
{
        const char *const known[] = {definition_type_member(get_kind(reader)), "start", "attrs"};
        const cJSON *member, *start = json_member(definition, "start");

        cJSON_ArrayForEach(member, definition)
        {
                size_t i = 0;

                while (i < ELEMENTSOF(known) && strcmp(known[i], member->string) != 0)
                        i++;
                if (i == ELEMENTSOF(known))
                        return fault(reader,
                                "a definition has no \"%s\", only \"%s\", \"start\" and \"attrs\"",
                                member->string, known[0]);
                for (const cJSON *other = member->next; other; other = other->next)
                        if (strcmp(other->string, member->string) == 0)
                                return fault(reader, "\"%s\" is repeated", member->string);
        }
        if (!cJSON_IsString(start) ||
                (strcmp(start->valuestring, "auto") != 0 && strcmp(start->valuestring, "manual") != 0))
                return fault(reader, "\"start\" is neither \"auto\" nor \"manual\"");
        return 0;
}

static int check_size(struct reader *reader, const struct definition *definition)
{
        _cleanup_free_ char *text = definition_print(definition);

        if (!text)
                return -ENOMEM;
        if (strlen(text) > DEFINITION_SIZE_MAX)
                return fault(reader, "the definition would have more than %d bytes", DEFINITION_SIZE_MAX);
        return 0;
}

/* Takes a definition out of the document. -EINVAL if it has a fault, -ENOMEM. */
static int take_definition(struct reader *reader, cJSON *device, struct definition *ret)
{
        _cleanup_json_ cJSON *json = cJSON_DetachItemViaPointer(device, device->child);
        struct reason reason;
        int r;

        reader->uuid = json->string;
        r = check_name(reader);
        if (definition_from_json_kind(get_kind(reader), json, ret, &reason) < 0)
                return fault(reader, "%s", reason.text);
        if (r >= 0)
                r = check_members(reader, json);
        if (r >= 0)
                r = check_size(reader, ret);
        json = r < 0 ? json : NULL;
        return r;
}

static int read_device(struct reader *reader, cJSON *device)
{
        struct document *document = reader->document;
        struct document_entry *entry = &document->entries[document->n];
        int r;

        if (!cJSON_IsObject(device) || !device->child || device->child->next)
                return fault(reader, "is not an object with exactly one member, the UUID");
        r = take_definition(reader, device, &entry->definition);
        if (r >= 0) {
                entry->parent = reader->parent;
                strcpy(entry->uuid, entry->definition.json->string);
                document->n++;
        }
        reader->uuid = NULL;
        return r;
}

static int read_parent(struct reader *reader, const cJSON *devices)
{
        const char *wrong = get_kind(reader) == DEFINITION_VGPU ? NULL : parent_name_check(reader->parent);
        cJSON *device;
        int r;

        reader->document->parents[reader->document->n_parents++] = reader->parent;
        if (wrong)
                fault(reader, "the name %s", wrong);
        if (!cJSON_IsArray(devices))
                return fault(reader, "is not an array of devices");
        reader->index = 0;
        cJSON_ArrayForEach(device, devices)
        {
                r = read_device(reader, device);
                if (r == -ENOMEM)
                        return r;
                reader->index++;
        }
        reader->index = SIZE_MAX;
        return 0;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static int compare_entries(const void *a, const void *b)
{
        const struct document_entry *left = a, *right = b;
        const int order = strcmp(left->parent, right->parent);

        return order ? order : strcmp(left->uuid, right->uuid);
}

static void sort(struct reader *reader)
{
        const struct document *document = reader->document;

        qsort(document->parents, document->n_parents, sizeof(*document->parents), compare_names);
        for (size_t i = 1; i < document->n_parents; i++)
                if (strcmp(document->parents[i - 1], document->parents[i]) == 0) {
                        reader->parent = document->parents[i];
                        fault(reader, "is repeated");
                }
        qsort(document->entries, document->n, sizeof(*document->entries), compare_entries);
        for (size_t i = 1; i < document->n; i++)
                if (compare_entries(&document->entries[i - 1], &document->entries[i]) == 0) {
                        reader->parent = document->entries[i].parent;
                        fault(reader, "device \"%s\" is repeated", document->entries[i].uuid);
                }
}

static int read_parents(struct reader *reader, cJSON *parents)
{
        struct document *document = reader->document;
        size_t n = 0;
        cJSON *devices;
        int r;

        cJSON_ArrayForEach(devices, parents) n += (size_t) cJSON_GetArraySize(devices);
        /* An array of no elements must not look like a lack of memory. */
        document->parents = calloc((size_t) cJSON_GetArraySize(parents) + 1, sizeof(*document->parents));
        document->entries = calloc(n + 1, sizeof(*document->entries));
        if (!document->parents || !document->entries)
                return -ENOMEM;
        cJSON_ArrayForEach(devices, parents)
        {
                reader->parent = devices->string;
                reader->index = SIZE_MAX;
                r = read_parent(reader, devices);
                if (r == -ENOMEM)
                        return r;
        }
        reader->index = SIZE_MAX;
        sort(reader);
        reader->parent = NULL;
        return 0;
}

static int read_document(struct reader *reader)
{
        cJSON *json = reader->document->json;

        if (json_member(json, "mdev_type"))
                return fault(reader, "is the definition of one device without parent and UUID, not " FORM);
        if (!cJSON_IsArray(json))
                return fault(reader, "is not " FORM);
        if (json->child && json->child->next)
                return fault(reader, "has several elements; it must be " FORM);
        if (json->child && !cJSON_IsObject(json->child))
                return fault(reader, "the element is not an object; the document must be " FORM);
        return json->child ? read_parents(reader, json->child) : 0;
}

int document_parse(const char *name, const char *text, size_t size, struct document *ret)
{
        _cleanup_document_ struct document document = {};
        struct reader reader = {.name = name, .index = SIZE_MAX, .document = &document};
        struct reason reason;
        int r;

        r = json_parse(text, size, &document.json, &reason);
        if (r < 0)
                return report_error(r, "%s: %s", name, reason.text);
        r = read_document(&reader);
        if (r == -ENOMEM)
                return report_error(r, "%m");
        if (reader.faults > FAULTS_MAX)
                report_error(-EINVAL, "%s: has %zu more faults", name, reader.faults - FAULTS_MAX);
        if (reader.faults > 0)
                return -EINVAL;
        *ret = document;
        document = (struct document){};
        return 0;
}

int document_read(const char *path, struct document *ret)
{
        const bool is_stdin = strcmp(path, "-") == 0;
        _cleanup_close_ int fd = is_stdin ? -1 : json_file_open(path);
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r;

        if (fd < 0 && !is_stdin)
                return fd;
        /* Not /dev/stdin: a socket could not be opened again, nor a pipe of another user. */
        r = json_file_read_text(is_stdin ? STDIN_FILENO : fd, is_stdin ? "stdin" : path, DOCUMENT_SIZE_MAX,
                "a document", &text, &size);
        return r < 0 ? r : document_parse(is_stdin ? "stdin" : path, text, size, ret);
}

bool document_has_parent(const struct document *document, const char *parent)
{
        return document->n_parents > 0 && bsearch(&parent, document->parents, document->n_parents,
                                                  sizeof(*document->parents), compare_names);
}

void document_done(struct document *document)
{
        for (size_t i = 0; i < document->n; i++)
                definition_done(&document->entries[i].definition);
        free(document->entries);
        free(document->parents);
        cJSON_Delete(document->json);
        *document = (struct document){};
}
