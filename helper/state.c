/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "state.h"

#define STATE_FORMAT                                                                                        \
        "SYSTEMD_ALIAS=/sys/bus/mdev/devices/%.8s/%.4s/%.4s/%.4s/%.12s\n"                                   \
        ".MDEV_DEVICE=%" PRIu64 "\n"                                                                        \
        ".MDEV_REGISTRATION=%" PRIu64 "\n"                                                                  \
        ".MDEV_PARENT=%s\n"

/* The largest state file: a parent's name and some 130 bytes. */
#define STATE_SIZE (NAME_MAX + 256)

static int state_write(const char *path, const char *text)
{
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        size_t length = strlen(text);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = write(fd, text, length);
        return n < 0 ? -errno : (size_t) n < length ? -ENOSPC : 0;
}

/* Reads a small file as a string, without the newline at its end. */
static int state_read(const char *path, char *ret, size_t size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, ret, size - 1);
        if (n < 0)
                return -errno;
        if (n > 0 && ret[n - 1] == '\n')
                n--;
        ret[n] = '\0';
        return 0;
}

int state_save(const struct env *env, const char *uuid, const struct state *state)
{
        char path[PATH_MAX], temporary[PATH_MAX], directory[PATH_MAX], text[STATE_SIZE];
        int r;

        r = env_path(env, directory, STATE_DIR);
        if (r >= 0)
                r = env_path(env, path, STATE_DIR "/%s", uuid);
        if (r >= 0)
                r = env_path(env, temporary, STATE_DIR "/%s.new", uuid);
        if (r < 0)
                return r;
        if (mkdir(directory, 0755) < 0 && errno != EEXIST)
                return -errno;

        snprintf(text, sizeof(text), STATE_FORMAT, uuid, uuid + 9, uuid + 14, uuid + 19, uuid + 24,
                state->device, state->registration, state->parent);
        /* udev may be reading it at any time. */
        r = state_write(temporary, text);
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r < 0 ? r : 0;
}

int state_load(const struct env *env, const char *uuid, struct state *ret)
{
        char path[PATH_MAX], text[STATE_SIZE];
        const char *line;
        int r;

        r = env_path(env, path, STATE_DIR "/%s", uuid);
        if (r < 0)
                return r;
        r = state_read(path, text, sizeof(text));
        if (r < 0)
                return r;
        line = strchr(text, '\n');
        if (!line ||
                sscanf(line,
                        "\n.MDEV_DEVICE=%" SCNu64 "\n.MDEV_REGISTRATION=%" SCNu64 "\n.MDEV_PARENT=%255[^\n]",
                        &ret->device, &ret->registration, ret->parent) != 3)
                return -EINVAL;
        return 0;
}

void state_forget(const struct env *env, const char *uuid)
{
        char path[PATH_MAX];

        if (env_path(env, path, STATE_DIR "/%s", uuid) >= 0)
                unlink(path);
}

int state_set_creating(const struct env *env, const char *uuid, bool creating)
{
        char path[PATH_MAX];
        int r = env_path(env, path, STATE_DIR "/%s.creating", uuid);

        if (r < 0)
                return r;
        if (creating) {
                char text[16];

                snprintf(text, sizeof(text), "%d\n", (int) getpid());
                return state_write(path, text);
        }
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

bool state_is_creating(const struct env *env, const char *uuid)
{
        char path[PATH_MAX];

        return env_path(env, path, STATE_DIR "/%s.creating", uuid) >= 0 && access(path, F_OK) == 0;
}

bool state_creator_is_alive(const struct env *env, const char *uuid)
{
        char path[PATH_MAX], text[16], name[32];
        int pid;

        if (env_path(env, path, STATE_DIR "/%s.creating", uuid) < 0 ||
                state_read(path, text, sizeof(text)) < 0 || sscanf(text, "%d", &pid) != 1)
                return false;
        /* The number may have been given to another process since. */
        snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        return state_read(path, name, sizeof(name)) >= 0 && strcmp(name, program_invocation_short_name) == 0;
}
