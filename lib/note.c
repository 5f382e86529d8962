/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "note.h"

/* A note has up to four names and about 200 bytes. Leave room for keys of later versions. */
#define NOTE_SIZE (4 * NAME_MAX + 1024)

static const char *const states[_NOTE_STATES] = {
        [NOTE_NONE] = "",
        [NOTE_STARTING] = "starting",
        [NOTE_CREATING] = "creating",
        [NOTE_ACTIVE] = "active",
        [NOTE_LOST] = "lost",
        [NOTE_STOPPING] = "stopping",
        [NOTE_STOPPED] = "stopped",
        [NOTE_LEFT] = "left",
        [NOTE_UNFINISHED] = "unfinished",
};

static enum note_state state_from_text(const char *text)
{
        for (int i = 0; i < _NOTE_STATES; i++)
                if (strcmp(states[i], text) == 0)
                        return i;
        return NOTE_NONE;
}

static bool is_key(const char *line, const char *key, const char **ret_value)
{
        const size_t length = strlen(key);

        if (strncmp(line, key, length) != 0 || line[length] != '=')
                return false;
        *ret_value = line + length + 1;
        return true;
}

static void copy_name(char ret[static NAME_MAX + 1], const char *name)
{
        if (strlen(name) <= NAME_MAX)
                strcpy(ret, name);
}

static void note_parse(char *text, struct note *ret)
{
        bool has_state = false;

        for (char *line = strtok_r(text, "\n", &text); line; line = strtok_r(NULL, "\n", &text)) {
                const char *value;

                /* Keys of version 0.1 have this prefix; those notes have no state. */
                if (strncmp(line, ".MDEV_", strlen(".MDEV_")) == 0)
                        line += strlen(".MDEV_");
                if (is_key(line, "STATE", &value)) {
                        ret->state = state_from_text(value);
                        has_state = true;
                } else if (is_key(line, "ADOPTING", &value)) {
                        ret->adopting = strcmp(value, "1") == 0;
                } else if (is_key(line, "PROCESS", &value)) {
                        (void) sscanf(value, "%d", &ret->process);
                } else if (is_key(line, "DEVICE", &value)) {
                        (void) sscanf(value, "%" SCNu64, &ret->device);
                } else if (is_key(line, "REGISTRATION", &value)) {
                        (void) sscanf(value, "%" SCNu64, &ret->registration);
                } else if (is_key(line, "PARENT", &value)) {
                        copy_name(ret->parent, value);
                } else if (is_key(line, "DRIVER", &value)) {
                        copy_name(ret->driver, value);
                } else if (is_key(line, "PREVIOUS_DRIVER", &value)) {
                        copy_name(ret->previous_driver, value);
                } else if (is_key(line, "PREVIOUS_OVERRIDE", &value)) {
                        copy_name(ret->previous_override, value);
                } else if (is_key(line, "TYPE", &value)) {
                        copy_name(ret->type, value);
                } else if (is_key(line, "TYPE_NUMBER", &value)) {
                        (void) sscanf(value, "%d", &ret->type_number);
                }
        }
        if (!has_state && ret->parent[0])
                ret->state = ret->device ? NOTE_ACTIVE : NOTE_STARTING;
}

/* Reads a small file as a string. */
static int read_text(int dirfd, const char *path, char *ret, size_t size)
{
        _cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, ret, size - 1);
        if (n < 0)
                return -errno;
        ret[n] = '\0';
        return 0;
}

int note_load_at(int dirfd, const char *uuid, struct note *ret)
{
        char text[NOTE_SIZE];
        int r;

        *ret = (struct note){};
        r = read_text(dirfd, uuid, text, sizeof(text));
        if (r >= 0)
                note_parse(text, ret);
        return r;
}

int note_load(const struct root *root, const char *uuid, struct note *ret)
{
        char path[PATH_MAX];
        int r;

        *ret = (struct note){};
        r = root_path(root, path, NOTES_DIR "/%s", uuid);
        return r < 0 ? r : note_load_at(AT_FDCWD, path, ret);
}

int note_lock(const struct root *root)
{
        const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        r = root_path(root, path, NOTES_DIR "/.lock");
        if (r < 0)
                return r;
        fd = open(path, flags, 0600);
        if (fd < 0 && errno == ENOENT) {
                char directory[PATH_MAX];

                r = root_path(root, directory, NOTES_DIR);
                if (r < 0)
                        return r;
                if (mkdir(directory, 0755) < 0 && errno != EEXIST)
                        return -errno;
                fd = open(path, flags, 0600);
        }
        if (fd < 0 || flock(fd, LOCK_EX) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int write_text(const char *path, const char *text, size_t length)
{
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = write(fd, text, length);
        return n < 0 ? -errno : (size_t) n < length ? -ENOSPC : 0;
}

int note_replace(const struct root *root, const char *uuid, const struct note *note)
{
        char path[PATH_MAX], temporary[PATH_MAX], text[NOTE_SIZE];
        int r, n;

        r = root_path(root, path, NOTES_DIR "/%s", uuid);
        if (r >= 0)
                r = root_path(root, temporary, NOTES_DIR "/.%s.new", uuid);
        if (r < 0)
                return r;
        n = snprintf(text, sizeof(text),
                "STATE=%s\nADOPTING=%d\nPROCESS=%d\nDEVICE=%" PRIu64 "\nREGISTRATION=%" PRIu64
                "\nPARENT=%s\n",
                states[note->state], note->adopting, note->process, note->device, note->registration,
                note->parent);
        if (note->driver[0] != '\0')
                n += snprintf(text + n, sizeof(text) - (size_t) n,
                        "DRIVER=%s\nPREVIOUS_DRIVER=%s\nPREVIOUS_OVERRIDE=%s\n", note->driver,
                        note->previous_driver, note->previous_override);
        if (note->type[0] != '\0')
                n += snprintf(text + n, sizeof(text) - (size_t) n, "TYPE=%s\nTYPE_NUMBER=%d\n", note->type,
                        note->type_number);
        r = write_text(temporary, text, (size_t) n);
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r;
}

int note_remove(const struct root *root, const char *uuid)
{
        char path[PATH_MAX];
        int r = root_path(root, path, NOTES_DIR "/%s", uuid);

        if (r < 0)
                return r;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int note_save(const struct root *root, const char *uuid, const struct note *note)
{
        _cleanup_close_ int lock = note_lock(root);

        return lock < 0 ? lock : note_replace(root, uuid, note);
}

bool note_has_process(const struct note *note)
{
        char path[32], name[32];

        if (note->process <= 0)
                return false;
        snprintf(path, sizeof(path), "/proc/%d/comm", note->process);
        /* The PID may belong to another process by now. */
        return read_text(AT_FDCWD, path, name, sizeof(name)) >= 0 && strcmp(name, "mdev-helper\n") == 0;
}

bool note_is_about(const struct note *note, uint64_t inode)
{
        return note->device == inode || (note->state == NOTE_CREATING && note->device == 0);
}
