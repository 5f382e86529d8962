/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "config.h"
#include "drivers.h"
#include "enablement.h"
#include "log.h"
#include "vgpus.h"

#define TEMPLATE UNIT_DIR "/vgpu@.service"
#define BUS "pci"

/* The order in which the functions of a card get their types decides what fits. systemd orders only units
 * with a job, so naming the last one would not do. */
static void add_order_of_card(struct unit_file *text, char **functions, const char *function)
{
        char unit[UNIT_NAME_SIZE];

        for (; *functions && strcmp(*functions, function) != 0; functions++)
                if (vgpu_functions_are_neighbours(*functions, function)) {
                        unit_name_of_vgpu(unit, *functions);
                        unit_file_add(text, "After=%s\n", unit);
                }
}

static int write_units(const struct root *root, struct output *output, int overrides_fd, char **functions,
        const char *function, const struct definition *definition)
{
        char unit[UNIT_NAME_SIZE], wanting[UNIT_NAME_SIZE], bound[UNIT_NAME_SIZE], driver[UNIT_NAME_SIZE];
        struct unit_file text = {.size = 0};
        int r;

        unit_name_of_vgpu(unit, function);
        r = unit_name_of_bus_device(wanting, BUS, function);
        if (r >= 0)
                r = unit_name_of_bus_device_driver(bound, BUS, function);
        if (r < 0)
                return r;
        unit_file_add(&text, UNIT_FILE_HEADER "[Unit]\nSourcePath=" VGPU_DIR "/%s\n", function);
        unit_file_add(&text, "Description=vGPU ");
        unit_file_add_literal(&text, definition->type);
        unit_file_add(&text, " on %s\nBindsTo=%s\nAfter=%s\n", function, bound, bound);
        if (drivers_find_unit(overrides_fd, function, driver))
                unit_file_add(&text, "After=%s\n", driver);
        add_order_of_card(&text, functions, function);
        output_add_order(output, &text);
        unit_file_add(&text, "\n[Service]\nLogExtraFields=");
        unit_file_add_word(&text, "MDEV_TYPE", definition->type);
        unit_file_add(&text, "\n\n[Install]\nWantedBy=%s\n", wanting);

        r = output_drop_in(output, unit, &text);
        if (r >= 0 && (definition->autostart || !output->autostart))
                r = output_want(output, unit, wanting, TEMPLATE);
        if (r >= 0 && output->autostart && (definition->autostart || unit_is_enabled(root, wanting, unit)))
                r = output_add_to_target(output, unit);
        return r;
}

static void warn_of_skipped(const char *name, void *userdata)
{
        (void) userdata;
        log_warning(VGPU_DIR
                "/%s: is not named by the address of a PCI function, such as 0000:41:00.4, ignoring",
                name);
}

int vgpus_generate(const struct root *root, struct output *output, int dirfd, int overrides_fd)
{
        _cleanup_vgpu_names_ char **functions = NULL;
        int r = 0, n;

        n = vgpu_definitions_list(dirfd, &functions, warn_of_skipped, NULL);
        if (n < 0)
                return log_error_errno(n, VGPU_DIR ": %m");
        for (int i = 0; i < n; i++) {
                _cleanup_definition_ struct definition definition = {};
                char source[sizeof(VGPU_DIR) + 1 + NAME_MAX];
                struct reason reason;
                int k;

                snprintf(source, sizeof(source), VGPU_DIR "/%s", functions[i]);
                if (vgpu_definition_load(dirfd, functions[i], &definition, &reason) < 0) {
                        log_warning("%s: %s, ignoring", source, reason.text);
                        continue;
                }
                k = write_units(root, output, overrides_fd, functions, functions[i], &definition);
                k = output_report(k, source);
                r = r < 0 ? r : k;
        }
        return r;
}
