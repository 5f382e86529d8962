/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "device-state.h"
#include "report.h"
#include "status.h"
#include "util.h"

/* A wider value moves what follows it in its own line only. */
#define COLUMN_MAX 24
#define GAP "  "

struct tree {
        const struct root *root;
        const struct survey *survey;
        struct screen *screen;
        size_t type, start, state; /* the columns that these begin in */
        size_t tail;               /* and what follows them */
};

static void widen(size_t *width, const char *text)
{
        const size_t length = strlen(text);

        if (length > *width && length <= COLUMN_MAX)
                *width = length;
}

static const char *get_type(const struct survey_device *device)
{
        const char *type = survey_device_get_type(device);

        return type ? type : "unknown";
}

static void set_columns(struct tree *tree)
{
        const size_t gap = strlen(GAP), begin = tree->screen->is_terminal ? strlen("|-* ") : gap;
        size_t type = 0, start = 0, state = 0;

        for (size_t i = 0; i < tree->survey->n_devices; i++) {
                widen(&type, get_type(&tree->survey->devices[i]));
                widen(&start, device_start_text(&tree->survey->devices[i]));
                widen(&state, device_state_text(tree->survey, &tree->survey->devices[i]));
        }
        tree->type = begin + UUID_LENGTH + gap;
        tree->start = tree->type + type + gap;
        tree->state = tree->start + start + gap;
        tree->tail = tree->state + state + gap;
}

/* Begins a line below a parent or a device, with the branch that leads to the next one. */
static void begin_below(struct line *line, const struct tree *tree, bool is_last, size_t column)
{
        line_begin(line, tree->screen);
        if (!is_last)
                line_add_symbol(line, "\u2502", "|", COLOUR_GREY);
        line_pad(line, column);
}

static void print_types(const struct tree *tree, const struct survey_parent *parent)
{
        struct line line;

        begin_below(&line, tree, parent->n_devices == 0, strlen(GAP));
        for (size_t i = 0; i < parent->n_types; i++) {
                const struct survey_type *type = &parent->types[i];

                line_addf(&line, "%s%s ", i > 0 ? ", " : "", type->id);
                if (type->available < 0)
                        line_addf(&line, "unknown");
                else
                        line_addf(&line, "%ld free", type->available);
        }
        line_print(&line);
}

static void print_parent(const struct tree *tree, const struct survey_parent *parent)
{
        struct line line;

        line_begin(&line, tree->screen);
        line_add(&line, parent->name, COLOUR_BOLD);
        line_add(&line, GAP, COLOUR_NONE);
        if (!parent->is_registered)
                line_add(&line, "not registered", COLOUR_YELLOW);
        else if (parent->driver)
                line_addf(&line, "driver %s", parent->driver);
        if (parent->other_driver)
                line_addf(&line, ", driver %s is configured", parent->other_driver);
        line_print(&line);
        if (parent->n_types > 0)
                print_types(tree, parent);
}

/* Adds the group, the nodes and the holders. */
static void add_use(struct line *line, const struct root *root, const struct survey_device *device)
{
        const char *separator = "";

        if (device->iommu_group >= 0) {
                line_addf(line, "group %d", device->iommu_group);
                separator = GAP;
        }
        for (size_t i = 0; i < ELEMENTSOF(device->nodes) && device->nodes[i]; i++) {
                line_addf(line, "%s%s", separator, device->nodes[i]);
                separator = GAP;
        }
        if (!root_is_live(root) || !device->is_active)
                return;
        if (!device->holders_are_known)
                line_addf(line, "%susers unknown", separator);
        if (device->n_holders > 0)
                line_addf(line, "%sused by ", separator);
        for (size_t i = 0; i < device->n_holders; i++)
                line_addf(line, "%s%s (%d)", i > 0 ? ", " : "", device->holders[i].name,
                        device->holders[i].pid);
}

static void print_below(const struct tree *tree, bool is_last, const char *text)
{
        struct line line;

        begin_below(&line, tree, is_last, strlen("|-* " GAP));
        line_add(&line, text, COLOUR_NONE);
        line_print(&line);
}

/* Says why a definition is unreadable, and why the unit has failed. */
static void print_reasons(const struct tree *tree, const struct survey_device *device, bool is_last)
{
        char advice[UNIT_NAME_SIZE + 32];

        if (device->fault)
                print_below(tree, is_last, device->fault);
        if (device_state_get(tree->survey, device) != DEVICE_FAILED)
                return;
        snprintf(advice, sizeof(advice), "see \"journalctl -u %s\"", device->unit_name);
        print_below(tree, is_last, device->failure ? device->failure : advice);
}

/* If a terminal is too narrow for the whole line, its end becomes another line. */
static void print_device(const struct tree *tree, const struct survey_device *device, bool is_last)
{
        struct line line, use;

        line_begin(&line, tree->screen);
        line_add_symbol(
                &line, is_last ? "\u2514\u2500" : "\u251c\u2500", is_last ? "`-" : "|-", COLOUR_GREY);
        device_state_add_symbol(&line, tree->survey, device);
        line_pad(&line, tree->type - strlen(GAP) - UUID_LENGTH);
        line_add(&line, device->uuid, COLOUR_NONE);
        line_pad(&line, tree->type);
        line_add(&line, get_type(device), COLOUR_NONE);
        line_add(&line, GAP, COLOUR_NONE);
        line_pad(&line, tree->start);
        line_add(&line, device_start_text(device), COLOUR_NONE);
        line_add(&line, GAP, COLOUR_NONE);
        line_pad(&line, tree->state);
        line_add(&line, device_state_text(tree->survey, device), device_state_colour(tree->survey, device));
        line_add(&line, GAP, COLOUR_NONE);
        line_pad(&line, tree->tail);

        begin_below(&use, tree, is_last, strlen("|-* " GAP));
        add_use(&use, tree->root, device);
        if (line.cells + use.cells - strlen("|-* " GAP) <= tree->screen->width) {
                add_use(&line, tree->root, device);
                line_done(&use);
        }
        line_print(&line);
        if (use.cells > strlen("|-* " GAP))
                line_print(&use);
        line_done(&use);
        print_reasons(tree, device, is_last);
}

int status_print_tree(const struct root *root, const struct survey *survey)
{
        struct screen screen;
        struct tree tree = {.root = root, .survey = survey, .screen = &screen};

        screen_init(&screen);
        set_columns(&tree);
        for (const struct survey_parent *parent = survey->parents;
                parent < survey->parents + survey->n_parents; parent++) {
                print_parent(&tree, parent);
                for (size_t i = 0; i < parent->n_devices; i++)
                        print_device(&tree, &parent->devices[i], i + 1 == parent->n_devices);
        }
        return screen.failed ? report_error(-ENOMEM, "%m") : 0;
}
