/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition.h"
#include "enablement.h"
#include "generate.h"
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

int definitions_generate(const struct env *env, const char *normal, const char *early)
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
