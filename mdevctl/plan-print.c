/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "plan-print.h"
#include "terminal.h"
#include "util.h"

#define NOTHING "(none)"

static const char *const names[] = {
        [PLAN_DEFINE] = "define",
        [PLAN_MODIFY] = "modify",
        [PLAN_UNDEFINE] = "undefine",
};
static const char signs[] = {
        [PLAN_DEFINE] = '+',
        [PLAN_MODIFY] = '~',
        [PLAN_UNDEFINE] = '-',
};

static const char *get_arrow(void)
{
        return setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? " → " : " -> ";
}

static const char *start_word(bool starts)
{
        return starts ? "auto" : "manual";
}

struct attribute {
        const cJSON *position;
        const char *name, *value;
};

static void print_attribute(const struct attribute *attribute)
{
        if (!attribute->position) {
                fputs(NOTHING, stdout);
                return;
        }
        terminal_print_escaped(attribute->name);
        putchar('=');
        terminal_print_escaped(attribute->value);
}

static bool next_attribute(const struct definition *definition, struct attribute *attribute)
{
        if (definition_next_attribute(definition, &attribute->position, &attribute->name, &attribute->value))
                return true;
        *attribute = (struct attribute){};
        return false;
}

static bool is_same(const cJSON *a, const cJSON *b)
{
        return strcmp(a->child->string, b->child->string) == 0 &&
               strcmp(a->child->valuestring, b->child->valuestring) == 0;
}

/* Counts the attributes at the end that both have, so that one more in the middle is one line. */
static size_t count_same_end(const struct definition *a, const struct definition *b)
{
        const cJSON *p = a->attributes ? a->attributes->child : NULL,
                    *q = b->attributes ? b->attributes->child : NULL;
        size_t n = 0;

        if (!p || !q)
                return 0;
        /* The first one's prev is the last one. */
        for (p = p->prev, q = q->prev; is_same(p, q); p = p->prev, q = q->prev) {
                n++;
                if (p == a->attributes->child || q == b->attributes->child)
                        break;
        }
        return n;
}

static void print_attributes(const char *arrow, const struct definition *old, const struct definition *new)
{
        const size_t old_count = definition_count_attributes(old),
                     new_count = definition_count_attributes(new),
                     count = old_count > new_count ? old_count : new_count,
                     fewer = old_count < new_count ? old_count : new_count;
        struct attribute before = {}, after = {};
        size_t begin = 0, end = count_same_end(old, new);

        while (begin < fewer && next_attribute(old, &before) && next_attribute(new, &after) &&
                is_same(before.position, after.position))
                begin++;
        /* The same attributes cannot be at the beginning and at the end. */
        if (end > fewer - begin)
                end = fewer - begin;
        before = after = (struct attribute){};
        for (size_t i = 0; i + end < count; i++) {
                if (i + end >= old_count)
                        before = (struct attribute){};
                else
                        next_attribute(old, &before);
                if (i + end >= new_count)
                        after = (struct attribute){};
                else
                        next_attribute(new, &after);
                if (i < begin)
                        continue;
                printf("    attribute %zu: ", i);
                print_attribute(&before);
                fputs(arrow, stdout);
                print_attribute(&after);
                putchar('\n');
        }
}

static void print_detail(const char *arrow, const char *name, const char *before, const char *after)
{
        printf("    %s: ", name);
        terminal_print_escaped(before);
        fputs(arrow, stdout);
        terminal_print_escaped(after);
        putchar('\n');
}

static void print_details(const char *arrow, const struct plan_change *change)
{
        const struct plan_stored *old = change->old;
        const struct definition *new = change->new;

        if (!old->is_readable) {
                print_detail(arrow, "unreadable", old->reason.text, new->type);
                print_detail(arrow, "start", NOTHING, start_word(new->autostart));
        } else {
                const bool starts = plan_stored_starts(old);

                if (strcmp(old->definition.type, new->type) != 0)
                        print_detail(
                                arrow, definition_type_member(new->kind), old->definition.type, new->type);
                if (starts != new->autostart)
                        print_detail(arrow, "start", start_word(starts), start_word(new->autostart));
                else if (old->definition.autostart != new->autostart)
                        print_detail(arrow, "start", "enabled", start_word(new->autostart));
        }
        print_attributes(arrow, &old->definition, new);
}

void plan_print(const struct plan *plan)
{
        const char *arrow = get_arrow();

        for (const struct plan_change *change = plan->changes; change < plan->changes + plan->n; change++) {
                printf("%c ", signs[change->action]);
                terminal_print_escaped(change->parent);
                printf(" %s\n", change->uuid);
                if (change->action == PLAN_MODIFY)
                        print_details(arrow, change);
        }
}

/* "start" of the old definition is what "list -d" prints. */
static cJSON *old_to_json(const struct plan_stored *old)
{
        struct definition definition;

        if (!old || !old->is_readable)
                return cJSON_CreateNull();
        definition = old->definition;
        definition.autostart = plan_stored_starts(old);
        return definition_to_json(&definition);
}

cJSON *plan_change_to_json(const struct plan_change *change)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();

        if (!cJSON_AddStringToObject(json, "action", names[change->action]) ||
                !cJSON_AddStringToObject(json, "parent", change->parent) ||
                !cJSON_AddStringToObject(json, "uuid", change->uuid) ||
                json_add(json, "old", old_to_json(change->old)) < 0 ||
                json_add(json, "new", change->new ? definition_to_json(change->new) : cJSON_CreateNull()) <
                        0)
                return NULL;
        return TAKE_PTR(json);
}
