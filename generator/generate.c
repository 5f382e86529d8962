/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "definitions.h"
#include "drivers.h"
#include "enablement.h"
#include "generate.h"
#include "log.h"
#include "output.h"
#include "override.h"
#include "vgpus.h"

/* State for all definitions, and for those of the current parent. */
struct generation {
        const struct root *root;
        struct output output;
        struct enablement enablement;
        int overrides_fd; /* OVERRIDES_DIR, or negative */
        int vgpus_fd;     /* VGPU_DIR, or negative */
        char parent_name[NAME_MAX + 1];
        struct parent_names parent;
        bool parent_is_usable;
};

static void generation_done(struct generation *generation)
{
        output_done(&generation->output);
        enablement_done(&generation->enablement);
        cleanup_close(&generation->overrides_fd);
        cleanup_close(&generation->vgpus_fd);
}
#define _cleanup_generation_ __attribute__((cleanup(generation_done)))

/* Sets the names of the parent's units at its first definition. Returns false if they are too long. */
static bool enter_parent(struct generation *generation, const char *name)
{
        if (generation->parent.name && strcmp(name, generation->parent_name) == 0)
                return generation->parent_is_usable;
        strcpy(generation->parent_name, name);
        generation->parent.name = generation->parent_name;
        generation->parent_is_usable = unit_name_of_parent(generation->parent.unit, name) >= 0 &&
                                       unit_name_of_registration(generation->parent.registration, name) >= 0;
        (void) drivers_find_unit(generation->overrides_fd, name, generation->parent.driver);
        if (!generation->parent_is_usable)
                log_warning(DEFINITIONS_DIR "/%s: the name is too long for the name of a unit, ignoring the "
                                            "definitions in it",
                        name);
        return generation->parent_is_usable;
}

/* A stray link enables the unit under a parent that does not define it. It counts for the parent that does.
 * Mask it under the other one: a start from there would wait for the defining parent and fail. */
static int follow_strays(struct generation *generation, const char *source, const char *uuid)
{
        const struct enablement_link *link;
        size_t index = 0;
        int r = 0;

        while ((link = enablement_next_stray(&generation->enablement, generation->root, uuid, &index))) {
                int k = output_mask(&generation->output, link->directory->name, uuid);

                log_warning(
                        "%s/mdev@%s.service: enables the unit under parent %s, but the definition is %s; "
                        "the device starts with parent %s instead; run \"systemctl reenable "
                        "mdev@%s.service\" to move the link",
                        link->directory->path, uuid, link->directory->parent, source,
                        generation->parent_name, uuid);
                r = r < 0 ? r : k;
        }
        return r;
}

static int generate_definition(struct generation *generation, const struct definitions_walk *walk)
{
        _cleanup_definition_ struct definition definition = {};
        char source[sizeof(DEFINITIONS_DIR) + sizeof(walk->path)];
        struct reason reason;
        enum enabled enabled;
        int r, k;

        snprintf(source, sizeof(source), DEFINITIONS_DIR "%s", walk->path);
        if (definition_load(walk->dirfd, walk->uuid, &definition, &reason) < 0) {
                log_warning("%s: %s, ignoring", source, reason.text);
                return 0;
        }
        enabled = enablement_get(&generation->enablement, generation->root, walk->parent, walk->uuid);
        r = output_write(&generation->output, source, &generation->parent, walk->uuid, &definition, enabled);
        k = follow_strays(generation, source, walk->uuid);
        return r < 0 ? r : k;
}

static int generate_definitions(struct generation *generation, struct definitions_walk *walk)
{
        struct reason reason;
        int r = 0, k;

        k = enablement_load(generation->root, &generation->enablement);
        if (k < 0)
                log_warning_errno(
                        k, "Failed to read which units are enabled: %m, ignoring the rest of them");

        while ((k = definitions_next(walk, &reason)) != 0) {
                if (k < 0)
                        log_warning(DEFINITIONS_DIR "%s: %s", walk->path, reason.text);
                else if (enter_parent(generation, walk->parent)) {
                        k = generate_definition(generation, walk);
                        r = r < 0 ? r : k;
                }
        }
        return r;
}

int units_generate(const struct root *root, const char *normal, const char *early)
{
        _cleanup_definitions_ struct definitions_walk walk = DEFINITIONS_WALK_NONE;
        _cleanup_generation_ struct generation generation = {
                .root = root, .output = OUTPUT_NONE, .overrides_fd = -1, .vgpus_fd = -1};
        int definitions, r = 0, k;

        definitions = definitions_open(root, DEFINITIONS_DIR, &walk);
        if (definitions < 0 && definitions != -ENOENT)
                (void) log_error_errno(definitions, DEFINITIONS_DIR ": %m");
        if (!driverctl_is_in_charge(root))
                generation.overrides_fd = overrides_open(root);
        generation.vgpus_fd = vgpu_definitions_open(root);
        if (generation.vgpus_fd < 0 && generation.vgpus_fd != -ENOENT)
                (void) log_error_errno(generation.vgpus_fd, VGPU_DIR ": %m");
        if (definitions >= 0 || generation.overrides_fd >= 0 || generation.vgpus_fd >= 0)
                r = output_open(&generation.output, root, normal, early);
        if (r >= 0 && generation.overrides_fd >= 0)
                r = drivers_generate(&generation.output, generation.overrides_fd);
        if (generation.vgpus_fd >= 0 && generation.output.normal_fd >= 0) {
                k = vgpus_generate(root, &generation.output, generation.vgpus_fd, generation.overrides_fd);
                r = r < 0 ? r : k;
        }
        if (definitions >= 0 && generation.output.normal_fd >= 0) {
                k = generate_definitions(&generation, &walk);
                r = r < 0 ? r : k;
        }
        return definitions < 0 && definitions != -ENOENT ? definitions : r;
}
