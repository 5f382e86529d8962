/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-generator: makes units of definitions
 *
 * systemd runs this at boot and at every daemon-reload and waits for it. So it
 * reads each definition once, writes at once what follows from it, keeps
 * nothing, and asks nobody: no parent need exist yet. A definition that cannot
 * be used is named and skipped; it never spoils the others.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "generate.h"
#include "log.h"

/* systemd gives its generators no place to write to but the kernel log; run by hand, people
 * read stderr. */
static enum log_target choose_log_target(void)
{
        const char *pid = getenv("SYSTEMD_EXEC_PID");

        return pid && atoi(pid) == getpid() ? LOG_TARGET_KMSG : LOG_TARGET_STDERR;
}

int main(int argc, char *argv[])
{
        const char *in_initrd = getenv("SYSTEMD_IN_INITRD");
        struct env env;

        log_init("mdev-generator", choose_log_target());
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-generator " VERSION);
                return EXIT_SUCCESS;
        }
        if (argc != 2 && argc != 4) {
                log_error("usage: mdev-generator NORMAL-DIR [EARLY-DIR LATE-DIR]");
                return EXIT_FAILURE;
        }
        if (env_init(&env) < 0) {
                log_error("MDEVCTL_ENV_ROOT must be an absolute path");
                return EXIT_FAILURE;
        }
        umask(0022);
        /* The host's /etc is not mounted yet, and the host's systemd will run this again. */
        if (in_initrd && strcmp(in_initrd, "1") == 0)
                return EXIT_SUCCESS;

        return definitions_generate(&env, argv[1], argv[argc == 4 ? 2 : 1]) < 0 ? EXIT_FAILURE
                                                                                : EXIT_SUCCESS;
}
