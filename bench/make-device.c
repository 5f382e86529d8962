/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The least that makes a device
 *
 * Writes a UUID to the "create" of a type and says nothing of it, for
 * bench/contenders.bash. "1" and the "remove" of a device remove it, for bench/loss.bash.
 *
 * usage: make-device FILE TEXT
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        int fd;

        if (argc != 3)
                return EXIT_FAILURE;
        fd = open(argv[1], O_WRONLY | O_CLOEXEC);
        return fd >= 0 && write(fd, argv[2], strlen(argv[2])) > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
