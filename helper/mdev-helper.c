/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-helper: the program that mdev@.service runs
 *
 * Users run systemctl instead. One process performs one operation on one device
 * and exits. Starting the process is most of its cost, so it is small and links
 * few libraries.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "name.h"
#include "operation.h"

static const struct {
        const char *name;
        int (*run)(const struct env *env, const char *uuid);
} operations[] = {
        {"start", operation_start},
        {"stop", operation_stop},
        {"clean-up", operation_clean_up},
};

int main(int argc, char *argv[])
{
        struct env env;

        log_init("mdev-helper", LOG_TARGET_STDERR);
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-helper " VERSION);
                return EXIT_SUCCESS;
        }
        if (argc != 3) {
                log_error("usage: mdev-helper start|stop|clean-up UUID");
                return EX_USAGE;
        }
        if (env_init(&env) < 0) {
                log_error("MDEVCTL_ENV_ROOT must be an absolute path");
                return EX_USAGE;
        }
        if (!uuid_is_canonical(argv[2])) {
                log_error("\"%s\" is not a UUID in lower case with hyphens", argv[2]);
                return EX_USAGE;
        }
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
                if (strcmp(operations[i].name, argv[1]) == 0)
                        return operations[i].run(&env, argv[2]);
        log_error("unknown operation \"%s\"", argv[1]);
        return EX_USAGE;
}
