/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writes the output of the generator: for every definition,
 *
 *   mdev@<uuid>.service.d/50-mdev.conf          the parent, the file, the journal fields, and
 *                                               the installed services that start guests
 *   <parent>.device.wants/mdev@<uuid>.service   if the device starts with its parent; a link
 *                                               to /dev/null masks a link that does not count
 *   mdev.target.d/50-mdev.conf                  two lines if the device starts with its parent
 *
 * and for every configured driver the same drop-in and link for mdev-driver@<bus>-<device>.service, and
 * for every vGPU for vgpu@<function>.service
 *
 * Users can enable, mask and edit a template with a drop-in, unlike a generated
 * unit. No text of a definition gets into a line that systemd executes.
 */

#include <stdbool.h>

#include "definition.h"
#include "enablement.h"
#include "guest-managers.h"
#include "unit-file.h"
#include "unit-name.h"

struct parent_names {
        const char *name;
        char unit[UNIT_NAME_SIZE];         /* its device unit, which wants the units that start with it */
        char registration[UNIT_NAME_SIZE]; /* its device unit, to which units are bound */
        char driver[UNIT_NAME_SIZE];       /* the unit that gives it its driver, or empty */
};

struct output {
        int normal_fd;  /* systemd reads /etc before this directory */
        int early_fd;   /* systemd reads this directory before /etc */
        int target_fd;  /* mdev.target's drop-in, -1 until it is needed */
        int notes_fd;   /* NOTES_DIR, or negative */
        bool autostart; /* from the kernel command line */
        char guest_managers[GUEST_MANAGERS_SIZE];
};

/* Opens the two directories and reads the settings that apply to all definitions. On success, close *ret
 * with output_done(). On error, logs it and returns a negative errno. */
int output_open(struct output *ret, const struct root *root, const char *normal, const char *early);

/* Writes the drop-ins and links of one definition. source is the path of the definition in the live system,
 * enabled the state from the links of "systemctl enable". Returns 0, or logs the error and returns a
 * negative errno. */
int output_write(struct output *output, const char *source, const struct parent_names *parent,
        const char *uuid, const struct definition *definition, enum enabled enabled);

/* Masks a link of "systemctl enable" for the unit in the directory wants, a <parent>.device.wants. Returns
 * errors like output_write(). */
int output_mask(const struct output *output, const char *wants, const char *uuid);

/* Writes the drop-in of a unit. Returns 1 if the unit has one already, or a negative errno. */
int output_drop_in(const struct output *output, const char *unit, const struct unit_file *text);

/* Orders a unit before the installed services that start guests. */
void output_add_order(const struct output *output, struct unit_file *text);

/* Makes mdev.target wait for a unit that starts by itself. Returns 0 or a negative errno. */
int output_add_to_target(struct output *output, const char *unit);

/* Makes a device unit want a unit, which is an instance of the template. If the kernel command line forbids
 * automatic starts, removes that want instead: a link to /dev/null masks the link of "systemctl enable".
 * Returns 0 or a negative errno. */
int output_want(
        const struct output *output, const char *unit, const char *device_unit, const char *template);

/* Logs an error r of writing the units of a file or unit, if it is one. Returns r. */
int output_report(int r, const char *what);

/* Closes all file descriptors. */
void output_done(struct output *output);

#define OUTPUT_NONE                                                                                         \
        {                                                                                                   \
                .normal_fd = -1, .early_fd = -1, .target_fd = -1, .notes_fd = -1                            \
        }
#define _cleanup_output_ __attribute__((cleanup(output_done)))
