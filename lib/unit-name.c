/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "parent.h"
#include "unit-name.h"
#include "util.h"

static bool is_kept(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ':' ||
               c == '_' || c == '.';
}

int unit_name_from_path(char ret[static UNIT_NAME_SIZE], const char *path, const char *suffix)
{
        static const char hex[] = "0123456789abcdef";
        size_t n = 0;

        if (path[0] != '/')
                return -EINVAL;

        while (*path) {
                size_t length;

                path += strspn(path, "/");
                length = strcspn(path, "/");
                if (length == 0)
                        break;
                if (length == 2 && memcmp(path, "..", 2) == 0)
                        return -EINVAL;
                if (length == 1 && path[0] == '.') {
                        path += length;
                        continue;
                }

                /* An escaped byte takes up to four characters, "\xff". */
                if (n > 0) {
                        if (n + 1 >= UNIT_NAME_SIZE)
                                return -ENAMETOOLONG;
                        ret[n++] = '-';
                }
                for (; length > 0; length--, path++) {
                        unsigned char c = (unsigned char) *path;

                        if (n + 4 >= UNIT_NAME_SIZE)
                                return -ENAMETOOLONG;
                        if (is_kept((char) c) && !(n == 0 && c == '.')) {
                                ret[n++] = (char) c;
                        } else {
                                ret[n++] = '\\';
                                ret[n++] = 'x';
                                ret[n++] = hex[c >> 4];
                                ret[n++] = hex[c & 15];
                        }
                }
        }
        if (n == 0)
                ret[n++] = '-';

        if (n + strlen(suffix) >= UNIT_NAME_SIZE)
                return -ENAMETOOLONG;
        memcpy(ret + n, suffix, strlen(suffix) + 1);
        return 0;
}

int unit_name_of_parent(char ret[static UNIT_NAME_SIZE], const char *parent)
{
        char path[sizeof("/sys/class/mdev_bus/") + NAME_MAX];
        int r;

        if (strlen(parent) > NAME_MAX)
                return -ENAMETOOLONG;
        snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s", parent);
        r = unit_name_from_path(ret, path, ".device");
        if (r < 0)
                return r;
        return strlen(ret) + strlen(".wants") > NAME_MAX ? -ENAMETOOLONG : 0;
}

int unit_name_of_registration(char ret[static UNIT_NAME_SIZE], const char *parent)
{
        char path[sizeof("/sys/class/mdev_bus//" TYPES_DIR) + NAME_MAX];

        if (strlen(parent) > NAME_MAX)
                return -ENAMETOOLONG;
        snprintf(path, sizeof(path), "/sys/class/mdev_bus/%s/" TYPES_DIR, parent);
        return unit_name_from_path(ret, path, ".device");
}

static int hex_digit(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool unit_name_get_parent(const char *unit, char ret[static NAME_MAX + 1])
{
        static const char begin[] = "sys-class-mdev_bus-", end[] = ".device";
        const size_t length = strlen(unit);
        size_t n = 0;

        if (length <= strlen(begin) + strlen(end) || length > NAME_MAX ||
                strncmp(unit, begin, strlen(begin)) != 0 || !ends_with(unit, end))
                return false;
        for (const char *p = unit + strlen(begin); p < unit + length - strlen(end); p++) {
                char c = *p;

                /* A further path component: something below the parent. */
                if (c == '-')
                        return false;
                if (c == '\\') {
                        if (p[1] != 'x' || hex_digit(p[2]) < 0 || hex_digit(p[3]) < 0)
                                return false;
                        c = (char) (hex_digit(p[2]) << 4 | hex_digit(p[3]));
                        p += 3;
                }
                ret[n++] = c;
        }
        ret[n] = '\0';
        return !name_check(ret);
}

void unit_name_of_definition(char ret[static UNIT_NAME_SIZE], const char *uuid)
{
        snprintf(ret, UNIT_NAME_SIZE, "mdev@%.36s.service", uuid);
}

bool unit_name_get_definition(const char *unit, char ret[static UUID_LENGTH + 1])
{
        char name[UNIT_NAME_SIZE];

        if (strlen(unit) <= strlen("mdev@") + UUID_LENGTH)
                return false;
        memcpy(ret, unit + strlen("mdev@"), UUID_LENGTH);
        ret[UUID_LENGTH] = '\0';
        if (!uuid_is_canonical(ret))
                return false;
        unit_name_of_definition(name, ret);
        return strcmp(unit, name) == 0;
}
