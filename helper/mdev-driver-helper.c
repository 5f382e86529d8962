/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-driver-helper: the program that mdev-driver@.service runs
 */

#include <errno.h>
#include <string.h>

#include "driver.h"
#include "log.h"
#include "program.h"
#include "unit-name.h"

static int run(const struct root *root, int argc, char *argv[])
{
        char name[NAME_MAX + 1];

        if (argc < 3 || argc > 4)
                return log_error_errno(
                        -EINVAL, "usage: mdev-driver-helper start|stop|clean-up BUS-DEVICE [DRIVER]");
        if (unit_instance_get_driver(argv[2], name) < 0)
                return log_error_errno(-EINVAL, "\"%s\" is not <bus>-<device>", argv[2]);
        if (strcmp(argv[1], "start") == 0)
                return driver_start(root, name, argv[3]);
        if (strcmp(argv[1], "stop") == 0)
                return driver_stop(root, name, argv[3]);
        if (strcmp(argv[1], "clean-up") == 0)
                return driver_clean_up(root, name);
        return program_unknown_operation(argv[1]);
}

int main(int argc, char *argv[])
{
        return program_main("mdev-driver-helper", run, argc, argv);
}
