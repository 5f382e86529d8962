/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a running device differs from its definition
 *
 * Compares the type, and each attribute that can be read back with the last
 * value that the definition has for it. Line feeds at the end do not count.
 */

#include "survey.h"

/* The name under which a different type appears. */
#define DIFFERENCE_TYPE "mdev_type"

struct difference {
        const char *name, *defined; /* borrowed from the definition */
        char *running;
};

struct differences {
        struct difference *items; /* in the order of the definition */
        size_t n;
};

/* True if a device has a readable definition and is active under the same parent. */
bool differences_are_possible(const struct survey_device *device);

/* Finds the differences; none if the comparison is not possible. The caller frees them with
 * differences_done() in any case. -ENOMEM. */
int differences_find(const struct root *root, const struct survey_device *device, struct differences *ret);

/* Reads an attribute of an active device without line feeds at the end. False if it cannot be read, or if a
 * later device has the UUID. */
bool attribute_read(const struct device *device, const char *name, char *ret, size_t size);

/* Frees the differences. */
void differences_done(struct differences *differences);

#define _cleanup_differences_ __attribute__((cleanup(differences_done)))
