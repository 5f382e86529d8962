/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/stat.h>

#include "enablement.h"
#include "unit-name.h"

static bool link_exists(const struct env *env, const char *directory, const char *parent, const char *uuid)
{
        char unit[UNIT_NAME_SIZE], parent_unit[UNIT_NAME_SIZE], path[PATH_MAX];
        struct stat st;

        unit_name_of_definition(unit, uuid);
        return unit_name_of_parent(parent_unit, parent) >= 0 &&
               env_path(env, path, "%s/%s.wants/%s", directory, parent_unit, unit) >= 0 &&
               lstat(path, &st) == 0;
}

bool unit_is_enabled(const struct env *env, const char *parent, const char *uuid)
{
        return link_exists(env, "/etc/systemd/system", parent, uuid) ||
               link_exists(env, "/run/systemd/system", parent, uuid);
}

bool unit_is_wanted(const struct env *env, const char *parent, const char *uuid)
{
        /* There the generator masks the links where nothing shall start by itself. */
        if (link_exists(env, "/run/systemd/generator.early", parent, uuid))
                return false;
        return link_exists(env, "/run/systemd/generator", parent, uuid) ||
               unit_is_enabled(env, parent, uuid);
}
