/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the generator writes
 *
 * For every definition, in the directory systemd gives it:
 *
 *   mdev@<uuid>.service.d/50-mdev.conf                what the template cannot know: the
 *                                                     parent, the file, the journal fields,
 *                                                     which services start guests here
 *   <parent>.device.wants/mdev@<uuid>.service         if it starts with its parent; links to
 *                                                     /dev/null where one does not count
 *   mdev.target.d/50-mdev.conf                        two lines more in the same case
 *
 * A template with a drop-in, unlike a whole generated unit, can be enabled,
 * masked and edited. Nothing of a definition gets into a line that systemd
 * executes.
 */

#include <stdbool.h>

#include "definition.h"
#include "enablement.h"
#include "guest-managers.h"
#include "unit-name.h"

struct parent_names {
        const char *name;
        char unit[UNIT_NAME_SIZE];         /* its device unit, which wants what starts with it */
        char registration[UNIT_NAME_SIZE]; /* its device unit, to which units are bound */
};

struct output {
        int normal_fd;  /* below what an administrator configures */
        int early_fd;   /* above that */
        int target_fd;  /* mdev.target's drop-in, -1 until it is needed */
        int notes_fd;   /* where notes about devices are, or negative */
        bool autostart; /* as the kernel command line says */
        char guest_managers[GUEST_MANAGERS_SIZE];
};

/* Opens the two directories and asks the system what holds for all definitions. Negative errno
 * with a message logged. */
int output_open(struct output *ret, const struct env *env, const char *normal, const char *early);

/* Writes what one definition asks for. source is the path of the definition in the live system.
 * enabled tells what systemctl enable has made. Returns 0, or
 * negative errno with a message logged. */
int output_write(struct output *output, const char *source, const struct parent_names *parent,
        const char *uuid, const struct definition *definition, enum enabled enabled);

/* Masks a link that systemctl enable has made for the unit in a directory <parent>.device.wants.
 * Errors as of output_write(). */
int output_mask(const struct output *output, const char *wants, const char *uuid);

/* Closes everything. */
void output_done(struct output *output);

#define OUTPUT_NONE                                                                                         \
        {                                                                                                   \
                .normal_fd = -1, .early_fd = -1, .target_fd = -1, .notes_fd = -1                            \
        }
#define _cleanup_output_ __attribute__((cleanup(output_done)))
