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

bool stored_exists(const struct root *root, const char *parent, const char *uuid)
{
        char path[PATH_MAX];
        struct stat st;

        return root_path(root, path, DEFINITIONS_DIR "/%s/%s", parent, uuid) >= 0 && lstat(path, &st) == 0;
}

int stored_report_ambiguous(const char *uuid, char **parents)
{
        return report_error(-ENOTUNIQ,
                "%s is defined under several parents, %s and %s among them; name one with --parent", uuid,
                parents[0], parents[1]);
}

int stored_find_parent(
        const struct root *root, const char *uuid, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_parent_names_ char **parents = NULL;
        int n;

        if (parent) {
                if (!stored_exists(root, parent, uuid))
                        return 0;
                strcpy(ret, parent);
                return 1;
        }
        n = definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents);
        if (n < 0)
                return report_error(n, "Failed to read " DEFINITIONS_DIR ": %m");
        if (n > 1)
                return stored_report_ambiguous(uuid, parents);
        if (n == 1)
                strcpy(ret, parents[0]);
        return n;
}

static void warn_of_definition(const char *path, const struct reason *reason)
{
        report_warning("%s: %s", path, reason->text);
}

int stored_choose_parent(
        const struct root *root, const char *uuid, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_parent_names_ char **parents = NULL;
        struct reason reason;
        const char *chosen;
        int n;

        if (parent)
                return stored_find_parent(root, uuid, parent, ret);
        n = definition_find_parents_in(root, DEFINITIONS_DIR, uuid, &parents);
        if (n < 0)
                return report_error(n, "Failed to read " DEFINITIONS_DIR ": %m");
        if (n == 0)
                return 0;
        if (definition_choose_parent(
                    root, DEFINITIONS_DIR, uuid, parents, warn_of_definition, &chosen, &reason) < 0)
                return stored_report_ambiguous(uuid, parents);
        strcpy(ret, chosen);
        return 1;
}

int stored_load(const struct root *root, const char *parent, const char *uuid, struct definition *ret)
{
        struct reason reason;
        char path[PATH_MAX];
        int r;

        r = definition_load_of(root, DEFINITIONS_DIR, parent, uuid, path, ret, &reason);
        return r < 0 ? report_error(r, "%s: %s", path, reason.text) : 0;
}

int stored_lock(const struct root *root, bool make)
{
        int fd = definitions_lock(root, DEFINITIONS_DIR, make);

        if (fd == -EWOULDBLOCK)
                return report_error(fd,
                        DEFINITIONS_DIR " has been locked by another process for %d s; find it with \"fuser "
                                        "%s" DEFINITIONS_LOCK "\"",
                        DEFINITIONS_LOCK_SECONDS, root->path);
        if (fd < 0 && (fd != -ENOENT || make))
                return report_error(fd, "Failed to lock " DEFINITIONS_DIR " with %s" DEFINITIONS_LOCK ": %m",
                        root->path);
        return fd;
}

/* Another program may manage a file that cannot be changed; the change then belongs there. */
static int report_failed(
        const struct root *root, int r, const char *verb, const char *parent, const char *uuid)
{
        char path[NAME_MAX + 1 + UUID_LENGTH + 1], target[PATH_MAX], link[PATH_MAX];
        ssize_t n = -1;

        snprintf(path, sizeof(path), "%s/%.36s", parent, uuid);
        if (root_path(root, link, DEFINITIONS_DIR "/%s", path) >= 0)
                n = readlink(link, target, sizeof(target) - 1);
        if (n < 0 && root_path(root, link, DEFINITIONS_DIR "/%s", parent) >= 0)
                n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return report_error(r, "Failed to %s " DEFINITIONS_DIR "/%s: %m", verb, path);
        target[n] = '\0';
        if (r == -EXDEV)
                return report_error(r,
                        "Failed to %s " DEFINITIONS_DIR "/%s: the symbolic link to %s leads out of "
                        "$MDEVCTL_ENV_ROOT",
                        verb, path, target);
        return report_error(r,
                "Failed to %s " DEFINITIONS_DIR
                "/%s: %s, reached by a symbolic link: %s; change it where it "
                "comes from",
                verb, path, target, strerror(-r));
}

int stored_remove(const struct root *root, const char *parent, const char *uuid)
{
        int r = definition_remove(root, DEFINITIONS_DIR, parent, uuid);

        return r < 0 ? report_failed(root, r, "remove", parent, uuid) : 0;
}

int stored_write(
        const struct root *root, const char *parent, const char *uuid, const struct definition *definition)
{
        int r = definition_write(root, DEFINITIONS_DIR, parent, uuid, definition);

        if (r == -EFBIG)
                return report_error(r, "the definition would have more than %d bytes", DEFINITION_SIZE_MAX);
        return r < 0 ? report_failed(root, r, "write", parent, uuid) : 0;
}

int check_parent(const char *parent)
{
        const char *wrong = parent_name_check(parent);

        return wrong ? report_error(-EINVAL, "the parent's name \"%s\" %s", parent, wrong) : 0;
}

int check_type(const char *type)
{
        const char *wrong = name_check(type);

        return wrong ? report_error(-EINVAL, "the type's name \"%s\" %s", type, wrong) : 0;
}
