/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-helper: the program that mdev@.service, mdev-driver@.service and vgpu@.service run
 *
 * Users run systemctl instead. One process performs one operation on one device
 * and exits. Starting the process is most of its cost, so it is small and links
 * few libraries.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config.h"
#include "log.h"
#include "name.h"
#include "operation.h"
#include "unit-name.h"
#include "util.h"

static const struct {
        const char *name;
        int (*run)(const struct root *root, const char *uuid);
        int (*run_vgpu)(const struct root *root, const char *function);
        int (*run_driver)(const struct root *root, const char *name, const char *driver);
} operations[] = {
        {.name = "start", .run = operation_start},
        {.name = "stop", .run = operation_stop},
        {.name = "clean-up", .run = operation_clean_up},
        {.name = "driver-start", .run_driver = operation_driver_start},
        {.name = "driver-stop", .run_driver = operation_driver_stop},
        {.name = "driver-clean-up", .run_driver = operation_driver_clean_up},
        {.name = "vgpu-start", .run_vgpu = operation_vgpu_start},
        {.name = "vgpu-stop", .run_vgpu = operation_vgpu_stop},
        {.name = "vgpu-clean-up", .run_vgpu = operation_vgpu_clean_up},
};

/* The statuses come from sysexits.h, because systemd shows their names ("status=75/TEMPFAIL").
 * mdev-helper(8) lists them. Any other error is EXIT_FAILURE. */
static int exit_status(int r)
{
        static const struct {
                int error, status;
        } statuses[] = {
                {EINVAL, EX_USAGE},       /* the command line */
                {EREMOTEIO, EX_DATAERR},  /* the driver refused an attribute */
                {ENODEV, EX_UNAVAILABLE}, /* the parent or the driver is absent or left */
                {EOPNOTSUPP,
                        EX_UNAVAILABLE}, /* the parent refused to create the device, or the driver to bind */
                {EEXIST, EX_UNAVAILABLE}, /* the UUID belongs to a different device */
                {ENOMEM, EX_OSERR},       /* no memory, no process, no thread */
                {EROFS, EX_CANTCREAT},    /* the note cannot be written */
                {EAGAIN, EX_TEMPFAIL},    /* the device came or went meanwhile */
                {EBUSY, EX_TEMPFAIL},     /* the device is in use, or still being made */
                {EPERM, EX_NOPERM},       /* a callout script refused */
                {ENOENT, EX_CONFIG},      /* not defined */
                {ENOTUNIQ, EX_CONFIG},    /* defined under several parents */
                {EBADMSG, EX_CONFIG},     /* the definition cannot be used */
        };

        if (r >= 0)
                return EXIT_SUCCESS;
        for (size_t i = 0; i < ELEMENTSOF(statuses); i++)
                if (statuses[i].error == -r)
                        return statuses[i].status;
        return EXIT_FAILURE;
}

static int run_for_driver(const struct root *root, size_t operation, char *argv[])
{
        char name[NAME_MAX + 1];

        if (unit_instance_get_driver(argv[2], name) < 0)
                return log_error_errno(-EINVAL, "\"%s\" is not <bus>-<device>", argv[2]);
        return operations[operation].run_driver(root, name, argv[3]);
}

static int run(int argc, char *argv[])
{
        struct root root;

        if (argc < 3 || argc > 4 || (argc == 4 && strncmp(argv[1], "driver-", strlen("driver-")) != 0))
                return log_error_errno(-EINVAL,
                        "usage: mdev-helper start|stop|clean-up UUID, "
                        "mdev-helper driver-start|driver-stop|driver-clean-up BUS-DEVICE [DRIVER], or "
                        "mdev-helper vgpu-start|vgpu-stop|vgpu-clean-up FUNCTION");
        if (root_init(&root) < 0)
                return log_error_errno(-EINVAL, "MDEVCTL_ENV_ROOT must be an absolute path");
        for (size_t i = 0; i < ELEMENTSOF(operations); i++) {
                if (strcmp(operations[i].name, argv[1]) != 0)
                        continue;
                if (operations[i].run_driver)
                        return run_for_driver(&root, i, argv);
                if (operations[i].run_vgpu && !pci_function_is_canonical(argv[2]))
                        return log_error_errno(-EINVAL,
                                "\"%s\" is not the address of a PCI function, such as 0000:41:00.4",
                                argv[2]);
                if (operations[i].run_vgpu)
                        return operations[i].run_vgpu(&root, argv[2]);
                if (!uuid_is_canonical(argv[2]))
                        return log_error_errno(
                                -EINVAL, "\"%s\" is not a UUID in lower case with hyphens", argv[2]);
                return operations[i].run(&root, argv[2]);
        }
        return log_error_errno(-EINVAL, "unknown operation \"%s\"", argv[1]);
}

int main(int argc, char *argv[])
{
        log_init("mdev-helper", LOG_TARGET_STDERR);
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-helper " VERSION);
                return EXIT_SUCCESS;
        }
        return exit_status(run(argc, argv));
}
