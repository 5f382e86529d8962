/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition.h"
#include "fuzz.h"
#include "tree.h"

#define ENTRIES_MAX 64
#define ENABLED_DIR "/etc/systemd/system"

static void directory_make(const char *root, const char *path)
{
        char full[PATH_MAX];

        snprintf(full, sizeof(full), "%s%s", root, path);
        REQUIRE(mkdir(full, 0755) == 0, "%s: %m", full);
}

/* Undoes the escapes. The result is not longer than the text, but for UUIDs. */
static void decode(const char *text, char ret[static PATH_MAX])
{
        char *end = ret + PATH_MAX - 64;

        for (; *text && ret < end; text++)
                if (*text == '\\' && text[1] && strchr("nt\\", text[1])) {
                        text++;
                        *ret++ = *text == 'n' ? '\n' : *text == 't' ? '\t' : '\\';
                } else if (*text == '#' && text[1]) {
                        text++;
                        ret += sprintf(ret, "83b8f4f2-509f-382f-3c1e-e6bfe0fa100%c", *text);
                } else
                        *ret++ = *text;
        *ret = '\0';
}

static void entry_make(int fd, char kind, const char *name, const char *rest)
{
        /* Nothing is made outside, nor twice. */
        if (fd < 0 || strchr(name, '/') || name[0] == '\0')
                return;
        switch (kind) {
        case 'D':
                (void) mkdirat(fd, name, 0755);
                break;
        case 'F':
        case 'f': {
                _cleanup_close_ int file = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

                if (file >= 0)
                        REQUIRE(write(file, rest, strlen(rest)) >= 0, "%m");
                break;
        }
        case 'L':
        case 'l':
                (void) symlinkat(rest, fd, name);
                break;
        case 'I':
        case 'i':
                (void) mkfifoat(fd, name, 0644);
                break;
        }
}

static void parent_make(int above, const char *name, int *fd)
{
        cleanup_close(fd);
        *fd = -1;
        if (!strchr(name, '/') && mkdirat(above, name, 0755) < 0 && errno != EEXIST)
                return;
        if (!strchr(name, '/') && strcmp(name, "..") != 0)
                *fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void link_enable(int units, const char *name, const char *unit)
{
        char wants[PATH_MAX];
        _cleanup_close_ int fd = -1;

        if (strchr(name, '/') || snprintf(wants, sizeof(wants), "%s.wants", name) >= PATH_MAX)
                return;
        parent_make(units, wants, &fd);
        entry_make(fd, 'L', unit, "/usr/lib/systemd/system/mdev@.service");
}

static int directory_open(const char *root, const char *path)
{
        char full[PATH_MAX];
        int fd;

        snprintf(full, sizeof(full), "%s%s", root, path);
        fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        REQUIRE(fd >= 0, "%s: %m", full);
        return fd;
}

void tree_make(const char *root, char *text)
{
        _cleanup_close_ int definitions = -1, units = -1, parent = -1;
        char *line;

        directory_make(root, "");
        directory_make(root, "/etc");
        directory_make(root, DEFINITIONS_DIR);
        directory_make(root, "/etc/systemd");
        directory_make(root, ENABLED_DIR);
        definitions = directory_open(root, DEFINITIONS_DIR);
        units = directory_open(root, ENABLED_DIR);
        REQUIRE(setenv("SYSTEMD_PROC_CMDLINE", "", true) == 0, "%m");

        for (int i = 0; (line = strsep(&text, "\n")) && i < ENTRIES_MAX; i++) {
                const char kind = line[0];
                char *rest = strchr(line, '\t'), name[PATH_MAX], content[PATH_MAX];

                if (kind == '\0' || line[1] != ' ')
                        continue;
                if (rest)
                        *rest++ = '\0';
                decode(line + 2, name);
                decode(rest ? rest : "", content);
                switch (kind) {
                case 'P':
                        parent_make(definitions, name, &parent);
                        break;
                case 'E':
                        link_enable(units, name, content);
                        break;
                case 'G':
                        entry_make(units, 'F', name, "");
                        break;
                case 'C':
                        REQUIRE(setenv("SYSTEMD_PROC_CMDLINE", name, true) == 0, "%m");
                        break;
                default:
                        entry_make(kind >= 'a' ? definitions : parent, kind, name, content);
                }
        }
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

void tree_remove(const char *path)
{
        REQUIRE(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT, "%s: %m", path);
}

static unsigned long hash;

/* The order of entries is not the same every time, so their numbers are added. */
static int hash_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        unsigned long number =
                st->st_ino * 31 + (unsigned long) (type == FTW_D ? 0 : st->st_size) + st->st_mode;

        (void) ftw;
        for (const char *p = path; *p; p++)
                number = number * 31 + (unsigned char) *p;
        hash += number;
        return 0;
}

unsigned long tree_hash(const char *path)
{
        hash = 0;
        REQUIRE(nftw(path, hash_entry, 16, FTW_PHYS) == 0, "%s: %m", path);
        return hash;
}
