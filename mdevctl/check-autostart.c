/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Other software that starts devices
 *
 * mdevctl's own package, and instructions for GPUs, install udev rules that run
 * "mdevctl start-parent-mdevs"; others ship units nvidia-mdev@. Both start
 * devices besides systemd. Of several files with one name, udev and systemd use
 * the one in the first directory.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "cleanup.h"
#include "util.h"

#define RULES_SIZE_MAX (1024 * 1024)

static const char *const rules_directories[] = {
        "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d"};
static const char *const unit_directories[] = {"/etc/systemd/system", "/run/systemd/system",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"};

static bool is_word(char c)
{
        return isalnum((unsigned char) c) || (c != '\0' && strchr("_-.", c));
}

/* True if a command line has the word mdevctl, with or without a path. */
static bool command_has_mdevctl(const char *command, size_t length)
{
        static const char name[] = "mdevctl";
        const char *end = command + length;

        for (const char *p = command; (p = memmem(p, (size_t) (end - p), name, strlen(name)));
                p += strlen(name))
                if ((p == command || !is_word(p[-1])) &&
                        (p + strlen(name) == end || !is_word(p[strlen(name)])))
                        return true;
        return false;
}

/* Takes one KEY OPERATOR "VALUE" off a rule. False at the end, or where udev would not understand it. */
static bool take_assignment(
        const char **rule, const char **ret_key, const char **ret_value, size_t *ret_length)
{
        const char *p = *rule + strspn(*rule, " \t\n\\,");

        *ret_key = p;
        p = strpbrk(p, "=!+-:");
        p = p ? strchr(p, '"') : NULL;
        if (!p)
                return false;
        *ret_value = ++p;
        while (*p && *p != '"')
                p += p[0] == '\\' && p[1] ? 2 : 1;
        *ret_length = (size_t) (p - *ret_value);
        *rule = p + (*p == '"');
        return *p == '"';
}

static bool rule_runs_mdevctl(const char *rule)
{
        static const char *const keys[] = {"RUN", "PROGRAM", "IMPORT{program}"};
        const char *key, *value;
        size_t length;

        while (take_assignment(&rule, &key, &value, &length))
                for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                        if (strncmp(key, keys[i], strlen(keys[i])) == 0 &&
                                command_has_mdevctl(value, length))
                                return true;
        return false;
}

/* Ends a rule where udev does, at the end of a line that no backslash continues. Counts its lines and
 * returns the next rule, or NULL. */
static char *end_rule(char *text, unsigned int *lines)
{
        for (char *end = text; (end = strchr(end, '\n')); end++) {
                ++*lines;
                if (end > text && end[-1] == '\\')
                        continue;
                *end = '\0';
                return end + 1;
        }
        return NULL;
}

/* Returns the number of the first line that runs mdevctl, or 0. */
static unsigned int find_rule(char *text)
{
        unsigned int lines = 0;

        while (text) {
                const unsigned int first = lines + 1;
                char *next = end_rule(text, &lines);

                text += strspn(text, " \t");
                if (*text != '#' && rule_runs_mdevctl(text))
                        return first;
                text = next;
        }
        return 0;
}

/* NULL if it is no regular file, which also masks, or cannot be read. */
static char *read_rules(int dirfd, const char *name)
{
        _cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        _cleanup_free_ char *text = NULL;
        size_t used = 0;
        struct stat st;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > RULES_SIZE_MAX)
                return NULL;
        text = malloc((size_t) st.st_size + 1);
        while (text && used < (size_t) st.st_size &&
                (n = read(fd, text + used, (size_t) st.st_size - used)) > 0)
                used += (size_t) n;
        if (text)
                text[used] = '\0';
        return TAKE_PTR(text);
}

/* True if a directory before the given one has the file. */
static bool is_hidden(const struct root *root, const char *const directories[], size_t n, const char *name)
{
        char path[PATH_MAX];
        struct stat st;

        for (size_t i = 0; i < n; i++)
                if (root_path(root, path, "%s/%s", directories[i], name) >= 0 && lstat(path, &st) == 0)
                        return true;
        return false;
}

static void check_rules_file(struct check *check, const char *directory, int dirfd, const char *name)
{
        _cleanup_free_ char *text = read_rules(dirfd, name);
        const unsigned int line = text ? find_rule(text) : 0;
        struct finding *finding;
        char path[PATH_MAX];

        if (line == 0 || root_path(check->root, path, "%s/%s", directory, name) < 0)
                return;
        finding = findings_add(&check->findings, FINDING_OTHER_AUTOSTART, path, NULL, NULL);
        finding_say(finding, "the rule in line %u runs mdevctl, and may start devices as well", line);
        finding_advise(finding,
                "remove the rule, or mask the file with \"ln -sf /dev/null /etc/udev/rules.d/%s\"", name);
}

/* A template alone starts nothing, but somebody means to use it. */
static void check_unit(struct check *check, const char *directory, int dirfd, const char *name)
{
        char path[PATH_MAX], target[sizeof("/dev/null")];
        struct finding *finding;

        if (readlinkat(dirfd, name, target, sizeof(target)) == (ssize_t) strlen("/dev/null") &&
                memcmp(target, "/dev/null", strlen("/dev/null")) == 0)
                return;
        if (root_path(check->root, path, "%s/%s", directory, name) < 0)
                return;
        finding = findings_add(&check->findings, FINDING_OTHER_AUTOSTART, path, NULL, NULL);
        finding_say(finding, "%s also starts devices", name);
        finding_advise(finding, "let definitions start them, and disable or mask this unit");
}

/* Calls a function for each file that matches the pattern and is in effect, or for each directory: those of
 * one name all count. */
static void each_file(struct check *check, const char *const directories[], size_t n, const char *pattern,
        bool is_directory,
        void (*function)(struct check *check, const char *directory, int dirfd, const char *name))
{
        for (size_t i = 0; i < n; i++) {
                _cleanup_closedir_ DIR *dir = NULL;
                struct dirent *entry;
                char path[PATH_MAX];

                if (root_path(check->root, path, "%s", directories[i]) < 0 || !(dir = opendir(path)))
                        continue;
                while ((entry = readdir(dir)))
                        if (fnmatch(pattern, entry->d_name, FNM_EXTMATCH) == 0 &&
                                (is_directory || !is_hidden(check->root, directories, i, entry->d_name)))
                                function(check, directories[i], dirfd(dir), entry->d_name);
        }
}

/* An enabled instance has only a link in the directory of what wants it. */
static void check_wants(struct check *check, const char *directory, int above_fd, const char *name)
{
        const int fd = openat(above_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int) sizeof(path))
                return;
        while (dir && (entry = readdir(dir)))
                if (fnmatch("nvidia-mdev@*.service", entry->d_name, 0) == 0)
                        check_unit(check, path, fd, entry->d_name);
}

void check_other_autostart(struct check *check)
{
        each_file(
                check, rules_directories, ELEMENTSOF(rules_directories), "*.rules", false, check_rules_file);
        each_file(check, unit_directories, ELEMENTSOF(unit_directories), "nvidia-mdev@*.service", false,
                check_unit);
        each_file(check, unit_directories, ELEMENTSOF(unit_directories), "*.@(wants|requires|upholds)", true,
                check_wants);
}
