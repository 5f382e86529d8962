/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Findings of mdevctl check
 *
 * A finding says what is wrong or will go wrong with one file, device or unit,
 * and what to do. Its code is part of the interface: programs filter by it, and
 * mdevctl(8) lists all codes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In alphabetical order, which is also the order of the output. */
enum finding_code {
        FINDING_AP_QUEUE_ABSENT,
        FINDING_AP_QUEUE_HOST,
        FINDING_AP_QUEUE_SHARED,
        FINDING_ATTRIBUTE_UNKNOWN,
        FINDING_DEFINITION_UNREADABLE,
        FINDING_DRIVER_DIFFERS,
        FINDING_ENABLEMENT_STALE,
        FINDING_IN_USE_UNDEFINED,
        FINDING_INSTANCES_EXCEEDED,
        FINDING_NAME_NOT_UUID,
        FINDING_NOT_APPLIED,
        FINDING_OTHER_AUTOSTART,
        FINDING_PARENT_ABSENT,
        FINDING_TYPE_UNSUPPORTED,
        FINDING_UNIT_DIFFERS,
        FINDING_UUID_AMBIGUOUS,
        FINDING_VALUE_DIFFERS,
        FINDING_VGPU_ABSENT,
        FINDING_VGPU_DIFFERS,
        FINDING_VGPU_EXCEEDED,
        FINDING_VGPU_NOT_CREATABLE,
        FINDING_VGPU_UNDEFINED,
        _FINDING_CODES
};

enum finding_level {
        FINDING_NOTE,
        FINDING_WARNING,
        FINDING_ERROR,
};

/* What a finding is about. All strings are owned, valid UTF-8, and NULL if not applicable. */
struct finding {
        enum finding_code code;
        enum finding_level level;
        char *file;
        char *subject; /* stands for the file in text if there is none */
        char *uuid, *parent;
        char *message, *remedy;
};

struct findings {
        struct finding *list;
        size_t n, size;
        bool is_incomplete; /* there was no memory for one */
};

/* Whose findings to print; a NULL field selects all. */
struct finding_filter {
        const char *uuid, *parent;
};

/* Adds a finding; the strings are copied and may be NULL. The level is the code's own. The caller adds
 * message and remedy. Never returns NULL: without memory, is_incomplete is set and a dummy returned. */
struct finding *findings_add(struct findings *findings, enum finding_code code, const char *file,
        const char *uuid, const char *parent);

/* Sets what stands for the file in text. */
void finding_about(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the message. */
void finding_say(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the remedy. */
void finding_advise(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sorts by parent, UUID and code. */
void findings_sort(struct findings *findings);

/* True if the filter selects the finding. */
bool finding_is_selected(const struct finding *finding, const struct finding_filter *filter);

/* Makes the line of a finding, with escaped control characters and without a newline; the caller frees it.
 * NULL without memory. */
char *finding_format(const struct finding *finding);

/* Print the selected findings to stdout: one a line, or as a JSON array. -ENOMEM without a message. */
int findings_print(const struct findings *findings, const struct finding_filter *filter);
int findings_print_json(const struct findings *findings, const struct finding_filter *filter);

/* Frees all findings. */
void findings_done(struct findings *findings);

#define _cleanup_findings_ __attribute__((cleanup(findings_done)))
