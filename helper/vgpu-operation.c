/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "claim.h"
#include "cleanup.h"
#include "message-id.h"
#include "note-failure.h"
#include "notify.h"
#include "sandbox.h"
#include "vgpu-operation.h"

/* How long the plugin of a guest that has ended may take to exit, in ms. */
#define RELEASE_LIMIT_MS 60000
#define RELEASE_PAUSE_MS 500

/* How long the kernel may take to close what a process had open that is gone, in ms. */
#define CLOSE_LIMIT_MS 10000

int vgpu_open(struct vgpu *ret, const struct root *root, const char *function)
{
        int r;

        *ret = (struct vgpu){.root = root, .function = function, .device = BUS_DEVICE_NONE};
        unit_name_of_vgpu(ret->unit, function);
        r = vgpu_function_open(root, function, &ret->device);
        if (r < 0 && r != -ENODEV)
                return log_error_errno(
                        r, "%s: Failed to open /sys/bus/pci/devices/%s: %m", function, function);
        if (r >= 0 && !vgpu_function_get_card(&ret->device, ret->card))
                ret->card[0] = '\0';
        return r;
}

void vgpu_done(struct vgpu *vgpu)
{
        bus_device_done(&vgpu->device);
}

struct log_subject vgpu_subject(const struct vgpu *vgpu, const char *type, int r)
{
        return (struct log_subject){.parent = vgpu->card, .type = type, .unit = vgpu->unit, .r = r};
}

/* Looks outside of the sandbox, which hides the descriptors of other processes. */
static int refuse_if_open(const struct vgpu *vgpu, const struct note *note)
{
        const struct log_subject subject = vgpu_subject(vgpu, note->type, -EBUSY);
        struct holders holders;

        bus_device_find_holders(vgpu->root, &vgpu->device, &holders);
        if (!holders.in_use)
                return 0;
        notify_status("Still active: in use by %s", holders.text);
        return log_explained(LOG_ERR, MESSAGE_VGPU_IN_USE, &subject,
                "%s: keeps type %s, it is in use by %s; stop that first", vgpu->function, note->type,
                holders.text);
}

struct clearing {
        const struct vgpu *vgpu;
};

static int clear(void *userdata)
{
        const struct clearing *clearing = userdata;
        const struct vgpu *vgpu = clearing->vgpu;
        _cleanup_close_ int controls = -1;

        sandbox_enter(vgpu->root, vgpu->device.fd, -1);
        controls = vgpu_controls_open(&vgpu->device);
        return controls < 0 ? controls : vgpu_clear_type(controls);
}

/* How long to try again after an answer of the driver, while no process has the function open. */
static int get_limit(const struct vgpu *vgpu, int r)
{
        const int limit = r == -EBUSY ? RELEASE_LIMIT_MS : r == -EPERM ? CLOSE_LIMIT_MS : 0;

        return root_is_live(vgpu->root) ? limit : limit / (RELEASE_LIMIT_MS / 1000);
}

/* Returns -EBUSY if it may work later, -EOPNOTSUPP if the reason is not known. */
static int report_kept_type(const struct vgpu *vgpu, const struct note *note, int r, int waited)
{
        if (r == -EBUSY)
                return log_error_errno(r,
                        "%s: keeps type %s; no process has it open, but card %s is not done with its last "
                        "guest after %d s; stop it again later",
                        vgpu->function, note->type, vgpu->card, waited / 1000);
        (void) log_error_errno(r,
                "%s: keeps type %s; no process has it open, but card %s did not take back the type: %m; see "
                "the kernel log for the driver's reason",
                vgpu->function, note->type, vgpu->card);
        return -EOPNOTSUPP;
}

static int clear_in_time(const struct vgpu *vgpu, const struct note *note)
{
        struct clearing clearing = {vgpu};
        const struct timespec pause = {.tv_nsec = RELEASE_PAUSE_MS * 1000000L};
        int r;

        for (int waited = 0;; waited += RELEASE_PAUSE_MS) {
                r = refuse_if_open(vgpu, note);
                if (r < 0)
                        return r;
                if (sandbox_run(vgpu->function, clear, &clearing, &r) < 0)
                        return -ENOMEM;
                /* With the function, its type has gone. */
                if (r >= 0 || r == -ENOENT || r == -ENODEV)
                        return 0;
                if (waited >= get_limit(vgpu, r))
                        return report_kept_type(vgpu, note, r, waited);
                nanosleep(&pause, NULL);
        }
}

static int get_type(const struct vgpu *vgpu)
{
        _cleanup_close_ int controls = vgpu_controls_open(&vgpu->device);
        int type, r;

        if (controls < 0)
                return controls;
        r = vgpu_get_type(controls, &type);
        return r < 0 ? r : type;
}

int vgpu_give_back(const struct vgpu *vgpu, struct note *note)
{
        const int type = get_type(vgpu);
        int r;

        if (type != note->type_number || type <= 0) {
                if (type < 0 && type != -ENOENT)
                        return log_error_errno(type, "%s: Failed to read its type: %m", vgpu->function);
                if (type > 0)
                        log_info("%s: leaving type %d alone, which somebody else has set", vgpu->function,
                                type);
                else
                        log_info("%s: has no type any more", vgpu->function);
                claim_forget(vgpu->root, vgpu->function);
                return 0;
        }
        r = refuse_if_open(vgpu, note);
        if (r < 0)
                return r;
        note->state = NOTE_STOPPING;
        note->process = (int) getpid();
        r = note_save(vgpu->root, vgpu->function, note);
        if (r < 0)
                return note_report_failure(vgpu->function, r);
        r = clear_in_time(vgpu, note);
        if (r < 0) {
                /* The clean-up that follows need not wait once more. */
                note->state = NOTE_LEFT;
                note->process = 0;
                (void) note_save(vgpu->root, vgpu->function, note);
                return r;
        }
        claim_forget(vgpu->root, vgpu->function);
        log_info("%s: type %s taken back from card %s", vgpu->function, note->type, vgpu->card);
        notify_status("Without a type");
        return 0;
}
