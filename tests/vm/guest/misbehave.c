/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A helper that tries forbidden writes
 *
 * Preloaded, this makes the helper try, at each of its writes to sysfs, to write to
 * the files named in MISBEHAVE, separated by blanks, and say on stderr what came
 * of it, and what capabilities it has:
 *
 *   misbehave: <file in sysfs>: <file>: <"could be written" or errno text>
 *   misbehave: <file in sysfs>: CapEff: <mask>
 *
 * Files that do not exist are created. With MISBEHAVE_FREE=1 the system calls that make the sandbox are
 * left out, which shows what would happen without it.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void try_all(const char *phase)
{
        char *files = strdup(getenv("MISBEHAVE")), *rest = files, *file, line[256];
        FILE *status = fopen("/proc/thread-self/status", "re");

        while ((file = strsep(&rest, " "))) {
                int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

                dprintf(STDERR_FILENO, "misbehave: %s: %s: %s\n", phase, file,
                        fd < 0 ? strerror(errno) : "could be written");
                if (fd >= 0)
                        close(fd);
        }
        while (status && fgets(line, sizeof(line), status))
                if (strncmp(line, "CapEff:", 7) == 0)
                        dprintf(STDERR_FILENO, "misbehave: %s: %s", phase, line);
        if (status)
                fclose(status);
        free(files);
}

ssize_t write(int fd, const void *data, size_t size)
{
        char link[64], path[4096];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n > 0 && getenv("MISBEHAVE")) {
                path[n] = '\0';
                if (strncmp(path, "/sys/", 5) == 0)
                        try_all(strrchr(path, '/') + 1);
        }
        return syscall(SYS_write, fd, data, size);
}

long syscall(long number, ...)
{
        static long (*real)(long, ...);
        long a[6];
        va_list ap;

        if (!real)
                real = (long (*)(long, ...)) dlsym(RTLD_NEXT, "syscall");
        if (getenv("MISBEHAVE_FREE") && (number == SYS_landlock_restrict_self || number == SYS_capset))
                return 0;
        va_start(ap, number);
        for (int i = 0; i < 6; i++)
                a[i] = va_arg(ap, long);
        va_end(ap);
        return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
