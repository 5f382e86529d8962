/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The search for processes while others end
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "holders.h"
#include "test.h"

static int failure, failures;

/* Takes the place of the C library's function. The kernel fails like this for a process that ends after its
 * directory was opened. */
DIR *fdopendir(int fd)
{
        DIR *(*original)(int fd) = dlsym(RTLD_NEXT, "fdopendir");

        if (failures == 0)
                return original(fd);
        failures--;
        errno = failure;
        return NULL;
}

int main(void)
{
        char directory[] = "/tmp/test-holders.XXXXXX";
        const struct holder_node node = {.path = "vfio/7", .device = 3};
        _cleanup_holder_list_ struct holder_list list = {}, none = {};
        _cleanup_close_ int fd = -1;

        if (!mkdtemp(directory) || chdir(directory) < 0 || mkdir("vfio", 0700) < 0)
                return EXIT_FAILURE;
        fd = open("vfio/7", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        failure = ENOENT;
        failures = 1;
        CHECK_INT("a process has ended", holders_list(&node, 1, &list), 0);
        CHECK_INT("a process has ended", failures, 0);
        CHECK_INT("a process has ended", (long long) list.n, 1);
        CHECK_INT("a process has ended", list.n == 1 ? list.holders[0].pid : 0, getpid());
        CHECK_INT("a process has ended", list.is_complete, 1);

        failure = ENOMEM;
        failures = 1;
        CHECK_INT("no memory", holders_list(&node, 1, &none), -ENOMEM);

        unlink("vfio/7");
        rmdir("vfio");
        rmdir(directory);
        return test_result();
}
