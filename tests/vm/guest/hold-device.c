/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Holds a mediated device open as a virtual machine does
 *
 * usage: hold-device GROUP UUID
 *
 * Opens the VFIO group, gives it a container with an IOMMU, opens the device
 * and says "holding" on stdout. Lets go when it is killed.
 */

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int check(int r, const char *what)
{
        if (r < 0) {
                perror(what);
                exit(EXIT_FAILURE);
        }
        return r;
}

int main(int argc, char *argv[])
{
        char path[64];
        int container, group;

        if (argc != 3)
                return 2;
        snprintf(path, sizeof(path), "/dev/vfio/%.32s", argv[1]);
        container = check(open("/dev/vfio/vfio", O_RDWR), "/dev/vfio/vfio");
        group = check(open(path, O_RDWR), path);
        check(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), "VFIO_GROUP_SET_CONTAINER");
        check(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), "VFIO_SET_IOMMU");
        check(ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]), "VFIO_GROUP_GET_DEVICE_FD");
        puts("holding");
        fflush(stdout);
        pause();
        return 0;
}
