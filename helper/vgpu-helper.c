/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * vgpu-helper: the program that vgpu@.service runs
 */

#include <errno.h>
#include <string.h>

#include "log.h"
#include "program.h"
#include "vgpu-operation.h"

static int run(const struct root *root, int argc, char *argv[])
{
        if (argc != 3)
                return log_error_errno(-EINVAL, "usage: vgpu-helper start|stop|clean-up FUNCTION");
        if (!pci_function_is_canonical(argv[2]))
                return log_error_errno(-EINVAL,
                        "\"%s\" is not the address of a PCI function, such as 0000:41:00.4", argv[2]);
        if (strcmp(argv[1], "start") == 0)
                return vgpu_start(root, argv[2]);
        if (strcmp(argv[1], "stop") == 0)
                return vgpu_stop(root, argv[2]);
        if (strcmp(argv[1], "clean-up") == 0)
                return vgpu_clean_up(root, argv[2]);
        return program_unknown_operation(argv[1]);
}

int main(int argc, char *argv[])
{
        return program_main("vgpu-helper", run, argc, argv);
}
