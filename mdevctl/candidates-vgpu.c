/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "candidates.h"
#include "cleanup.h"
#include "vgpus.h"

static bool load(const struct candidates *candidates, struct vgpus *vgpus)
{
        return vgpus_load(candidates->root, 0, vgpus) >= 0;
}

/* The present type, else the defined one. */
static const char *describe(const struct vgpu_function *function)
{
        if (function->type > 0)
                return function->type_name;
        return function->definition.type ? function->definition.type : function->driver;
}

void candidates_add_vgpus(struct candidates *candidates, bool with_cards)
{
        _cleanup_vgpus_ struct vgpus vgpus = {};

        if (!load(candidates, &vgpus))
                return;
        for (size_t i = 0; i < vgpus.n; i++) {
                if (with_cards && vgpus.functions[i].card[0] != '\0')
                        candidates_add(candidates, vgpus.functions[i].card, "card");
                candidates_add(candidates, vgpus.functions[i].name, describe(&vgpus.functions[i]));
        }
}

void candidates_add_vgpu_operands(struct candidates *candidates)
{
        const char *operation = candidates->arguments.operand;
        const bool is_define = strcmp(operation, "define") == 0;
        _cleanup_vgpus_ struct vgpus vgpus = {};

        if (candidates->arguments.more[0])
                return;
        if (strcmp(operation, "types") == 0)
                candidates_add_vgpus(candidates, true);
        else if ((is_define || strcmp(operation, "undefine") == 0) && load(candidates, &vgpus))
                for (size_t i = 0; i < vgpus.n; i++)
                        if (vgpus.functions[i].is_defined != is_define)
                                candidates_add(
                                        candidates, vgpus.functions[i].name, describe(&vgpus.functions[i]));
}

void candidates_add_vgpu_types(struct candidates *candidates)
{
        _cleanup_vgpus_ struct vgpus vgpus = {};

        if (!load(candidates, &vgpus))
                return;
        vgpus_select(&vgpus, candidates->arguments.more[0]);
        for (size_t i = 0; i < vgpus.n; i++) {
                const char *position = vgpus.functions[i].types;
                struct vgpu_type type;

                while (vgpu_next_type(&position, &type)) {
                        char number[32];

                        snprintf(number, sizeof(number), "number %d", type.number);
                        candidates_add(candidates, type.name, number);
                }
        }
}

void candidates_add_vgpu_attributes(struct candidates *candidates)
{
        _cleanup_vgpus_ struct vgpus vgpus = {};

        if (!load(candidates, &vgpus))
                return;
        vgpus_select(&vgpus, candidates->arguments.more[0]);
        for (size_t i = 0; i < vgpus.n; i++) {
                _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
                _cleanup_close_ int fd = -1;

                if (vgpu_function_open(candidates->root, vgpus.functions[i].name, &device) >= 0)
                        fd = vgpu_controls_open(&device);
                if (fd >= 0)
                        candidates_add_files(candidates, fd, VGPU_TYPE_FILE);
        }
}
