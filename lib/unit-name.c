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

static const char hex[] = "0123456789abcdef";

/* Adds a byte as it is, or as "\xff". There must be room for four characters. */
static void add_byte(char *ret, size_t *n, unsigned char c, bool keep)
{
        if (keep) {
                ret[(*n)++] = (char) c;
        } else {
                ret[(*n)++] = '\\';
                ret[(*n)++] = 'x';
                ret[(*n)++] = hex[c >> 4];
                ret[(*n)++] = hex[c & 15];
        }
}

int unit_name_from_path(char ret[static UNIT_NAME_SIZE], const char *path, const char *suffix)
{
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
                        add_byte(ret, &n, c, is_kept((char) c) && !(n == 0 && c == '.'));
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

/* Takes one byte off an escaped name. -EINVAL if "\\" begins nothing known. */
static int take_byte(const char **p)
{
        int c = (unsigned char) *(*p)++;

        if (c != '\\')
                return c;
        if ((*p)[0] != 'x' || hex_digit((*p)[1]) < 0 || hex_digit((*p)[2]) < 0)
                return -EINVAL;
        c = hex_digit((*p)[1]) << 4 | hex_digit((*p)[2]);
        *p += 3;
        return c;
}

bool unit_name_get_parent(const char *unit, char ret[static NAME_MAX + 1])
{
        static const char begin[] = "sys-class-mdev_bus-", end[] = ".device";
        const size_t length = strlen(unit);
        size_t n = 0;

        if (length <= strlen(begin) + strlen(end) || length > NAME_MAX ||
                strncmp(unit, begin, strlen(begin)) != 0 || !ends_with(unit, end))
                return false;
        for (const char *p = unit + strlen(begin); p < unit + length - strlen(end);) {
                int c;

                /* A further path component: something below the parent. */
                if (*p == '-')
                        return false;
                c = take_byte(&p);
                if (c < 0)
                        return false;
                ret[n++] = (char) c;
        }
        ret[n] = '\0';
        return !name_check(ret);
}

void unit_name_of_definition(char ret[static UNIT_NAME_SIZE], const char *uuid)
{
        snprintf(ret, UNIT_NAME_SIZE, "mdev@%.36s.service", uuid);
}

int unit_name_of_driver(char ret[static UNIT_NAME_SIZE], const char *name)
{
        static const char end[] = ".service";
        size_t n = (size_t) snprintf(ret, UNIT_NAME_SIZE, "mdev-driver@");

        for (; *name; name++) {
                if (n + 4 + sizeof(end) > UNIT_NAME_SIZE)
                        return -ENAMETOOLONG;
                add_byte(ret, &n, (unsigned char) *name, is_kept(*name) || *name == '-');
        }
        strcpy(ret + n, end);
        return 0;
}

int unit_instance_get_driver(const char *instance, char ret[static NAME_MAX + 1])
{
        size_t n = 0;

        while (*instance) {
                const int c = take_byte(&instance);

                if (c <= 0 || n == NAME_MAX)
                        return -EINVAL;
                ret[n++] = (char) c;
        }
        ret[n] = '\0';
        return name_check(ret) ? -EINVAL : 0;
}

void unit_name_of_vgpu(char ret[static UNIT_NAME_SIZE], const char *function)
{
        snprintf(ret, UNIT_NAME_SIZE, "vgpu@%.16s.service", function);
}

int unit_name_of_note(char ret[static UNIT_NAME_SIZE], const char *note)
{
        if (uuid_is_canonical(note))
                unit_name_of_definition(ret, note);
        else if (pci_function_is_canonical(note))
                unit_name_of_vgpu(ret, note);
        else
                return unit_name_of_driver(ret, note);
        return 0;
}

int unit_name_of_bus_device(char ret[static UNIT_NAME_SIZE], const char *bus, const char *device)
{
        char path[PATH_MAX];
        int r;

        snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", bus, device);
        r = unit_name_from_path(ret, path, ".device");
        if (r < 0)
                return r;
        return strlen(ret) + strlen(".wants") > NAME_MAX ? -ENAMETOOLONG : 0;
}

int unit_name_of_bus_device_driver(char ret[static UNIT_NAME_SIZE], const char *bus, const char *device)
{
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver_override", bus, device);
        return unit_name_from_path(ret, path, ".device");
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
