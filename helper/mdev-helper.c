/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-helper: the program that mdev@.service runs
 */

#include <errno.h>
#include <string.h>

#include "log.h"
#include "operation.h"
#include "program.h"
#include "uuid.h"

static int run(const struct root *root, int argc, char *argv[])
{
        if (argc != 3)
                return log_error_errno(-EINVAL, "usage: mdev-helper start|stop UUID");
        if (!uuid_is_canonical(argv[2]))
                return log_error_errno(-EINVAL, "\"%s\" is not a UUID in lower case with hyphens", argv[2]);
        if (strcmp(argv[1], "start") == 0)
                return operation_start(root, argv[2]);
        if (strcmp(argv[1], "stop") == 0)
                return operation_stop(root, argv[2]);
        return program_unknown_operation(argv[1]);
}

int main(int argc, char *argv[])
{
        return program_main("mdev-helper", run, argc, argv);
}
