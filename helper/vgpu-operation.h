/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The operations of vgpu-helper, and what they share
 *
 * They are those of operation.h, for the vGPU of a PCI function; see vgpu.h. A function is
 * its PCI address.
 */

#include "log.h"
#include "note.h"
#include "unit-name.h"
#include "vgpu.h"

/* Gives the function the type of its definition, or adopts that type. If that fails, vgpu_clean_up() takes
 * the type back. */
int vgpu_start(const struct root *root, const char *function);

/* Takes back the type that a start has given or adopted, unless a process has the function open. Needs no
 * definition. */
int vgpu_stop(const struct root *root, const char *function);

/* Runs after every stop and every failed start: takes back the type of an unfinished one. */
int vgpu_clean_up(const struct root *root, const char *function);

/* A function while an operation runs. */
struct vgpu {
        const struct root *root;
        const char *function;      /* its address, and the name of its note; borrowed */
        struct bus_device device;  /* its descriptors are -1 if it is absent */
        char card[NAME_MAX + 1];   /* the physical function */
        char unit[UNIT_NAME_SIZE]; /* of the vGPU */
};

/* Opens the function; the caller ends it with vgpu_done(). -ENODEV without a message if it is absent, or
 * another negative errno with one. */
int vgpu_open(struct vgpu *ret, const struct root *root, const char *function);

/* Closes the function. */
void vgpu_done(struct vgpu *vgpu);

/* What a message about the vGPU is about. */
struct log_subject vgpu_subject(const struct vgpu *vgpu, const char *type, int r);

/* Takes back the type in the note and forgets the claim. Leaves another type alone, and one that is gone.
 * Logs the outcome. -EBUSY if a process has the function open, or the driver is not done with it in time. */
int vgpu_give_back(const struct vgpu *vgpu, struct note *note);

#define _cleanup_vgpu_ __attribute__((cleanup(vgpu_done)))
