/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enablement.h"
#include "unit-name.h"

/* Where systemctl enable makes links, without and with --runtime. */
static const char *const enable_directories[] = {"/etc/systemd/system", "/run/systemd/system"};

/* Makes the path of a directory <parent>.device.wants and of the link in it. */
static int link_path(const struct env *env, const char *directory, const char *parent, const char *uuid,
        char ret_wants[static PATH_MAX], char ret[static PATH_MAX])
{
        char unit[UNIT_NAME_SIZE], parent_unit[UNIT_NAME_SIZE];
        int r;

        unit_name_of_definition(unit, uuid);
        r = unit_name_of_parent(parent_unit, parent);
        if (r >= 0)
                r = env_path(env, ret_wants, "%s/%s.wants", directory, parent_unit);
        if (r >= 0)
                r = env_path(env, ret, "%s/%s.wants/%s", directory, parent_unit, unit);
        return r;
}

static bool link_exists(const struct env *env, const char *directory, const char *parent, const char *uuid)
{
        char wants[PATH_MAX], path[PATH_MAX];
        struct stat st;

        return link_path(env, directory, parent, uuid, wants, path) >= 0 && lstat(path, &st) == 0;
}

bool unit_is_enabled(const struct env *env, const char *parent, const char *uuid)
{
        for (size_t i = 0; i < sizeof(enable_directories) / sizeof(enable_directories[0]); i++)
                if (link_exists(env, enable_directories[i], parent, uuid))
                        return true;
        return false;
}

bool unit_is_wanted(const struct env *env, const char *parent, const char *uuid)
{
        /* There the generator masks the links where nothing shall start by itself. */
        if (link_exists(env, "/run/systemd/generator.early", parent, uuid))
                return false;
        return link_exists(env, "/run/systemd/generator", parent, uuid) ||
               unit_is_enabled(env, parent, uuid);
}

int unit_disable(const struct env *env, const char *parent, const char *uuid)
{
        for (size_t i = 0; i < sizeof(enable_directories) / sizeof(enable_directories[0]); i++) {
                char wants[PATH_MAX], path[PATH_MAX];

                /* What no unit can be called cannot be enabled. */
                if (link_path(env, enable_directories[i], parent, uuid, wants, path) < 0)
                        continue;
                if (unlink(path) < 0 && errno != ENOENT)
                        return -errno;
                /* Stays if there is anything else in it. */
                (void) rmdir(wants);
        }
        return 0;
}
