/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-generator: turns definitions into units
 *
 * systemd runs this at boot and at every daemon-reload, and waits for it. So the
 * generator reads each definition once, writes its units at once, keeps nothing,
 * and queries no other program or device: a parent need not exist yet. It logs
 * and skips an unusable definition, which never affects the others.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "generate.h"
#include "log.h"

/* Under systemd, a generator can log only to the kernel log. Run by hand, it logs to stderr. */
static enum log_target choose_log_target(void)
{
        const char *pid = getenv("SYSTEMD_EXEC_PID");

        return pid && atoi(pid) == getpid() ? LOG_TARGET_KMSG : LOG_TARGET_STDERR;
}

int main(int argc, char *argv[])
{
        const char *in_initrd = getenv("SYSTEMD_IN_INITRD");
        struct root root;

        log_init("mdev-generator", choose_log_target());
        if (argc == 2 && strcmp(argv[1], "--version") == 0) {
                puts("mdev-generator " VERSION);
                return EXIT_SUCCESS;
        }
        if (argc != 2 && argc != 4) {
                log_error("usage: mdev-generator NORMAL-DIR [EARLY-DIR LATE-DIR]");
                return EXIT_FAILURE;
        }
        if (root_init(&root) < 0) {
                log_error("MDEVCTL_ENV_ROOT must be an absolute path");
                return EXIT_FAILURE;
        }
        umask(0022);
        /* The host's /etc is not mounted yet. The host's systemd runs this again. */
        if (in_initrd && strcmp(in_initrd, "1") == 0)
                return EXIT_SUCCESS;

        return units_generate(&root, argv[1], argv[argc == 4 ? 2 : 1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
