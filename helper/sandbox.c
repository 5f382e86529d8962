/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "sandbox.h"

/* The headers of Linux 6.1 lack these. */
#define ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)  /* ABI 3 */
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define ACCESS_NET_TCP (UINT64_C(3))            /* ABI 4: bind and connect */
#define SCOPE_SIGNAL (UINT64_C(2))              /* ABI 6 */

/* An older kernel, whose structure is shorter, accepts this one if the extra fields are 0. */
struct ruleset {
        uint64_t fs, net, scoped;
};

#define ACCESS_FS_WRITE                                                                                     \
        (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |   \
                LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
                LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                               \
                LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* A driver's functions run with the capabilities of the writing process, and some drivers check them:
 * NVIDIA's checks for CAP_SYS_ADMIN, CAP_SYS_NICE or CAP_PERFMON. This set has every capability that a
 * driver may check, and CAP_DAC_OVERRIDE for files in sysfs that belong to another user. The others concern
 * files, processes, users and the system itself. */
#define CAPABILITY(name) (UINT64_C(1) << (name))
#define CAPABILITIES                                                                                        \
        (CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYS_RAWIO) | CAPABILITY(CAP_SYS_RESOURCE) |             \
                CAPABILITY(CAP_SYS_NICE) | CAPABILITY(CAP_IPC_LOCK) | CAPABILITY(CAP_NET_ADMIN) |           \
                CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_DAC_OVERRIDE))

/* A missing directory needs no rule. */
static int allow(int ruleset_fd, int directory_fd, uint64_t access)
{
        struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = directory_fd};

        if (directory_fd < 0)
                return 0;
        return syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno
                                                                                                    : 0;
}

static int restrict_writing(const struct root *root, int directory_fd, int other_fd)
{
        const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        const uint64_t truncate = abi >= 3 ? ACCESS_FS_TRUNCATE : 0;
        const uint64_t write = LANDLOCK_ACCESS_FS_WRITE_FILE | truncate;
        const struct ruleset ruleset = {
                .fs = ACCESS_FS_WRITE | truncate | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) |
                      (abi >= 5 ? ACCESS_FS_IOCTL_DEV : 0),
                .net = abi >= 4 ? ACCESS_NET_TCP : 0,
                .scoped = abi >= 6 ? SCOPE_SIGNAL : 0,
        };
        _cleanup_close_ int ruleset_fd = -1, state_fd = -1;
        char path[PATH_MAX];
        int r;

        if (abi < 0)
                return -errno;
        ruleset_fd = (int) syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
        if (ruleset_fd < 0)
                return -errno;
        r = root_path(root, path, NOTES_DIR);
        if (r < 0)
                return r;
        state_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        r = allow(ruleset_fd, directory_fd, write);
        if (r >= 0)
                r = allow(ruleset_fd, other_fd, write);
        if (r >= 0)
                r = allow(ruleset_fd, state_fd,
                        write | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE);
        if (r < 0)
                return r;
        return syscall(SYS_landlock_restrict_self, ruleset_fd, 0) < 0 ? -errno : 0;
}

static int drop_capabilities(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (uint32_t) (CAPABILITIES >> (32 * i));
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Without a thread, the process could never leave the sandbox, so it does not enter it. */
static bool without_sandbox;

void sandbox_enter(const struct root *root, int directory_fd, int other_fd)
{
        int r;

        if (!root_is_live(root) || without_sandbox)
                return;
        /* Otherwise the next program that this process executes would regain the dropped capabilities. */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                log_debug("Failed to give up new privileges: %m");
        r = restrict_writing(root, directory_fd, other_fd);
        if (r == -ENOSYS || r == -EOPNOTSUPP || r == -EPERM)
                log_debug("Landlock is not available, going on without: %s", strerror(-r));
        else if (r < 0)
                log_warning_errno(r, "Failed to restrict writing with Landlock, going on without: %m");
        r = drop_capabilities();
        if (r < 0)
                log_warning_errno(r, "Failed to drop capabilities, going on with all: %m");
}

struct call {
        int (*function)(void *userdata);
        void *userdata;
        int r;
        sigset_t mask;
        cpu_set_t processors;
        bool is_pinned;
};

/* The kernel puts a new thread on an idle processor, and two switches between processors take longer than
 * everything else that the thread does. The caller only waits, so it pins both to the processor it has. */
static void pin(struct call *call)
{
        const int processor = sched_getcpu();
        cpu_set_t one;

        if (processor < 0 || processor >= CPU_SETSIZE ||
                sched_getaffinity(0, sizeof(call->processors), &call->processors) < 0)
                return;
        CPU_ZERO(&one);
        CPU_SET(processor, &one);
        call->is_pinned = sched_setaffinity(0, sizeof(one), &one) >= 0;
}

/* Each thread for itself. */
static void unpin(const struct call *call)
{
        if (call->is_pinned)
                (void) sched_setaffinity(0, sizeof(call->processors), &call->processors);
}

static void *run(void *userdata)
{
        struct call *call = userdata;

        unpin(call);
        pthread_sigmask(SIG_SETMASK, &call->mask, NULL);
        call->r = call->function(call->userdata);
        return NULL;
}

int sandbox_run(const char *name, int (*function)(void *userdata), void *userdata, int *ret)
{
        struct call call = {.function = function, .userdata = userdata};
        pthread_t thread;
        sigset_t all;
        int r;

        /* The thread needs no arena of its own: the caller only waits. */
        (void) mallopt(M_ARENA_MAX, 1);
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &call.mask);
        pin(&call);
        r = pthread_create(&thread, NULL, run, &call);
        if (r == 0)
                pthread_join(thread, NULL);
        unpin(&call);
        pthread_sigmask(SIG_SETMASK, &call.mask, NULL);
        /* The C library uses clone3(2) and falls back to clone(2) only on ENOSYS, not on EPERM. */
        if (r == EPERM) {
                log_debug(
                        "%s: Failed to create a thread, going on without a sandbox: %s", name, strerror(r));
                without_sandbox = true;
                call.r = function(userdata);
                r = 0;
        }
        if (r != 0)
                return log_error_errno(-r, "%s: Failed to create a worker thread: %m", name);
        *ret = call.r;
        return 0;
}
