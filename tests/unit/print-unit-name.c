/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Prints the device units of paths, to be compared with what systemd-escape(1) prints
 */

#include <stdio.h>
#include <stdlib.h>

#include "unit-name.h"

int main(int argc, char *argv[])
{
        char name[UNIT_NAME_SIZE];

        for (int i = 1; i < argc; i++) {
                if (unit_name_from_path(name, argv[i], ".device") < 0)
                        return EXIT_FAILURE;
                puts(name);
        }
        return EXIT_SUCCESS;
}
