/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "definition-file.h"
#include "definitions.h"
#include "report.h"
#include "stored.h"

bool stored_exists(const struct env *env, const char *parent, const char *uuid)
{
        char path[PATH_MAX];
        struct stat st;

        return env_path(env, path, DEFINITIONS_DIR "/%s/%s", parent, uuid) >= 0 && lstat(path, &st) == 0;
}

int stored_find_parent(
        const struct env *env, const char *uuid, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_parent_names_ char **parents = NULL;
        int n;

        if (parent) {
                if (!stored_exists(env, parent, uuid))
                        return 0;
                strcpy(ret, parent);
                return 1;
        }
        n = definition_find_parents_in(env, DEFINITIONS_DIR, uuid, &parents);
        if (n < 0)
                return report_error(n, "cannot read " DEFINITIONS_DIR ": %m");
        if (n > 1)
                return report_error(-ENOTUNIQ,
                        "%s is defined under several parents, %s and %s among them; name one with --parent",
                        uuid, parents[0], parents[1]);
        if (n == 1)
                strcpy(ret, parents[0]);
        return n;
}

int stored_load(const struct env *env, const char *parent, const char *uuid, struct definition *ret)
{
        struct reason reason;
        char path[PATH_MAX];
        int r;

        r = env_path(env, path, DEFINITIONS_DIR "/%s/%s", parent, uuid);
        if (r < 0)
                return report_error(r, DEFINITIONS_DIR "/%s/%s: %m", parent, uuid);
        r = definition_load(AT_FDCWD, path, ret, &reason);
        return r < 0 ? report_error(r, "%s: %s", path, reason.text) : 0;
}

int stored_lock(const struct env *env, bool make)
{
        int fd = definitions_lock(env, DEFINITIONS_DIR, make);

        if (fd == -EWOULDBLOCK)
                return report_error(fd,
                        DEFINITIONS_DIR " has been locked by another process for %d s; find it with \"fuser "
                                        "%s" DEFINITIONS_LOCK "\"",
                        DEFINITIONS_LOCK_SECONDS, env->root);
        if (fd < 0 && (fd != -ENOENT || make))
                return report_error(
                        fd, "cannot lock " DEFINITIONS_DIR " with %s" DEFINITIONS_LOCK ": %m", env->root);
        return fd;
}

/* Another program may manage a file that cannot be changed; the change then belongs there. */
static int report_failed(
        const struct env *env, int r, const char *verb, const char *parent, const char *uuid)
{
        char path[NAME_MAX + 1 + UUID_LENGTH + 1], target[PATH_MAX], link[PATH_MAX];
        ssize_t n = -1;

        snprintf(path, sizeof(path), "%s/%.36s", parent, uuid);
        if (env_path(env, link, DEFINITIONS_DIR "/%s", path) >= 0)
                n = readlink(link, target, sizeof(target) - 1);
        if (n < 0 && env_path(env, link, DEFINITIONS_DIR "/%s", parent) >= 0)
                n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return report_error(r, "cannot %s " DEFINITIONS_DIR "/%s: %m", verb, path);
        target[n] = '\0';
        if (r == -EXDEV)
                return report_error(r,
                        "cannot %s " DEFINITIONS_DIR "/%s: the symbolic link to %s leads out of "
                        "$MDEVCTL_ENV_ROOT",
                        verb, path, target);
        return report_error(r,
                "cannot %s " DEFINITIONS_DIR "/%s: %s, reached by a symbolic link: %s; change it where it "
                "comes from",
                verb, path, target, strerror(-r));
}

int stored_remove(const struct env *env, const char *parent, const char *uuid)
{
        int r = definition_remove(env, DEFINITIONS_DIR, parent, uuid);

        return r < 0 ? report_failed(env, r, "remove", parent, uuid) : 0;
}

int stored_write(
        const struct env *env, const char *parent, const char *uuid, const struct definition *definition)
{
        int r = definition_write(env, DEFINITIONS_DIR, parent, uuid, definition);

        if (r == -EFBIG)
                return report_error(r, "the definition would have more than %d bytes", DEFINITION_SIZE_MAX);
        return r < 0 ? report_failed(env, r, "write", parent, uuid) : 0;
}

int check_parent(const char *parent)
{
        const char *wrong = name_check(parent);

        if (strcmp(parent, DEFINITIONS_SCRIPTS) == 0)
                wrong = "is that of the directory of the callout scripts";
        return wrong ? report_error(-EINVAL, "the parent's name \"%s\" %s", parent, wrong) : 0;
}

int check_type(const char *type)
{
        const char *wrong = name_check(type);

        return wrong ? report_error(-EINVAL, "the type's name \"%s\" %s", type, wrong) : 0;
}
