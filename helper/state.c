/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>

#include "cleanup.h"
#include "device.h"
#include "log.h"
#include "state.h"

#define STATE_FORMAT                                                                                        \
        ".MDEV_PROCESS=%d\n"                                                                                \
        ".MDEV_DEVICE=%" PRIu64 "\n"                                                                        \
        ".MDEV_REGISTRATION=%" PRIu64 "\n"                                                                  \
        ".MDEV_PARENT=%s\n"

/* How long it may take to tell systemd of a loss, and how often to look, in milliseconds. */
#define FOLLOWER_WAIT_MS 10000
#define FOLLOWER_PAUSE_MS 10

/* What is in a mark: a process and a device. */
#define MARK_FORMAT "%d %" PRIu64 "\n"
#define MARK_SIZE 48

/* The largest state file: a parent's name and some 130 bytes. */
#define STATE_SIZE (NAME_MAX + 256)

static int state_make_directory(const struct env *env)
{
        char path[PATH_MAX];
        int r = env_path(env, path, STATE_DIR);

        if (r < 0)
                return r;
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int state_write(const struct env *env, const char *path, const char *text)
{
        const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
        _cleanup_close_ int fd = open(path, flags, 0644);
        size_t length = strlen(text);
        ssize_t n;

        if (fd < 0 && errno == ENOENT) {
                int r = state_make_directory(env);

                if (r < 0)
                        return r;
                fd = open(path, flags, 0644);
        }
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

/* Whether a process is one of this program. Its number may have been given to another one since. */
static bool process_lives(int pid)
{
        char path[32], name[32];

        snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        return state_read(path, name, sizeof(name)) >= 0 && strcmp(name, program_invocation_short_name) == 0;
}

/* Who has looked at the old state may be telling systemd of it. */
static void wait_for_follower(const struct env *env, const char *uuid)
{
        const struct timespec pause = {.tv_nsec = FOLLOWER_PAUSE_MS * 1000000};
        struct mark mark;

        for (int waited = 0; waited < FOLLOWER_WAIT_MS &&
                             state_find_mark(env, uuid, MARK_FOLLOWING, &mark) && mark.under_way;
                waited += FOLLOWER_PAUSE_MS)
                nanosleep(&pause, NULL);
}

/* udev may be reading it at any time. */
static int state_replace(const struct env *env, const char *path, const char *temporary, const char *text)
{
        int r = state_write(env, temporary, text);

        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r;
}

int state_save(const struct env *env, const char *uuid, const struct state *state)
{
        char path[PATH_MAX], temporary[PATH_MAX], text[STATE_SIZE];
        int r;

        r = env_path(env, path, STATE_DIR "/%s", uuid);
        if (r >= 0)
                r = env_path(env, temporary, STATE_DIR "/%s.new", uuid);
        if (r < 0)
                return r;

        snprintf(text, sizeof(text), STATE_FORMAT, state->process, state->device, state->registration,
                state->parent);
        r = state_replace(env, path, temporary, text);
        if (r < 0)
                return r;
        wait_for_follower(env, uuid);
        /* It may have taken this note for the old one. */
        return access(path, F_OK) < 0 ? state_replace(env, path, temporary, text) : 0;
}

int state_load(const struct env *env, const char *uuid, struct state *ret)
{
        char path[PATH_MAX], text[STATE_SIZE];
        int r;

        r = env_path(env, path, STATE_DIR "/%s", uuid);
        if (r < 0)
                return r;
        r = state_read(path, text, sizeof(text));
        if (r < 0)
                return r;
        if (sscanf(text,
                    ".MDEV_PROCESS=%d\n.MDEV_DEVICE=%" SCNu64 "\n.MDEV_REGISTRATION=%" SCNu64
                    "\n.MDEV_PARENT=%255[^\n]",
                    &ret->process, &ret->device, &ret->registration, ret->parent) != 4)
                return -EINVAL;
        return 0;
}

bool state_has_lost_device(const struct env *env, const char *uuid)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        struct state state;
        int r;

        if (state_load(env, uuid, &state) < 0 || state.device == 0)
                return false;
        r = device_find(env, uuid, &device);
        return r == 0 || (r > 0 && device.inode != state.device);
}

void state_forget(const struct env *env, const char *uuid)
{
        char path[PATH_MAX];

        if (env_path(env, path, STATE_DIR "/%s", uuid) >= 0)
                unlink(path);
}

static int mark_path(const struct env *env, const char *uuid, enum mark_kind kind, char ret[PATH_MAX])
{
        static const char *const names[] = {
                [MARK_CREATING] = "creating",
                [MARK_STOPPING] = "stopping",
                [MARK_ADOPTING] = "adopting",
                [MARK_FOLLOWING] = "following",
        };

        return env_path(env, ret, STATE_DIR "/%s.%s", uuid, names[kind]);
}

int state_mark(const struct env *env, const char *uuid, enum mark_kind kind, uint64_t device)
{
        char path[PATH_MAX], text[MARK_SIZE];
        int r = mark_path(env, uuid, kind, path);

        if (r < 0)
                return r;
        snprintf(text, sizeof(text), MARK_FORMAT, (int) getpid(), device);
        return state_write(env, path, text);
}

int state_unmark(const struct env *env, const char *uuid, enum mark_kind kind)
{
        char path[PATH_MAX];
        int r = mark_path(env, uuid, kind, path);

        if (r < 0)
                return r;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

bool state_find_mark(const struct env *env, const char *uuid, enum mark_kind kind, struct mark *ret)
{
        char path[PATH_MAX], text[MARK_SIZE];
        int pid;

        *ret = (struct mark){};
        if (mark_path(env, uuid, kind, path) < 0 || state_read(path, text, sizeof(text)) < 0)
                return false;
        if (sscanf(text, "%d %" SCNu64, &pid, &ret->device) < 1)
                return true;
        ret->under_way = process_lives(pid);
        return true;
}

int state_report_failure(const char *uuid, int r)
{
        log_error_errno(r, "%s: cannot write " STATE_DIR "/%s: %m; is /run full or read-only?", uuid, uuid);
        return EX_CANTCREAT;
}
