/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Start of a vGPU
 *
 * Wait for the driver's directory, find the number of the type, write it, read
 * it back, and write the attributes. A function that has this type already is
 * adopted; one with another type is left as it is. The clean-up takes back the
 * type of a start that fails.
 *
 * The driver registers the function with VFIO first and makes its directory
 * later, without an event. So the start is the one that waits. The functions of a
 * card start one after the other. The limit therefore counts from the time at which
 * the function was ready for it: if the directories never come, the first start
 * waits for all.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "attributes.h"
#include "cancellation.h"
#include "cleanup.h"
#include "message-id.h"
#include "note-failure.h"
#include "notify.h"
#include "sandbox.h"
#include "text.h"
#include "vgpu-operation.h"

#define CONTROLS_LIMIT_MS 30000
#define CONTROLS_PAUSE_MS 100

static int load_definition(const struct root *root, const char *function, struct definition *ret)
{
        _cleanup_close_ int fd = vgpu_definitions_open(root);
        struct reason reason;
        int r = fd < 0 ? fd : vgpu_definition_load(fd, function, ret, &reason);

        if (r >= 0)
                return 0;
        if (r == -ENOENT)
                log_error("%s: not defined; there is no file " VGPU_DIR "/%s", function, function);
        else if (fd < 0)
                log_error_errno(r, "%s: Failed to read " VGPU_DIR ": %m", function);
        else
                log_error(VGPU_DIR "/%s: %s", function, reason.text);
        return r == -ENOENT ? r : -EBADMSG;
}

static bool is_there(const struct vgpu *vgpu)
{
        _cleanup_bus_device_ struct bus_device now = BUS_DEVICE_NONE;

        return vgpu_function_open(vgpu->root, vgpu->function, &now) >= 0 && now.inode == vgpu->device.inode;
}

static int report_loss(const struct vgpu *vgpu)
{
        log_error("%s: the function disappeared during the start", vgpu->function);
        return -ENODEV;
}

static int report_not_ready(const struct vgpu *vgpu, const char *type, int64_t age)
{
        const struct log_subject subject = vgpu_subject(vgpu, type, -ENODEV);
        char driver[NAME_MAX + 1] = "";

        (void) bus_device_get_driver(&vgpu->device, driver);
        return log_explained(LOG_ERR, MESSAGE_VGPU_NOT_READY, &subject,
                "%s: the function has no directory " VGPU_CONTROLS "/ after %lld s; %s%s is bound to it",
                vgpu->function, (long long) age / 1000, driver[0] ? "driver " : "no driver", driver);
}

/* Returns a file descriptor of the controls and sets *ret_type to the present type. */
static int await_controls(const struct vgpu *vgpu, const char *type, int *ret_type)
{
        const struct timespec pause = {.tv_nsec = CONTROLS_PAUSE_MS * 1000000L};
        const int limit = root_is_live(vgpu->root) ? CONTROLS_LIMIT_MS : 10 * CONTROLS_PAUSE_MS;

        for (int waited = 0;; waited += CONTROLS_PAUSE_MS) {
                const int64_t known_age = vgpu_function_get_age(vgpu->root, &vgpu->device),
                              age = known_age < 0 ? waited : known_age;
                _cleanup_close_ int fd = vgpu_controls_open(&vgpu->device);
                /* The directory may be there before its files. */
                int r = fd < 0 ? fd : vgpu_get_type(fd, ret_type);

                if (r >= 0)
                        return TAKE_FD(fd);
                if (cancellation_requested())
                        return -EINTR;
                if (!is_there(vgpu))
                        return report_loss(vgpu);
                if (r != -ENOENT)
                        return log_error_errno(r, "%s: Failed to read its type: %m", vgpu->function);
                if (age >= limit)
                        return report_not_ready(vgpu, type, age);
                nanosleep(&pause, NULL);
        }
}

struct start {
        struct vgpu vgpu;
        struct definition definition;
};

static void start_done(struct start *start)
{
        vgpu_done(&start->vgpu);
        definition_done(&start->definition);
}

static int save_note(const struct start *start, enum note_state state, int type_number)
{
        const char *const function = start->vgpu.function;
        struct note note = {
                .state = state,
                .process = (int) getpid(),
                .device = start->vgpu.device.inode,
                .type_number = type_number,
        };
        int r;

        strcpy(note.parent, start->vgpu.card);
        strcpy(note.type, start->definition.type);
        r = note_save(start->vgpu.root, function, &note);
        return r >= 0 || r == -EINTR ? r : note_report_failure(function, r);
}

/* A present type that is the wanted one serves as well as a new one. */
static int adopt(const struct start *start, int present)
{
        const struct vgpu *vgpu = &start->vgpu;
        const char *const wanted = start->definition.type;
        const struct log_subject subject = vgpu_subject(vgpu, wanted, -EEXIST);
        const enum vgpu_match match = vgpu_match_type(vgpu->root, &vgpu->device, wanted, present);
        char name[VGPU_TYPE_NAME_SIZE];
        int r;

        if (match != VGPU_MATCH_SAME) {
                vgpu_name_type(vgpu->root, &vgpu->device, present, name);
                if (match == VGPU_MATCH_OTHER)
                        return log_explained(LOG_ERR, MESSAGE_VGPU_TYPE_DIFFERS, &subject,
                                "%s: has type %s already, but " VGPU_DIR
                                "/%s defines type %s; nothing changed",
                                vgpu->function, name, vgpu->function, wanted);
                return log_explained(LOG_ERR, MESSAGE_VGPU_TYPE_DIFFERS, &subject,
                        "%s: has type %s already; whether that is %s, which " VGPU_DIR
                        "/%s defines, is unknown while no function of the card lists it; nothing changed",
                        vgpu->function, name, wanted, vgpu->function);
        }
        r = save_note(start, NOTE_ACTIVE, present);
        if (r < 0)
                return r;
        log_info("%s: had type %s already; nothing changed", vgpu->function, wanted);
        notify_status("Adopted: type %s on card %s", wanted, vgpu->card);
        return 0;
}

static int report_not_creatable(const struct start *start, const char *list, int r)
{
        const struct vgpu *vgpu = &start->vgpu;
        const struct log_subject subject = vgpu_subject(vgpu, start->definition.type, r);
        char offered[400] = "";
        struct vgpu_type type;

        while (vgpu_next_type(&list, &type)) {
                char item[VGPU_TYPE_NAME_SIZE + 32];

                snprintf(item, sizeof(item), "%s (%d)", type.name, type.number);
                text_list(offered, sizeof(offered), item);
        }
        return log_explained(LOG_ERR, MESSAGE_VGPU_NOT_CREATABLE, &subject,
                "%s: card %s cannot create type %s now; it offers %s", vgpu->function, vgpu->card,
                start->definition.type,
                offered[0] ? offered
                           : "no type, because it is full or because MIG or another mode is missing");
}

static int report_refusal(const struct start *start, int r)
{
        const struct vgpu *vgpu = &start->vgpu;
        const struct log_subject subject = vgpu_subject(vgpu, start->definition.type, r);

        (void) log_explained(LOG_ERR, MESSAGE_VGPU_NOT_CREATABLE, &subject,
                "%s: card %s refused type %s: %m; see the kernel log for the driver's reason",
                vgpu->function, vgpu->card, start->definition.type);
        return -EOPNOTSUPP;
}

static bool target_is_there(const struct attribute_target *target)
{
        return is_there(target->userdata);
}

static int write_attributes(const struct start *start, int controls)
{
        const struct vgpu *vgpu = &start->vgpu;
        const struct attribute_target target = {
                .name = vgpu->function,
                .fd = controls,
                .subject = vgpu_subject(vgpu, start->definition.type, 0),
                .refusal_id = MESSAGE_VGPU_ATTRIBUTE_REFUSED,
                .is_there = target_is_there,
                .userdata = vgpu,
        };
        const int r = attributes_write(&target, &start->definition);

        return r == -ENODEV ? report_loss(vgpu) : r;
}

/* Gives the function its type, or adopts the one that another program has set at the same moment. */
static int set_type(const struct start *start, int controls, const struct vgpu_type *type)
{
        const struct vgpu *vgpu = &start->vgpu;
        int r, present = 0;

        r = save_note(start, NOTE_CREATING, type->number);
        if (r < 0)
                return r;
        r = cancellation_requested() ? -EINTR : vgpu_set_type(controls, type->number);
        if (cancellation_requested())
                return -EINTR;
        if (r < 0 && !is_there(vgpu))
                return report_loss(vgpu);
        if (r == -EPERM && vgpu_get_type(controls, &present) >= 0 && present != 0) {
                /* The type is not this start's, so the clean-up must not take it back. */
                (void) save_note(start, NOTE_LEFT, 0);
                return adopt(start, present);
        }
        if (r < 0)
                return report_refusal(start, r);
        r = vgpu_get_type(controls, &present);
        if (r < 0)
                return log_error_errno(r, "%s: Failed to read its type: %m", vgpu->function);
        if (present == type->number)
                return 1;
        log_error("%s: the driver took type %s (%d), but now reports %d", vgpu->function, type->name,
                type->number, present);
        return -EIO;
}

static int run(void *userdata)
{
        const struct start *start = userdata;
        const struct vgpu *vgpu = &start->vgpu;
        _cleanup_close_ int controls = -1;
        char list[VGPU_TYPES_SIZE];
        struct vgpu_type type;
        int present = 0, r;

        sandbox_enter(vgpu->root, vgpu->device.fd, -1);
        controls = await_controls(vgpu, start->definition.type, &present);
        if (controls < 0)
                return controls;
        if (present != 0)
                return adopt(start, present);
        r = vgpu_read_types(controls, list);
        if (r < 0)
                return log_error_errno(r, "%s: Failed to read the types of the card: %m", vgpu->function);
        if (!vgpu_find_type(list, start->definition.type, &type))
                return report_not_creatable(start, list, -EOPNOTSUPP);
        r = set_type(start, controls, &type);
        if (r <= 0)
                return r;
        r = write_attributes(start, controls);
        if (r >= 0)
                r = save_note(start, NOTE_ACTIVE, type.number);
        if (r < 0)
                return r;
        log_info("%s: type %s (%d) set on card %s, %zu attributes set", vgpu->function, type.name,
                type.number, vgpu->card, definition_count_attributes(&start->definition));
        notify_status("Type %s on card %s", type.name, vgpu->card);
        return 0;
}

int vgpu_start(const struct root *root, const char *function)
{
        __attribute__((cleanup(start_done))) struct start start = {.vgpu = {.device = BUS_DEVICE_NONE}};
        int r, done;

        cancellation_watch();
        r = load_definition(root, function, &start.definition);
        if (r < 0)
                return r;
        r = vgpu_open(&start.vgpu, root, function);
        if (r == -ENODEV)
                log_error("%s: there is no PCI function of this address; is SR-IOV enabled on its card?",
                        function);
        if (r < 0)
                return r;
        if (start.vgpu.card[0] == '\0') {
                log_error("%s: is not a virtual function of SR-IOV, and only such a function can be a vGPU",
                        function);
                return -EOPNOTSUPP;
        }
        r = sandbox_run(function, run, &start, &done);
        if (r < 0)
                return -ENOMEM;
        return done == -EINTR ? cancellation_report(root, function) : done;
}
