/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "commands.h"
#include "device-operation.h"
#include "device.h"
#include "report.h"
#include "stored.h"
#include "sysfs.h"
#include "util.h"
#include "xml.h"

/* What libvirt and QEMU need to know of a device. */
struct hostdev {
        char parent[NAME_MAX + 1], type[NAME_MAX + 1];
        char model[32];
};

/* An active device counts; without one, its definition. */
static int find_type(const struct root *root, const char *uuid, struct hostdev *ret)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        _cleanup_definition_ struct definition definition = {};
        int r;

        if (device_find(root, uuid, &device) > 0 && device.type[0] != '\0') {
                strcpy(ret->parent, device.parent);
                strcpy(ret->type, device.type);
                return 0;
        }
        r = stored_choose_parent(root, uuid, NULL, ret->parent);
        if (r == 0)
                return report_error(-ENOENT, "Device %s is neither active nor defined", uuid);
        if (r > 0)
                r = stored_load(root, ret->parent, uuid, &definition);
        if (r >= 0)
                strcpy(ret->type, definition.type);
        return r < 0 ? r : 0;
}

/* libvirt and QEMU name a device by the interface that its driver has. */
static int read_model(const struct root *root, struct hostdev *hostdev)
{
        static const char *const models[] = {"vfio-pci", "vfio-ccw", "vfio-ap"};
        _cleanup_close_ int fd = device_open_type(root, hostdev->parent, hostdev->type);
        int r;

        if (fd < 0)
                return fd;
        r = sysfs_read(fd, "device_api", hostdev->model, sizeof(hostdev->model));
        if (r < 0)
                return report_error(r, "parent %s, type %s: Failed to read device_api: %m", hostdev->parent,
                        hostdev->type);
        for (size_t i = 0; i < ELEMENTSOF(models); i++)
                if (strcmp(hostdev->model, models[i]) == 0)
                        return 0;
        return report_error(-EOPNOTSUPP,
                "parent %s, type %s: device_api is \"%s\"; guests can have vfio-pci, vfio-ccw and vfio-ap",
                hostdev->parent, hostdev->type, hostdev->model);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        struct hostdev hostdev;
        int r;

        r = find_type(root, arguments->uuid, &hostdev);
        if (r >= 0)
                r = read_model(root, &hostdev);
        if (r < 0)
                return r;
        if (arguments_have(arguments, OPTION_QEMU)) {
                printf("-device %s,sysfsdev=" DEVICES_DIR "/%s\n", hostdev.model, arguments->uuid);
                return 0;
        }
        printf("<hostdev mode='subsystem' type='mdev' managed='no' model='%s'%s>\n", hostdev.model,
                strcmp(hostdev.model, "vfio-pci") == 0 ? " display='off'" : "");
        xml_print(2, "<source>");
        xml_print(4, "<address uuid='%s'/>", arguments->uuid);
        xml_print(2, "</source>");
        xml_print(0, "</hostdev>");
        return 0;
}

const struct command command_hostdev = {
        .name = "hostdev",
        .summary = "Print what gives a device to a guest",
        .details =
                "Prints the element to paste into a libvirt domain. A device that is only defined has the\n"
                "model of its type, so its parent must be registered.",
        .usage = "[OPTIONS] --uuid <UUID>",
        .options =
                (const struct option_use[]){
                        {OPTION_UUID, "UUID of the device"},
                        {OPTION_QEMU, "Print QEMU's option instead"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .all_of = OPTION_BIT(OPTION_UUID),
        .run = run,
};
