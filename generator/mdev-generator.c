/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdev-generator: makes units of definitions
 *
 * systemd runs this at boot and at every daemon-reload and waits for it. So it
 * reads each definition once, writes at once what follows from it, keeps
 * nothing, and asks nobody: no parent need exist yet. A definition that cannot
 * be used is named and skipped; it never spoils the others.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "definition.h"
#include "enablement.h"
#include "log.h"
#include "name.h"
#include "output.h"

static int generate_definition(const struct env *env, struct output *output, int dirfd,
        const struct parent_names *parent, const char *name)
{
        _cleanup_definition_ struct definition definition = {};
        char source[sizeof(DEFINITIONS_DIR) + 2 * NAME_MAX + 2];
        struct reason reason;
        bool enabled;

        snprintf(source, sizeof(source), DEFINITIONS_DIR "/%s/%s", parent->name, name);
        if (!uuid_is_canonical(name)) {
                log_warning("%s: the name of the file is not a UUID in lower case with hyphens, ignoring",
                        source);
                return 0;
        }
        if (definition_load(dirfd, name, &definition, &reason) < 0) {
                log_warning("%s: %s, ignoring", source, reason.text);
                return 0;
        }
        enabled = !definition.autostart && unit_is_enabled(env, parent->name, name);
        return output_write(output, source, parent, name, &definition, enabled);
}

/* Goes through a directory and returns the first error, but only after the last entry. */
static int generate_parent(const struct env *env, struct output *output, int dirfd_above, const char *name)
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct parent_names parent = {.name = name};
        const char *wrong = name_check(name);
        struct dirent *entry;
        int fd, r = 0;

        if (!wrong && (unit_name_of_parent(parent.unit, name) < 0 ||
                              unit_name_of_registration(parent.registration, name) < 0))
                wrong = "is too long for the name of a unit";
        if (wrong) {
                log_warning(DEFINITIONS_DIR "/%s: the name %s, ignoring the definitions in it", name, wrong);
                return 0;
        }
        fd = openat(dirfd_above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                log_warning(DEFINITIONS_DIR "/%s: %m, ignoring", name);
                cleanup_close(&fd);
                return 0;
        }
        while ((errno = 0, entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                        !definition_is_temporary(entry->d_name)) {
                        int k = generate_definition(env, output, fd, &parent, entry->d_name);

                        r = r < 0 ? r : k;
                }
        }
        if (errno != 0)
                log_warning(DEFINITIONS_DIR "/%s: %m, ignoring the rest of it", name);
        return r;
}

static int generate(const struct env *env, const char *normal, const char *early)
{
        _cleanup_output_ struct output output = OUTPUT_NONE;
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;
        int r;

        r = env_path(env, path, DEFINITIONS_DIR);
        if (r < 0)
                return log_error_errno(r, "MDEVCTL_ENV_ROOT: %m");
        dir = opendir(path);
        if (!dir)
                return errno == ENOENT ? 0 : log_error_errno(-errno, DEFINITIONS_DIR ": %m");
        r = output_open(&output, env, normal, early);
        if (r < 0)
                return r;

        while ((errno = 0, entry = readdir(dir))) {
                if (definitions_entry_is_parent(dirfd(dir), entry)) {
                        int k = generate_parent(env, &output, dirfd(dir), entry->d_name);

                        r = r < 0 ? r : k;
                }
        }
        if (errno != 0)
                log_warning(DEFINITIONS_DIR ": %m, ignoring the rest of it");
        return r;
}

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

        return generate(&env, argv[1], argv[argc == 4 ? 2 : 1]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
