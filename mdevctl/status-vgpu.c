/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "journal.h"
#include "report.h"
#include "screen.h"
#include "status.h"
#include "util.h"

#define GAP "  "
#define LABEL_WIDTH 10 /* of the longest label */
#define COLUMN_MAX 32
#define JOURNAL_LINES 5

static bool has_failed(const struct vgpu_function *function)
{
        return function->unit_is_known && strcmp(function->unit.active, "failed") == 0;
}

static bool unit_is_down(const struct vgpu_function *function)
{
        return function->unit_is_known && !unit_is_up(&function->unit) && !unit_is_moving(&function->unit);
}

static const char *get_state(const struct vgpu_function *function)
{
        if (has_failed(function))
                return function->type > 0 ? "failed, but the function has a type" : "failed";
        if (!function->is_present)
                return "absent";
        if (!function->is_ready)
                return "not ready";
        if (function->type < 0)
                return "unknown";
        if (function->match == VGPU_MATCH_OTHER)
                return "active, not as defined";
        if (function->type > 0)
                return function->is_defined && unit_is_down(function) ? "active, but the unit is not"
                                                                      : "active";
        return function->noted_type > 0 ? "inactive, but the unit is active" : "inactive";
}

static enum colour get_colour(const struct vgpu_function *function)
{
        if (has_failed(function))
                return COLOUR_RED;
        if (function->match == VGPU_MATCH_OTHER || (function->type == 0 && function->noted_type > 0))
                return COLOUR_YELLOW;
        return function->type > 0 ? COLOUR_GREEN : COLOUR_NONE;
}

static const char *get_type(const struct vgpu_function *function)
{
        if (function->type > 0)
                return function->type_name;
        return function->definition.type ? function->definition.type : "unknown";
}

static const char *get_start(const struct vgpu_function *function)
{
        if (!function->is_defined)
                return "undefined";
        if (function->fault)
                return "unreadable";
        return function->definition.autostart ? "auto" : "manual";
}

static void add_symbol(struct line *line, const struct vgpu_function *function)
{
        const enum colour colour = get_colour(function);

        if (has_failed(function))
                line_add_symbol(line, "\u00d7", "x", colour);
        else if (function->type > 0)
                line_add_symbol(line, "\u25cf", "*", colour);
        else
                line_add_symbol(line, "\u25cb", "o", colour);
        line_add_symbol(line, " ", " ", COLOUR_NONE);
}

static bool is_of_interest(const struct vgpu_function *function)
{
        return function->is_defined || function->type > 0;
}

/* Prints the heading of the card to which the function belongs. */
static void print_card(const struct vgpus *vgpus, const struct vgpu_function *first, struct screen *screen)
{
        size_t n = 0, used = 0;
        struct line line;

        for (size_t i = 0; i < vgpus->n; i++)
                if (strcmp(vgpus->functions[i].card, first->card) == 0) {
                        n++;
                        used += vgpus->functions[i].type > 0;
                }
        line_begin(&line, screen);
        if (first->card[0] == '\0')
                line_add(&line, "unknown card", COLOUR_YELLOW);
        else {
                line_add(&line, first->card, COLOUR_BOLD);
                line_addf(&line, GAP "driver %s, %zu of %zu functions have a vGPU",
                        first->driver[0] ? first->driver : "unknown", used, n);
        }
        line_print(&line);
}

static void add_use(struct line *line, const struct vgpu_function *function)
{
        if (function->iommu_group >= 0)
                line_addf(line, GAP "group %d", function->iommu_group);
        if (function->holders_are_known && function->holders.in_use)
                line_addf(line, GAP "used by %s", function->holders.text);
}

static void print_function(const struct vgpu_function *function, struct screen *screen, size_t types)
{
        struct line line;

        line_begin(&line, screen);
        line_add(&line, GAP, COLOUR_NONE);
        add_symbol(&line, function);
        line_addf(&line, "%s" GAP, function->name);
        line_add(&line, get_type(function), COLOUR_NONE);
        line_pad(&line, (screen->is_terminal ? 4 : 2) + strlen(function->name) + 2 + types);
        line_addf(&line, GAP "%-10s" GAP, get_start(function));
        line_add(&line, get_state(function), get_colour(function));
        add_use(&line, function);
        line_print(&line);
        if (!function->fault && !has_failed(function))
                return;
        line_begin(&line, screen);
        if (function->fault)
                line_addf(&line, GAP GAP GAP "%s", function->fault);
        else
                line_addf(&line, GAP GAP GAP "see \"journalctl -u %s\"", function->unit_name);
        line_print(&line);
}

int status_print_vgpus(const struct vgpus *vgpus)
{
        const char *card = NULL;
        struct screen screen;
        size_t types = 0;

        screen_init(&screen);
        for (size_t i = 0; i < vgpus->n; i++) {
                const size_t length = strlen(get_type(&vgpus->functions[i]));

                if (is_of_interest(&vgpus->functions[i]) && length > types && length <= COLUMN_MAX)
                        types = length;
        }
        for (size_t i = 0; i < vgpus->n; i++) {
                const struct vgpu_function *function = &vgpus->functions[i];

                if (!card || strcmp(card, function->card) != 0)
                        print_card(vgpus, function, &screen);
                card = function->card;
                if (is_of_interest(function))
                        print_function(function, &screen, types);
        }
        return screen.failed ? report_error(-ENOMEM, "%m") : 0;
}

/* Begins a line with a label. */
static void begin(struct line *line, struct screen *screen, const char *label)
{
        line_begin(line, screen);
        line_pad(line, LABEL_WIDTH - strlen(label));
        line_addf(line, label[0] == '\0' ? "%s  " : "%s: ", label);
}

static void print_definition(
        const struct root *root, const struct vgpu_function *function, struct screen *screen)
{
        const cJSON *position = NULL;
        const char *name, *value;
        struct line line;

        begin(&line, screen, "Definition");
        if (!function->is_defined)
                line_add(&line, "none", COLOUR_NONE);
        else
                line_addf(&line, "%s" VGPU_DIR "/%s; %s", root->path, function->name, get_start(function));
        if (function->definition.type)
                line_addf(&line, "; type %s", function->definition.type);
        line_print(&line);
        if (function->fault) {
                begin(&line, screen, "");
                line_add(&line, function->fault, COLOUR_NONE);
                line_print(&line);
        }
        while (definition_next_attribute(&function->definition, &position, &name, &value)) {
                begin(&line, screen, "");
                line_addf(&line, "%s: \"%s\"", name, value);
                line_print(&line);
        }
}

static void print_types(const struct vgpu_function *function, struct screen *screen)
{
        const char *position = function->types;
        struct vgpu_type type;
        struct line line;
        bool any = false;

        begin(&line, screen, "Types");
        while (vgpu_next_type(&position, &type)) {
                line_addf(&line, "%s%s (%d)", any ? ", " : "", type.name, type.number);
                any = true;
        }
        line_add(&line, any ? "" : "none", COLOUR_NONE);
        line_print(&line);
}

static void print_unit(const struct vgpu_function *function, struct screen *screen)
{
        struct line line;

        begin(&line, screen, "Unit");
        line_add(&line, function->unit_name, COLOUR_NONE);
        if (function->unit_is_known)
                line_addf(&line, "; %s (%s)", function->unit.active, function->unit.sub);
        else
                line_add(&line, "; state unknown", COLOUR_NONE);
        line_print(&line);
        begin(&line, screen, "In use by");
        if (!function->holders_are_known)
                line_add(&line, "unknown", COLOUR_NONE);
        else
                line_add(&line, function->holders.in_use ? function->holders.text : "nobody", COLOUR_NONE);
        line_print(&line);
}

static int print_journal(const struct vgpu_function *function, struct screen *screen)
{
        char *lines[JOURNAL_LINES] = {};
        const int n = journal_get_last(function->unit_name, JOURNAL_LINES, lines);

        if (n > 0)
                putchar('\n');
        for (int i = 0; i < JOURNAL_LINES; i++) {
                struct line line;

                if (lines[i]) {
                        line_begin(&line, screen);
                        line_add(&line, lines[i], COLOUR_NONE);
                        line_print(&line);
                }
                free(lines[i]);
        }
        return n == -ENOMEM ? report_error(n, "%m") : 0;
}

int status_print_vgpu(const struct root *root, const struct vgpu_function *function)
{
        struct screen screen;
        struct line line;
        int r = 0;

        screen_init(&screen);
        line_begin(&line, &screen);
        add_symbol(&line, function);
        line_addf(&line, "%s - %s on %s", function->name, get_type(function),
                function->card[0] ? function->card : "unknown card");
        line_print(&line);
        begin(&line, &screen, "Function");
        line_add(&line, get_state(function), get_colour(function));
        if (function->type > 0)
                line_addf(&line, "; type %s (%d)", function->type_name, function->type);
        if (function->driver[0])
                line_addf(&line, "; driver %s", function->driver);
        if (function->iommu_group >= 0)
                line_addf(&line, "; group %d", function->iommu_group);
        line_print(&line);
        print_definition(root, function, &screen);
        print_types(function, &screen);
        print_unit(function, &screen);
        if (root_is_live(root))
                r = print_journal(function, &screen);
        return screen.failed && r >= 0 ? report_error(-ENOMEM, "%m") : r;
}

static cJSON *number_or_null(int number)
{
        return number < 0 ? cJSON_CreateNull() : cJSON_CreateNumber(number);
}

static cJSON *unit_to_json(const struct vgpu_function *function)
{
        const bool is_known = function->unit_is_known;
        _cleanup_json_ cJSON *json = cJSON_CreateObject();

        if (json_add(json, "name", json_string(function->unit_name)) < 0 ||
                json_add(json, "active_state", json_string(is_known ? function->unit.active : NULL)) < 0 ||
                json_add(json, "sub_state", json_string(is_known ? function->unit.sub : NULL)) < 0)
                return NULL;
        return TAKE_PTR(json);
}

static int add_function(cJSON *array, const struct vgpu_function *function)
{
        const bool is_readable = function->definition.type;
        cJSON *object = cJSON_CreateObject();
        int r = json_append(array, object);
        const struct {
                const char *name;
                cJSON *item;
        } members[] = {
                {"function", json_string(function->name)},
                {"card", json_string(function->card[0] ? function->card : NULL)},
                {"driver", json_string(function->driver[0] ? function->driver : NULL)},
                {"type", json_string(function->type > 0 ? function->type_name : NULL)},
                {"type_number", number_or_null(function->type)},
                {"present", cJSON_CreateBool(function->is_present)},
                {"ready", cJSON_CreateBool(function->is_ready)},
                {"active", cJSON_CreateBool(function->type > 0)},
                {"state", json_string(get_state(function))},
                {"defined", cJSON_CreateBool(function->is_defined)},
                {"definition", is_readable ? definition_to_json(&function->definition) : cJSON_CreateNull()},
                {"fault", json_string(function->fault)},
                {"iommu_group", number_or_null(function->iommu_group)},
                {"in_use", function->holders_are_known ? cJSON_CreateBool(function->holders.in_use)
                                                       : cJSON_CreateNull()},
                {"unit", unit_to_json(function)},
        };

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                const int k = json_add(r < 0 ? NULL : object, members[i].name, members[i].item);

                r = r < 0 ? r : k;
        }
        return r;
}

cJSON *status_vgpus_to_json(const struct vgpus *vgpus)
{
        _cleanup_json_ cJSON *array = cJSON_CreateArray();

        for (size_t i = 0; i < vgpus->n; i++)
                if (add_function(array, &vgpus->functions[i]) < 0)
                        return NULL;
        return TAKE_PTR(array);
}
