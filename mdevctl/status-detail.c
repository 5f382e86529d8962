/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device-state.h"
#include "differences.h"
#include "journal.h"
#include "report.h"
#include "status.h"
#include "unit-text.h"
#include "util.h"

#define LABEL_WIDTH 15 /* of the longest label */
#define JOURNAL_LINES 5

/* A sysfs file has at most one page. */
#define PAGE_SIZE 4096

struct details {
        const struct root *root;
        const struct survey *survey;
        struct screen *screen;
};

/* Begins a line with a label, or one that continues the last label if it is empty. */
static void begin(struct line *line, const struct details *details, const char *label)
{
        line_begin(line, details->screen);
        line_pad(line, LABEL_WIDTH - strlen(label));
        line_addf(line, label[0] == '\0' ? "%s  " : "%s: ", label);
}

static void print(const struct details *details, const char *label, const char *text)
{
        struct line line;

        begin(&line, details, label);
        line_add(&line, text, COLOUR_NONE);
        line_print(&line);
}

static void print_title(const struct details *details, const struct survey_parent *parent,
        const struct survey_device *device)
{
        const char *type = survey_device_get_type(device);
        struct line line;

        line_begin(&line, details->screen);
        device_state_add_symbol(&line, details->survey, device);
        line_addf(&line, "%s - %s on %s", device->uuid, type ? type : "unknown type", parent->name);
        line_print(&line);
}

static void print_device(const struct details *details, const struct survey_device *device)
{
        struct line line;

        begin(&line, details, "Device");
        line_add(&line, device_state_text(details->survey, device),
                device_state_colour(details->survey, device));
        line_print(&line);
}

static int print_differences(const struct details *details, const struct survey_device *device)
{
        _cleanup_differences_ struct differences differences = {};
        int r = differences_find(details->root, device, &differences);

        if (r < 0)
                return report_error(r, "%m");
        for (size_t i = 0; i < differences.n; i++) {
                struct line line;

                begin(&line, details, "");
                line_addf(&line, "%s is \"%s\" in the running device, not \"%s\"", differences.items[i].name,
                        differences.items[i].running, differences.items[i].defined);
                line_print(&line);
        }
        return 0;
}

static int print_definition(const struct details *details, const struct survey_device *device)
{
        struct line line;

        begin(&line, details, "Definition");
        if (!device->is_defined)
                line_add(&line, "none", COLOUR_NONE);
        else
                line_addf(&line, "%s; %s", device->file, device_start_text(device));
        line_print(&line);
        if (device->fault)
                print(details, "", device->fault);
        return print_differences(details, device);
}

static void print_parent(const struct details *details, const struct survey_parent *parent)
{
        struct line line;

        begin(&line, details, "Parent");
        line_add(&line, parent->name, COLOUR_NONE);
        if (!parent->is_registered)
                line_add(&line, "; not registered", COLOUR_YELLOW);
        else if (parent->driver)
                line_addf(&line, "; driver %s", parent->driver);
        if (parent->other_driver)
                line_addf(&line, "; driver %s is configured", parent->other_driver);
        line_print(&line);
}

static const struct survey_type *find_type(const struct survey_parent *parent, const char *id)
{
        for (size_t i = 0; id && i < parent->n_types; i++)
                if (strcmp(parent->types[i].id, id) == 0)
                        return &parent->types[i];
        return NULL;
}

static void print_type(const struct details *details, const struct survey_parent *parent,
        const struct survey_device *device)
{
        const char *id = survey_device_get_type(device);
        const struct survey_type *type = find_type(parent, id);
        struct line line;

        begin(&line, details, "Type");
        line_add(&line, id ? id : "unknown", COLOUR_NONE);
        if (!type) {
                line_add(&line, id && parent->is_registered ? "; not offered by the parent" : "",
                        COLOUR_YELLOW);
                line_print(&line);
                return;
        }
        if (type->name)
                line_addf(&line, "; %s", type->name);
        if (type->device_api)
                line_addf(&line, "; %s", type->device_api);
        if (type->available >= 0)
                line_addf(&line, "; %ld free", type->available);
        line_print(&line);
        if (type->description)
                print(details, "", type->description);
}

static void print_unit(const struct details *details, const struct survey_device *device)
{
        const char *active = unit_active_state(details->survey, device);
        const char *sub = unit_sub_state(details->survey, device);
        const char *result = unit_result(details->survey, device);
        char since[TIMESTAMP_SIZE];
        struct line line;

        begin(&line, details, "Unit");
        line_add(&line, device->unit_name, COLOUR_NONE);
        if (active && sub)
                line_addf(&line, "; %s (%s)", active, sub);
        else
                line_add(&line, "; state unknown", COLOUR_NONE);
        if (result && strcmp(result, "success") != 0)
                line_addf(&line, ", result %s", result);
        if (device->unit && timestamp_format(device->unit->since, TIMESTAMP_LONG, since))
                line_addf(&line, " since %s", since);
        line_addf(&line, "; %s", device->enablement);
        line_print(&line);
}

static void print_nodes(const struct details *details, const struct survey_device *device)
{
        struct line line;

        begin(&line, details, "Group and nodes");
        if (device->iommu_group >= 0)
                line_addf(&line, "%d", device->iommu_group);
        else
                line_add(&line, "none", COLOUR_NONE);
        for (size_t i = 0; i < ELEMENTSOF(device->nodes) && device->nodes[i]; i++)
                line_addf(&line, "; %s", device->nodes[i]);
        line_print(&line);
}

static void print_holders(const struct details *details, const struct survey_device *device)
{
        struct line line;

        begin(&line, details, "In use by");
        if (device->is_active && !device->holders_are_known)
                line_add(&line, "unknown", COLOUR_NONE);
        else if (device->n_holders == 0)
                line_add(&line, "nobody", COLOUR_NONE);
        for (size_t i = 0; i < device->n_holders; i++)
                line_addf(&line, "%s%s (%d)", i == 0 ? "" : ", ", device->holders[i].name,
                        device->holders[i].pid);
        line_print(&line);
}

/* Prints each attribute of the definition and, where it can be read, what the running device has. */
static void print_attributes(const struct details *details, const struct survey_device *device)
{
        _cleanup_device_ struct device running = DEVICE_NONE;
        const bool is_running = device->is_active &&
                                device_find(details->root, device->uuid, &running) > 0 &&
                                running.inode == device->inode;
        const char *label = "Attributes", *name, *value;
        const cJSON *position = NULL;
        char text[PAGE_SIZE + 1];

        while (definition_next_attribute(&device->definition, &position, &name, &value)) {
                struct line line;

                begin(&line, details, label);
                line_addf(&line, "%s: \"%s\"", name, value);
                if (is_running && attribute_read(&running, name, text, sizeof(text)))
                        line_addf(&line, "; the device has \"%s\"", text);
                line_print(&line);
                label = "";
        }
        if (label[0] != '\0')
                print(details, label, device->fault ? "unknown" : "none");
}

static void print_failure(const struct details *details, const struct survey_device *device)
{
        const bool has_failed = device->unit && strcmp(device->unit->active, "failed") == 0;

        if (!details->survey->units.is_known || (has_failed && !device->failure))
                print(details, "Last failure", "unknown");
        else
                print(details, "Last failure", device->failure ? device->failure : "none");
}

static int print_journal(const struct details *details, const struct survey_device *device)
{
        char *lines[JOURNAL_LINES] = {};
        int n;

        if (!root_is_live(details->root))
                return 0;
        n = journal_get_last(device->unit_name, JOURNAL_LINES, lines);
        if (n > 0)
                putchar('\n');
        for (int i = 0; i < JOURNAL_LINES; i++) {
                struct line line;

                if (lines[i]) {
                        line_begin(&line, details->screen);
                        line_add(&line, lines[i], COLOUR_NONE);
                        line_print(&line);
                }
                free(lines[i]);
        }
        return n == -ENOMEM ? report_error(n, "%m") : 0;
}

int status_print_details(const struct root *root, const struct survey *survey)
{
        struct screen screen;
        const struct details details = {root, survey, &screen};
        int r = 0;

        screen_init(&screen);
        for (size_t i = 0; r >= 0 && i < survey->n_parents; i++) {
                const struct survey_parent *parent = &survey->parents[i];
                const struct survey_device *device = parent->devices; /* one, because of its UUID */

                if (i > 0)
                        putchar('\n');
                print_title(&details, parent, device);
                print_device(&details, device);
                r = print_definition(&details, device);
                print_parent(&details, parent);
                print_type(&details, parent, device);
                print_unit(&details, device);
                print_nodes(&details, device);
                print_holders(&details, device);
                print_attributes(&details, device);
                print_failure(&details, device);
        }
        /* They have one unit. */
        if (r >= 0)
                r = print_journal(&details, survey->devices);
        return screen.failed && r >= 0 ? report_error(-ENOMEM, "%m") : r;
}
