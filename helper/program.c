/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config.h"
#include "log.h"
#include "program.h"
#include "util.h"

/* The statuses come from sysexits.h, because systemd shows their names ("status=75/TEMPFAIL").
 * Any other error is EXIT_FAILURE. */
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
                {EINTR, 128 + SIGTERM},   /* systemd stops the unit; SuccessExitStatus= */
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

int program_main(const char *name, int (*run)(const struct root *root, int argc, char *argv[]), int argc,
        char *argv[])
{
        struct root root;

        log_init(name, LOG_TARGET_STDERR);
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                printf("%s %s\n", name, VERSION);
                return EXIT_SUCCESS;
        }
        if (root_init(&root) < 0)
                return exit_status(log_error_errno(-EINVAL, "MDEVCTL_ENV_ROOT must be an absolute path"));
        return exit_status(run(&root, argc, argv));
}

int program_unknown_operation(const char *operation)
{
        return log_error_errno(-EINVAL, "unknown operation \"%s\"", operation);
}
