/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition.h"
#include "scope.h"

#define PROCESS_1_ROOT "/proc/1/root"

/* True if the peer is process 1 of the caller's PID namespace. For a process in another one, the kernel
 * reports PID 0. */
static bool peer_is_process_1(const struct manager *manager)
{
        struct ucred peer;
        socklen_t size = sizeof(peer);

        return getsockopt(sd_bus_get_fd(manager->bus), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
               peer.pid == 1;
}

/* Opens a path as a process with another root sees it. Without openat2(2), absolute links resolve in the
 * caller's root. */
static int open_below(int root_fd, const char *path)
{
        struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
        long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

        if (fd < 0 && (errno == ENOSYS || errno == EPERM))
                fd = openat(root_fd, path + 1, O_PATH | O_CLOEXEC);
        return (int) fd;
}

/* True if process 1 and the caller find the same file or directory at an absolute path, or both find none.
 */
static bool is_same(int root_fd, const char *path)
{
        _cleanup_close_ int ours = open(path, O_PATH | O_CLOEXEC), theirs = open_below(root_fd, path);
        struct stat a, b;

        if (ours < 0 && theirs < 0)
                return true;
        return ours >= 0 && theirs >= 0 && fstat(ours, &a) == 0 && fstat(theirs, &b) == 0 &&
               a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Also false if the kernel denies the caller access to the root of process 1. */
static bool sees_same_definition(const char *parent, const char *uuid)
{
        _cleanup_close_ int root_fd = open(PROCESS_1_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
        char path[PATH_MAX];

        if (root_fd < 0 || !is_same(root_fd, DEFINITIONS_DIR))
                return false;
        if (parent[0] == '\0') /* the transient definition is in /run */
                return is_same(root_fd, "/run");
        snprintf(path, sizeof(path), DEFINITIONS_DIR "/%s/%s", parent, uuid);
        return is_same(root_fd, path);
}

/* True if the caller's own unit is starting or stopping, or has a job. The unit may then be waiting for the
 * caller. */
static bool own_unit_is_busy(struct manager *manager)
{
        _cleanup_free_ char *unit = NULL;
        struct unit_state state = {};

        if (sd_pid_get_unit(0, &unit) < 0)
                return false;
        return manager_get_unit(manager, unit, &state) < 0 || strcmp(state.job_path, "/") != 0 ||
               unit_is_moving(&state);
}

static bool is_shutting_down(struct manager *manager)
{
        char state[32];

        return manager_get_string(
                       manager, MANAGER_PATH, MANAGER_INTERFACE, "SystemState", state, sizeof(state)) < 0 ||
               strcmp(state, "stopping") == 0;
}

bool scope_has_unit(struct manager *manager, const char *unit, const char *parent, const char *uuid,
        struct unit_state *ret)
{
        return peer_is_process_1(manager) && (!parent || sees_same_definition(parent, uuid)) &&
               !is_shutting_down(manager) && !own_unit_is_busy(manager) &&
               manager_get_unit(manager, unit, ret) >= 0 && strcmp(ret->load, "not-found") != 0;
}
