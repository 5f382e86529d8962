/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The forms in which mdevctl status prints a survey. */

#include "survey.h"
#include "vgpus.h"

/* Prints one JSON document; it has vGPUs if there are any. Reports its errors. */
int status_print_json(const struct root *root, const struct survey *survey, const struct vgpus *vgpus);

/* Prints parents and their devices, one line each and the reasons of failures below. Reports its errors. */
int status_print_tree(const struct root *root, const struct survey *survey);

/* Prints all that is known of each device. Reports its errors. */
int status_print_details(const struct root *root, const struct survey *survey);

/* Prints cards and the functions that are defined or have a type, one line each. Reports its errors. */
int status_print_vgpus(const struct vgpus *vgpus);

/* Prints all that is known of the vGPU of one function. Reports its errors. */
int status_print_vgpu(const struct root *root, const struct vgpu_function *function);

/* Makes an array of all functions. The caller frees it before the vgpus. NULL without memory. */
cJSON *status_vgpus_to_json(const struct vgpus *vgpus);
