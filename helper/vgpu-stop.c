/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stop of a vGPU, and the clean-up after it
 *
 * Only a type that a start of this unit has given or adopted is taken back. The
 * note says which one.
 */

#include <errno.h>

#include "claim.h"
#include "vgpu-operation.h"

int vgpu_stop(const struct root *root, const char *function)
{
        _cleanup_vgpu_ struct vgpu vgpu;
        struct note note;
        int r = vgpu_open(&vgpu, root, function);

        if (r == -ENODEV) {
                log_info("%s: the function is gone already, and its type with it", function);
                return 0;
        }
        if (r < 0)
                return r;
        if (note_load(root, function, &note) < 0 || note.device != vgpu.device.inode) {
                log_info("%s: has no type of this unit", function);
                return 0;
        }
        return vgpu_give_back(&vgpu, &note);
}

static int give_back(const struct root *root, const struct claim *claim, struct note *note)
{
        (void) root;
        return vgpu_give_back(claim->userdata, note);
}

int vgpu_clean_up(const struct root *root, const char *function)
{
        _cleanup_vgpu_ struct vgpu vgpu;
        struct claim claim = {.name = function, .give_back = give_back, .userdata = &vgpu};
        struct note note;
        int r = vgpu_open(&vgpu, root, function);

        if ((r < 0 && r != -ENODEV) || note_load(root, function, &note) < 0)
                return r == -ENODEV ? 0 : r;
        claim.device = r < 0 ? 0 : vgpu.device.inode;
        return claim_clean_up(root, &claim, &note);
}
