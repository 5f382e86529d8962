/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * vGPUs of NVIDIA's vendor-specific VFIO framework
 *
 * On newer kernels, NVIDIA's driver has no mediated devices. A vGPU is an SR-IOV virtual function with a
 * type: the driver gives each function a directory nvidia/ in sysfs, and the number of a type, written to
 * its file current_vgpu_type, makes the vGPU. 0 takes it back. Numbers belong to one card and one release of
 * the driver; names are stable. This file and its source hold all that is known of the interface.
 *
 * A definition is a file VGPU_DIR/<function>, named by the PCI address, see definition.h. Each becomes a
 * unit, vgpu@<function>.service.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bus-device.h"
#include "definition.h"

#define VGPU_BASE_DIR "/etc"
#define VGPU_NAME "vgpu.d"
#define VGPU_DIR VGPU_BASE_DIR "/" VGPU_NAME

/* The driver's directory of a function. */
#define VGPU_CONTROLS "nvidia"

/* The file in it that sets the type. */
#define VGPU_TYPE_FILE "current_vgpu_type"

/* sysfs gives at most one page. */
#define VGPU_TYPES_SIZE 4097

/* No name of a type is longer than the line that holds it. */
#define VGPU_TYPE_NAME_SIZE 256

struct vgpu_type {
        int number;
        char name[VGPU_TYPE_NAME_SIZE];
};

/* True if two addresses have the same domain and bus, as functions of one card usually do. */
bool vgpu_functions_are_neighbours(const char *a, const char *b);

/* Opens VGPU_DIR. Returns a file descriptor, or a negative errno, -ENOENT without one. */
int vgpu_definitions_open(const struct root *root);

/* Lists the names of the definitions in the directory open at dirfd, in the order of the addresses. Skips
 * other names, each of which goes to skipped unless that is NULL. Sets *ret to an array that ends with NULL,
 * or to NULL if it would be empty; the caller frees it with vgpu_names_free(). Returns the number of names,
 * or a negative errno. */
int vgpu_definitions_list(
        int dirfd, char ***ret, void (*skipped)(const char *name, void *userdata), void *userdata);

/* Frees an array of names. */
void vgpu_names_free(char ***names);

/* Reads a definition of that directory; errors and ownership are those of definition_load(). */
int vgpu_definition_load(int dirfd, const char *function, struct definition *ret, struct reason *reason);

/* Opens a function; the caller ends it with bus_device_done(). -ENODEV if it is absent. */
int vgpu_function_open(const struct root *root, const char *function, struct bus_device *ret);

/* Makes udev look at a function again: it tags one for systemd only if the definition exists at the time of
 * an event. Returns 1, 0 if the function is absent and will announce itself, or a negative errno. */
int vgpu_function_announce(const struct root *root, const char *function);

/* True if the function is one of SR-IOV, which alone can be a vGPU. Gets the address of the physical
 * function, of the whole card. */
bool vgpu_function_get_card(const struct bus_device *function, char ret[static NAME_MAX + 1]);

/* Gets how long the function has been ready for the driver's directory, in ms: since it appeared, or since a
 * driver registered it with VFIO, whichever is later. These are facts of the kernel, so that no program
 * has to remember them. -1 if unknown. */
int64_t vgpu_function_get_age(const struct root *root, const struct bus_device *function);

/* Opens the directory of controls. Returns a file descriptor; -ENOENT until the driver has made it. */
int vgpu_controls_open(const struct bus_device *function);

/* Gets the number of the present type, 0 if there is none. -EBADMSG if it is no number. */
int vgpu_get_type(int controls_fd, int *ret);

/* Sets the type. -EPERM if there is one already, -EIO, -ENODEV, -EINVAL or -ENOSPC if it cannot be created;
 * see vgpu_clear_type() for 0. */
int vgpu_set_type(int controls_fd, int number);

/* Takes the type back; success if there is none afterwards. Otherwise, the driver's answer: some releases
 * say -EPERM while the function is open, others -EBUSY, and all say -EBUSY while they are not done with a
 * guest that has ended. */
int vgpu_clear_type(int controls_fd);

/* Reads the types that can be created now into a buffer for vgpu_next_type(). */
int vgpu_read_types(int controls_fd, char ret[static VGPU_TYPES_SIZE]);

/* Takes the next type off a list of lines "<number> : <name>" and advances the position. Other lines, such
 * as a heading, are skipped. False after the last one. */
bool vgpu_next_type(const char **position, struct vgpu_type *ret);

/* True if a definition's type is a number, and gets it. */
bool vgpu_type_is_number(const char *type, int *ret);

/* Finds the type that a definition wants, a name or a number, in a list. */
bool vgpu_find_type(const char *list, const char *wanted, struct vgpu_type *ret);

/* Finds it in the lists of the other functions of the card, too: the driver lists only what can be created
 * now, and that may be nothing for a function that has a type. */
bool vgpu_find_type_of_card(const struct bus_device *function, const char *wanted, struct vgpu_type *ret);

/* Finds the name of the present type in those lists or in the note of the last start, else writes the
 * number.
 */
void vgpu_name_type(const struct root *root, const struct bus_device *function, int number,
        char ret[static VGPU_TYPE_NAME_SIZE]);

/* How the present type relates to that of the definition. */
enum vgpu_match {
        VGPU_MATCH_NONE, /* one of them is missing */
        VGPU_MATCH_SAME,
        VGPU_MATCH_OTHER,
        VGPU_MATCH_UNKNOWN, /* nothing tells the number of the name */
};

/* Compares the type of a definition, or NULL, with the number of the present type. */
enum vgpu_match vgpu_match_type(
        const struct root *root, const struct bus_device *function, const char *wanted, int present);

#define _cleanup_vgpu_names_ __attribute__((cleanup(vgpu_names_free)))
