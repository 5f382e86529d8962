/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The operations of mdev-helper, one file each
 *
 * Each operation logs its result or why it failed. It returns 0 or a negative
 * errno, from which mdev-helper.c makes the exit status.
 */

#include "root.h"

/* Creates the device of a definition, or adopts an active one. Runs callouts around a creation. If the
 * creation fails, operation_clean_up() removes the device. */
int operation_start(const struct root *root, const char *uuid);

/* Removes the device, unless a process has it open. Needs no definition. */
int operation_stop(const struct root *root, const char *uuid);

/* Runs after every stop and every failed start: removes the device of an unfinished start and writes the
 * outcome to the note. */
int operation_clean_up(const struct root *root, const char *uuid);

/* The same for the driver of a device, see override.h; name is <bus>-<device>. */

/* Binds a driver to the device, the configured one if driver is NULL. If that fails,
 * operation_driver_clean_up() gives the device back. */
int operation_driver_start(const struct root *root, const char *name, const char *driver);

/* Gives the device back to the driver it had before, unless a process has it open. Needs no file. With a
 * driver, takes the device from that one even if somebody else bound it. */
int operation_driver_stop(const struct root *root, const char *name, const char *driver);

/* Runs after every stop and every failed start: gives the device back after an unfinished one. */
int operation_driver_clean_up(const struct root *root, const char *name, const char *driver);

/* The same for a vGPU, see vgpu.h; function is its PCI address. */

/* Gives the function the type of its definition, or adopts that type. */
int operation_vgpu_start(const struct root *root, const char *function);

/* Takes back the type that a start has given or adopted, unless a process has the function open. Needs no
 * definition. */
int operation_vgpu_stop(const struct root *root, const char *function);

/* Runs after every stop and every failed start: takes back the type of an unfinished one. */
int operation_vgpu_clean_up(const struct root *root, const char *function);
