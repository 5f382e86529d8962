/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Measures a program from fork to exit
 *
 * usage: repeat N PROGRAM ARGUMENT...      prints the mean milliseconds of N runs
 *        repeat --peak PROGRAM ARGUMENT... prints the peak memory of one run in KiB
 */

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static void run(char **argv, struct rusage *usage)
{
        posix_spawn_file_actions_t quiet;
        int status;
        pid_t pid;

        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
        if (posix_spawn(&pid, argv[0], &quiet, NULL, argv, environ) != 0)
                exit(EXIT_FAILURE);
        /* A program that fails may be fast. */
        if (wait4(pid, &status, 0, usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                errx(EXIT_FAILURE, "%s failed", argv[0]);
        posix_spawn_file_actions_destroy(&quiet);
}

int main(int argc, char *argv[])
{
        struct rusage usage;
        double start;
        int n;

        if (argc < 3)
                return 2;
        if (strcmp(argv[1], "--peak") == 0) {
                run(argv + 2, &usage);
                printf("%ld\n", usage.ru_maxrss);
                return 0;
        }
        n = atoi(argv[1]);
        start = now();
        for (int i = 0; i < n; i++)
                run(argv + 2, &usage);
        printf("%.4f\n", (now() - start) / n);
        return 0;
}
