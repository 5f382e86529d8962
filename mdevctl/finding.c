/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "finding.h"
#include "json.h"
#include "name.h"
#include "text.h"
#include "util.h"

static const char *const level_names[] = {
        [FINDING_NOTE] = "note",
        [FINDING_WARNING] = "warning",
        [FINDING_ERROR] = "error",
};

static void finding_done(struct finding *finding)
{
        free(finding->file);
        free(finding->subject);
        free(finding->uuid);
        free(finding->parent);
        free(finding->message);
        free(finding->remedy);
        *finding = (struct finding){};
}

void findings_done(struct findings *findings)
{
        for (size_t i = 0; i < findings->n; i++)
                finding_done(&findings->list[i]);
        free(findings->list);
        *findings = (struct findings){};
}

/* File names and values may hold any bytes; each invalid one takes three in UTF-8. */
static char *copy_valid(const char *text)
{
        const size_t size = text ? 3 * strlen(text) + 1 : 0;
        char *copy = text ? malloc(size) : NULL;

        if (copy)
                utf8_replace_invalid(text, copy, size);
        return copy;
}

/* Keeps room for one finding more than are in use; that one serves as the dummy. */
static bool make_room(struct findings *findings)
{
        struct finding *list;
        size_t size = findings->size ? 2 * findings->size : 32;

        if (findings->n < findings->size)
                return true;
        list = reallocarray(findings->list, size, sizeof(struct finding));
        if (!list)
                return false;
        findings->list = list;
        findings->size = size;
        return true;
}

struct finding *findings_add(struct findings *findings, enum finding_code code, const char *file,
        const char *uuid, const char *parent)
{
        static struct finding dummy;
        struct finding *finding = &dummy;

        if (make_room(findings))
                finding = &findings->list[findings->n++];
        else {
                findings->is_incomplete = true;
                finding_done(&dummy);
        }
        *finding = (struct finding){
                .code = code,
                .level = check_codes[code].level,
                .file = copy_valid(file),
                .uuid = copy_valid(uuid),
                .parent = copy_valid(parent),
        };
        return finding;
}

static void set_text(char **text, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void set_text(char **text, const char *format, va_list ap)
{
        _cleanup_free_ char *any = NULL;

        if (vasprintf(&any, format, ap) < 0)
                any = NULL;
        free(*text);
        *text = copy_valid(any);
}

void finding_about(struct finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        set_text(&finding->subject, format, ap);
        va_end(ap);
}

void finding_say(struct finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        set_text(&finding->message, format, ap);
        va_end(ap);
}

void finding_advise(struct finding *finding, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        set_text(&finding->remedy, format, ap);
        va_end(ap);
}

/* An absent text comes first. */
static int compare_texts(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_findings(const void *a, const void *b)
{
        const struct finding *left = a, *right = b;
        int order = compare_texts(left->parent, right->parent);

        if (order == 0)
                order = compare_texts(left->uuid, right->uuid);
        if (order == 0)
                order = (int) left->code - (int) right->code;
        if (order == 0)
                order = compare_texts(left->file, right->file);
        return order ? order : compare_texts(left->message, right->message);
}

void findings_sort(struct findings *findings)
{
        if (findings->n > 0)
                qsort(findings->list, findings->n, sizeof(struct finding), compare_findings);
}

bool finding_is_selected(const struct finding *finding, const struct finding_filter *filter)
{
        return (!filter->uuid || compare_texts(finding->uuid, filter->uuid) == 0) &&
               (!filter->parent || compare_texts(finding->parent, filter->parent) == 0);
}

char *finding_format(const struct finding *finding)
{
        const char *about = finding->file ? finding->file : finding->subject;
        _cleanup_free_ char *line = NULL;
        size_t size;
        char *escaped;

        if (asprintf(&line, "%s: %s: %s%s%s [%s]", about ? about : "system", level_names[finding->level],
                    finding->message, finding->remedy ? "; " : "", finding->remedy ? finding->remedy : "",
                    check_codes[finding->code].name) < 0) {
                line = NULL;
                return NULL;
        }
        size = 4 * strlen(line) + 1; /* \xNN */
        escaped = malloc(size);
        if (escaped)
                text_escape(line, escaped, size);
        return escaped;
}

int findings_print(const struct findings *findings, const struct finding_filter *filter)
{
        for (size_t i = 0; i < findings->n; i++) {
                _cleanup_free_ char *line = NULL;

                if (!finding_is_selected(&findings->list[i], filter))
                        continue;
                line = finding_format(&findings->list[i]);
                if (!line)
                        return -ENOMEM;
                puts(line);
        }
        return 0;
}

static int add_finding(cJSON *array, const struct finding *finding)
{
        const struct {
                const char *name, *text;
        } members[] = {
                {"level", level_names[finding->level]},
                {"code", check_codes[finding->code].name},
                {"file", finding->file},
                {"uuid", finding->uuid},
                {"parent", finding->parent},
                {"message", finding->message},
                {"remedy", finding->remedy},
        };
        cJSON *object = cJSON_CreateObject();
        int r = json_append(array, object);

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(members); i++)
                r = json_add(object, members[i].name, json_string(members[i].text));
        return r;
}

int findings_print_json(const struct findings *findings, const struct finding_filter *filter)
{
        _cleanup_json_ cJSON *array = cJSON_CreateArray();
        _cleanup_free_ char *text = NULL;
        int r = array ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < findings->n; i++)
                if (finding_is_selected(&findings->list[i], filter))
                        r = add_finding(array, &findings->list[i]);
        if (r >= 0)
                text = json_print_escaped(array);
        if (!text)
                return -ENOMEM;
        puts(text);
        return 0;
}
