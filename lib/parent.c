/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "name.h"
#include "parent.h"
#include "text.h"
#include "util.h"

/* How many characters of a name may be wrong, see parent_find_nearest(). */
#define NEAREST_DISTANCE 2

int parent_open(const struct root *root, const char *parent)
{
        char path[PATH_MAX];
        int r, fd;

        if (name_check(parent))
                return -ENOENT;
        r = root_path(root, path, PARENTS_DIR "/%s", parent);
        if (r < 0)
                return r;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int parent_get_registration(const struct root *root, const char *parent, uint64_t *ret)
{
        _cleanup_close_ int fd = parent_open(root, parent);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstatat(fd, TYPES_DIR, &st, 0) < 0)
                return -errno;
        *ret = st.st_ino;
        return 0;
}

int parent_open_type(int parent_fd, const char *type)
{
        char path[sizeof(TYPES_DIR) + 1 + NAME_MAX];
        int fd;

        if (name_check(type))
                return -ENOENT;
        snprintf(path, sizeof(path), TYPES_DIR "/%s", type);
        fd = openat(parent_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int parent_list_types(int parent_fd, char *ret, size_t size)
{
        struct dirent **entries;
        _cleanup_close_ int fd = openat(parent_fd, TYPES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int n;

        ret[0] = '\0';
        if (fd < 0)
                return -errno;
        n = scandirat(fd, ".", &entries, NULL, alphasort);
        if (n < 0)
                return -errno;
        for (int i = 0; i < n; i++) {
                if (entries[i]->d_name[0] != '.')
                        text_list(ret, size, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        return 0;
}

/* The parts of a name without separators and leading zeros, in lower case. */
struct spelling {
        char text[2 * NAME_MAX + 2]; /* a ":" follows each part */
        int parts;
};

/* libvirt puts the bus first in the names of devices on these buses. */
static bool is_bus(const char *part, size_t length)
{
        static const char *const buses[] = {"ap", "ccw", "css", "pci"};

        for (size_t i = 0; i < ELEMENTSOF(buses); i++)
                if (length == strlen(buses[i]) && strncasecmp(part, buses[i], length) == 0)
                        return true;
        return false;
}

static void spelling_get(struct spelling *ret, const char *name)
{
        static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        size_t n = 0, length;

        ret->parts = 0;
        for (const char *p = name; *p && n < 2 * NAME_MAX; p += length) {
                p += strcspn(p, letters);
                length = strspn(p, letters);
                if (length == 0 || (ret->parts == 0 && p[length] == '_' && is_bus(p, length)))
                        continue;
                for (; length > 1 && *p == '0'; length--)
                        p++;
                for (size_t i = 0; i < length && n < 2 * NAME_MAX; i++)
                        ret->text[n++] = (char) tolower((unsigned char) p[i]);
                ret->text[n++] = ':';
                ret->parts++;
        }
        ret->text[n] = '\0';
}

/* lspci omits domain 0. */
static bool is_same(const struct spelling *given, const struct spelling *registered)
{
        if (strcmp(given->text, registered->text) == 0)
                return true;
        return given->parts == 3 && registered->parts == 4 && strncmp(registered->text, "0:", 2) == 0 &&
               strcmp(given->text, registered->text + 2) == 0;
}

int parent_find_similar(const struct root *root, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct spelling given, registered;
        char path[PATH_MAX];
        struct dirent *entry;
        int r = -ENOENT;

        if (strlen(parent) > NAME_MAX)
                return -ENOENT;
        if (root_path(root, path, PARENTS_DIR) < 0)
                return -ENOENT;
        dir = opendir(path);
        if (!dir)
                return -errno;
        spelling_get(&given, parent);
        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.' || strcmp(entry->d_name, parent) == 0)
                        continue;
                spelling_get(&registered, entry->d_name);
                if (!is_same(&given, &registered))
                        continue;
                strcpy(ret, entry->d_name);
                r = 0;
        }
        return r;
}

/* Returns how many characters to insert, delete or replace, or max + 1 if they are more. */
static unsigned int get_distance(const char *a, const char *b, unsigned int max)
{
        const size_t length_a = strlen(a), length_b = strlen(b);
        unsigned int row[NAME_MAX + 2];

        if (length_a > NAME_MAX || length_b > NAME_MAX)
                return max + 1;
        for (unsigned int k = 0; k <= length_b; k++)
                row[k] = k;
        for (unsigned int i = 1; i <= length_a; i++) {
                unsigned int diagonal = row[0];

                row[0] = i;
                for (unsigned int k = 1; k <= length_b; k++) {
                        const unsigned int above = row[k];
                        unsigned int best = diagonal + (a[i - 1] != b[k - 1]);

                        best = above + 1 < best ? above + 1 : best;
                        row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
                        diagonal = above;
                }
        }
        return row[length_b] <= max ? row[length_b] : max + 1;
}

int parent_find_nearest(const struct root *root, const char *parent, char ret[static NAME_MAX + 1])
{
        _cleanup_closedir_ DIR *dir = NULL;
        unsigned int best = NEAREST_DISTANCE + 1;
        char path[PATH_MAX];
        struct dirent *entry;

        if (parent_find_similar(root, parent, ret) >= 0)
                return 0;
        if (root_path(root, path, PARENTS_DIR) < 0)
                return -ENOENT;
        dir = opendir(path);
        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                const unsigned int distance = get_distance(parent, entry->d_name, NEAREST_DISTANCE);

                if (entry->d_name[0] == '.' || distance == 0 || distance >= strlen(parent) ||
                        distance > NEAREST_DISTANCE || distance > best ||
                        (distance == best && strcmp(entry->d_name, ret) > 0))
                        continue;
                best = distance;
                strcpy(ret, entry->d_name);
        }
        return best <= NEAREST_DISTANCE ? 0 : -ENOENT;
}
