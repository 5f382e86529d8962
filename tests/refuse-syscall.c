/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a program to which the kernel refuses a system call, as the sandboxes of
 * systemd and of container runtimes do
 *
 * usage: refuse-syscall ENOSYS|EPERM CALL PROGRAM ARGUMENT...
 *
 * CALL is openat2, pidfd_open, pidfd_getfd, landlock, faccessat2, clone3,
 * close_range or statx, or "all" for all of them.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than Linux 3.2, which is the oldest that glibc works with. */
static const struct call {
        const char *name;
        unsigned int number;
} calls[] = {
        {"openat2", SYS_openat2},
        {"pidfd_open", SYS_pidfd_open},
        {"pidfd_getfd", SYS_pidfd_getfd},
        {"landlock", SYS_landlock_create_ruleset},
        {"landlock", SYS_landlock_add_rule},
        {"landlock", SYS_landlock_restrict_self},
        {"faccessat2", SYS_faccessat2},
        {"clone3", SYS_clone3},
        {"close_range", SYS_close_range},
        {"statx", SYS_statx},
};
#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

int main(int argc, char *argv[])
{
        struct sock_filter filter[2 * N_CALLS + 2];
        struct sock_fprog program = {.filter = filter};
        unsigned int number;

        if (argc < 4) {
                fprintf(stderr, "usage: refuse-syscall ENOSYS|EPERM CALL PROGRAM ARGUMENT...\n");
                return 2;
        }
        number = strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS;

        /* There are no programs of another architecture in the tests. */
        filter[program.len++] =
                (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        for (size_t i = 0; i < N_CALLS; i++)
                if (strcmp(argv[2], calls[i].name) == 0 || strcmp(argv[2], "all") == 0) {
                        filter[program.len++] = (struct sock_filter) BPF_JUMP(
                                BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
                        filter[program.len++] =
                                (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number);
                }
        if (program.len == 1) {
                fprintf(stderr, "refuse-syscall: what is \"%s\"?\n", argv[2]);
                return 2;
        }
        filter[program.len++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) {
                perror("refuse-syscall: cannot install the filter");
                return 2;
        }
        execvp(argv[3], argv + 3);
        perror(argv[3]);
        return 127;
}
