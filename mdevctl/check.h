/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * mdevctl check: what is wrong, or will go wrong
 *
 * Each code of a finding has one function, which looks for it in a survey of
 * the whole system: a definition may conflict with any other. The table
 * check_codes names them all. Checks do not fail; what cannot be read gives no
 * finding.
 */

#include "finding.h"
#include "root.h"
#include "survey.h"
#include "vgpus.h"

struct check {
        const struct root *root;
        const struct survey *survey;
        const struct vgpus *vgpus;            /* NULL if vGPUs are not looked at */
        const struct survey_device **by_uuid; /* the devices of the survey, sorted by UUID and parent */
        struct findings findings;
};

struct check_code {
        const char *name;
        enum finding_level level; /* unless the function raises it */
        void (*function)(struct check *check);
        bool compares_devices; /* needs all devices of a parent to find something about one */
};
extern const struct check_code check_codes[_FINDING_CODES];

/* Finds the devices of a UUID under all parents. Returns their number and sets *ret to the first in
 * check->by_uuid. */
size_t check_find(const struct check *check, const char *uuid, const struct survey_device *const **ret);

/* Finds the parent of a device. */
const struct survey_parent *check_get_parent(const struct check *check, const char *parent);

/* True if the device is active as its definition under the same parent describes it. */
bool check_is_as_defined(const struct survey_device *device);

/* True if systemd will start the device with its parent: the definition is automatic or the unit enabled,
 * and nothing masks it. */
bool check_starts_by_itself(const struct check *check, const struct survey_device *device);

/* True if the device has, or gets, queues of a vfio_ap parent. */
bool check_has_queues(const struct survey_device *device);

/* Adds a finding about a device, with its definition as the file if it has one. */
struct finding *check_add(struct check *check, enum finding_code code, const struct survey_device *device);

void check_ap_queue_absent(struct check *check);
void check_ap_queue_host(struct check *check);
void check_ap_queue_shared(struct check *check);
void check_attribute_unknown(struct check *check);
void check_definition_unreadable(struct check *check);
void check_driver_differs(struct check *check);
void check_enablement_stale(struct check *check);
void check_in_use_undefined(struct check *check);
void check_instances_exceeded(struct check *check);
void check_name_not_uuid(struct check *check);
void check_not_applied(struct check *check);
void check_other_autostart(struct check *check);
void check_parent_absent(struct check *check);
void check_type_unsupported(struct check *check);
void check_unit_differs(struct check *check);
void check_uuid_ambiguous(struct check *check);
void check_value_differs(struct check *check);
void check_vgpu_absent(struct check *check);
void check_vgpu_differs(struct check *check);
void check_vgpu_exceeded(struct check *check);
void check_vgpu_not_creatable(struct check *check);
void check_vgpu_undefined(struct check *check);

/* Adds what makes definitions of vGPUs unusable; a part of check_definition_unreadable(). */
void check_vgpu_unreadable(struct check *check);

/* Prints the errors and warnings that concern one device to stderr, for a command that has just defined,
 * changed or started it. Does not ask systemd. Reads other definitions only where they may conflict with
 * this one, because reading 2000 takes 340 ms. The parent may be NULL if only one defines the device. */
void check_warn(const struct root *root, const char *uuid, const char *parent);

/* The same for the vGPU of a function. */
void check_warn_of_vgpu(const struct root *root, const char *function);
