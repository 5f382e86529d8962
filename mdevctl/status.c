/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "commands.h"
#include "report.h"
#include "status.h"

/* The exit statuses of systemctl status. */
enum {
        EXIT_ACTIVE = 0,
        EXIT_NOT_ACTIVE = 3,
        EXIT_UNKNOWN = 4,
};

/* One of several devices of the UUID is enough. */
static int get_exit_status(const struct survey *survey)
{
        for (size_t i = 0; i < survey->n_devices; i++)
                if (survey->devices[i].is_active)
                        return EXIT_ACTIVE;
        return survey->n_devices > 0 ? EXIT_NOT_ACTIVE : EXIT_UNKNOWN;
}

static int print_details(
        const struct root *root, const struct survey *survey, const struct inventory_filter *filter)
{
        if (survey->n_devices > 0)
                return status_print_details(root, survey);
        report_warning("device %s is neither defined nor active%s%s", filter->uuid,
                filter->parent ? " under parent " : "", filter->parent ? filter->parent : "");
        return 0;
}

/* A function may have been named as a parent: it is one under an older driver. */
static int print_tree(
        const struct root *root, const struct survey *survey, const struct vgpus *vgpus, const char *parent)
{
        int r = status_print_tree(root, survey);

        if (r < 0 || vgpus->n == 0)
                return r;
        return parent && vgpus->n == 1 && strcmp(vgpus->functions[0].name, parent) == 0
                       ? status_print_vgpu(root, &vgpus->functions[0])
                       : status_print_vgpus(vgpus);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        _cleanup_survey_ struct survey survey = {};
        _cleanup_vgpus_ struct vgpus vgpus = {};
        const bool one_uuid = arguments_have(arguments, OPTION_UUID);
        const bool is_tree = !one_uuid && !arguments_have(arguments, OPTION_JSON);
        const struct inventory_filter filter = {
                .uuid = one_uuid ? arguments->uuid : NULL,
                .parent = arguments->values[OPTION_PARENT],
        };
        int r;

        r = survey_make(root, &filter,
                SURVEY_TYPES | SURVEY_NODES | SURVEY_UNITS | SURVEY_HOLDERS | SURVEY_FAILURES |
                        (is_tree ? 0 : SURVEY_SINCE),
                &survey);
        if (r < 0)
                return r;
        survey_warn(&survey);
        if (!one_uuid) {
                r = vgpus_load(root, VGPUS_UNITS | VGPUS_HOLDERS, &vgpus);
                if (r < 0)
                        return r;
                vgpus_warn(root, &vgpus, filter.parent);
                vgpus_select(&vgpus, filter.parent);
        }
        if (arguments_have(arguments, OPTION_JSON))
                r = status_print_json(root, &survey, &vgpus);
        else if (one_uuid)
                r = print_details(root, &survey, &filter);
        else
                r = print_tree(root, &survey, &vgpus, filter.parent);
        if (r < 0)
                return r;
        return one_uuid ? get_exit_status(&survey) : EXIT_ACTIVE;
}

const struct command command_status = {
        .name = "status",
        .summary = "Show parents, devices, their units and holders",
        .details = "With --uuid, the exit status is 0 if the device is active, 3 if it is not, and 4 if no\n"
                   "definition and no active device has that UUID.",
        .usage = "[OPTIONS]",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "Only the device with this UUID"},
                        {OPTION_PARENT, "Only this parent and its devices"},
                        {OPTION_JSON, "Print JSON"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
        .has_status = true,
};
