/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sandbox of the helper, in a thread: files that can be written inside and outside
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"
#include "test.h"

static const struct root root = {.path = ""};
static volatile sig_atomic_t interrupted;
static bool has_landlock;
static cpu_set_t processors;

static void on_signal(int number)
{
        (void) number;
        interrupted = gettid();
}

/* Opens a file for writing, creates it if necessary, and returns 0 or a negative errno. */
static int try_to_write(const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static uint64_t effective_capabilities(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        CHECK_INT("capget", syscall(SYS_capget, &header, data), 0);
        return data[0].effective | (uint64_t) data[1].effective << 32;
}

/* True if the calling thread, and so any script that it starts, has the processors of the beginning. */
static bool has_all_processors(void)
{
        cpu_set_t own;

        return sched_getaffinity(0, sizeof(own), &own) == 0 && CPU_EQUAL(&own, &processors);
}

static int inside(void *userdata)
{
        const uint64_t before = effective_capabilities(),
                       lost = UINT64_C(1) << CAP_SYS_PTRACE | 1U << CAP_CHOWN;
        const bool in_thread = gettid() != getpid();
        int parent = open("parent", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int device = open("parent/device", O_PATH | O_DIRECTORY | O_CLOEXEC);

        (void) userdata;
        CHECK_INT("processors inside", has_all_processors(), 1);
        /* While the C library makes a thread, the caller gets no signals anyway. */
        usleep(50000);
        kill(getpid(), SIGUSR1);
        CHECK_INT("a signal interrupts this thread", interrupted, gettid());

        sandbox_enter(&root, parent, -1);
        CHECK_INT("parent", try_to_write("parent/file"), 0);
        CHECK_INT("parent", try_to_write("parent/device/file"), 0);
        if (!has_landlock || !in_thread) {
                CHECK_INT("without Landlock", try_to_write("other"), 0);
                CHECK_INT("without Landlock", try_to_write("parent/new"), 0);
                CHECK_INT("capabilities", (long long) (effective_capabilities() & lost),
                        (long long) (in_thread ? 0 : before & lost));
                close(parent);
                close(device);
                return 42;
        }
        CHECK_INT("parent", try_to_write("other"), -EACCES);
        CHECK_INT("parent", try_to_write("parent/new"), -EACCES);
        CHECK_INT("parent", mkdir("parent/new", 0700) < 0 ? -errno : 0, -EACCES);
        CHECK_INT("parent", unlink("parent/file") < 0 ? -errno : 0, -EACCES);
        CHECK_INT("parent", rename("parent/file", "parent/new") < 0 ? -errno : 0, -EACCES);
        CHECK_INT("parent", symlink("file", "parent/new") < 0 ? -errno : 0, -EACCES);
        CHECK_INT("parent", access("other", R_OK), 0);

        sandbox_enter(&root, device, -1);
        CHECK_INT("device", try_to_write("parent/device/file"), 0);
        CHECK_INT("device", try_to_write("parent/file"), -EACCES);
        CHECK_INT("device", try_to_write("other"), -EACCES);

        /* It does not come back. */
        sandbox_enter(&root, parent, -1);
        CHECK_INT("device", try_to_write("parent/file"), -EACCES);

        CHECK_INT("capabilities", (long long) (effective_capabilities() & lost), 0);
        CHECK_INT(
                "capabilities", effective_capabilities() >> CAP_SYS_ADMIN & 1, before >> CAP_SYS_ADMIN & 1);
        close(parent);
        close(device);
        return 42;
}

int main(void)
{
        const struct sigaction action = {.sa_handler = on_signal};
        char directory[] = "/tmp/test-sandbox.XXXXXX";
        uint64_t before = effective_capabilities();
        int r = 0;

        has_landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 0;
        if (!mkdtemp(directory) || chdir(directory) < 0 || mkdir("parent", 0700) < 0 ||
                mkdir("parent/device", 0700) < 0 || try_to_write("other") < 0 ||
                try_to_write("parent/file") < 0 || try_to_write("parent/device/file") < 0 ||
                sigaction(SIGUSR1, &action, NULL) < 0) {
                perror(directory);
                return EXIT_FAILURE;
        }

        CHECK_INT("processors", sched_getaffinity(0, sizeof(processors), &processors), 0);
        CHECK_INT("the thread", sandbox_run("uuid", inside, NULL, &r), 0);
        CHECK_INT("the thread", r, 42);
        CHECK_INT("processors outside", has_all_processors(), 1);
        CHECK_INT("outside", try_to_write("other"), 0);
        CHECK_INT("outside", try_to_write("parent/new"), 0);
        CHECK_INT("outside", (long long) (effective_capabilities() ^ before), 0);

        unlink("parent/device/file");
        rmdir("parent/device");
        unlink("parent/file");
        unlink("parent/new");
        rmdir("parent");
        unlink("other");
        rmdir(directory);
        return test_result();
}
