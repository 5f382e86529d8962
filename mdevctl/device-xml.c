/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A device as libvirt's node device driver shows it
 *
 * libvirt names a device by bus and address, with "_" for what is no letter or
 * digit. The parent of a device is the nearest one above it that libvirt lists;
 * where there is none, libvirt says "computer".
 */

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device-xml.h"
#include "device.h"
#include "parent.h"
#include "sysfs.h"
#include "util.h"
#include "xml.h"

#define NODE_SIZE (3 * (NAME_MAX + 1))
#define NODE_OF_HOST "computer"

/* The buses whose devices can be parents of mediated devices, and what libvirt puts before the address. It
 * lists no other parent. */
static const struct {
        const char *subsystem, *prefix;
} buses[] = {{"pci", "pci"}, {"css", "css"}, {"matrix", "ap"}, {"mtty", "mtty"}};

static void node_name(char ret[static NODE_SIZE], const char *prefix, const char *a, const char *b)
{
        snprintf(ret, NODE_SIZE, "%s_%s%s%s", prefix, a, b ? "_" : "", b ? b : "");
        for (; *ret; ret++)
                if (!isascii(*ret) || !isalnum(*ret))
                        *ret = '_';
}

/* Names the device in a directory of sysfs. False if libvirt does not list it. */
static bool find_node(const char *path, char ret[static NODE_SIZE])
{
        char link[PATH_MAX + sizeof("/subsystem")], subsystem[NAME_MAX + 1];

        snprintf(link, sizeof(link), "%s/subsystem", path);
        if (sysfs_read_link(AT_FDCWD, link, subsystem, sizeof(subsystem)) < 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(buses); i++)
                if (strcmp(subsystem, buses[i].subsystem) == 0) {
                        node_name(ret, buses[i].prefix, strrchr(path, '/') + 1, NULL);
                        return true;
                }
        return false;
}

/* Names the nearest device above an active one that libvirt lists. */
static void find_node_above(const char *path, char ret[static NODE_SIZE])
{
        char above[PATH_MAX], *last;

        strcpy(above, path);
        strcpy(ret, NODE_OF_HOST);
        while ((last = strrchr(above, '/'))) {
                *last = '\0';
                if (last == above || find_node(above, ret))
                        return;
        }
}

/* Names the parent of a definition, which libvirt finds by its address; it need not be registered. */
static void find_node_of_address(const struct root *root, const char *parent, char ret[static NODE_SIZE])
{
        static const char *const directories[] = {
                PARENTS_DIR, "/sys/bus/pci/devices", "/sys/bus/css/devices"};
        char path[PATH_MAX], resolved[PATH_MAX];

        strcpy(ret, NODE_OF_HOST);
        for (size_t i = 0; i < ELEMENTSOF(directories); i++)
                if (root_path(root, path, "%s/%s", directories[i], parent) >= 0 &&
                        realpath(path, resolved) && find_node(resolved, ret))
                        return;
}

/* Copies the last component of a link in the device's directory, or nothing. */
static void read_link(const struct device *device, const char *name, char ret[static NAME_MAX + 1])
{
        if (sysfs_read_link(device->fd, name, ret, NAME_MAX + 1) < 0)
                ret[0] = '\0';
}

/* The device on this parent, active or not. */
struct node {
        char name[NODE_SIZE], parent[NODE_SIZE];
        char path[PATH_MAX], driver[NAME_MAX + 1]; /* empty for a definition */
        char group[NAME_MAX + 1];                  /* libvirt says 0 if there is no device */
};

static void node_read(const struct root *root, const struct mdev *mdev, struct node *ret)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        char path[PATH_MAX];

        *ret = (struct node){.group = "0"};
        node_name(ret->name, "mdev", mdev->uuid, mdev->parent);
        if (device_find(root, mdev->uuid, &device) > 0 && strcmp(device.parent, mdev->parent) == 0)
                read_link(&device, "iommu_group", ret->group);
        if (mdev->is_active && root_path(root, path, DEVICES_DIR "/%s", mdev->uuid) >= 0 &&
                realpath(path, ret->path)) {
                read_link(&device, "driver", ret->driver);
                find_node_above(ret->path, ret->parent);
        } else
                find_node_of_address(root, mdev->parent, ret->parent);
}

static void print_capability(const struct mdev *mdev, const char *group)
{
        const cJSON *position = NULL;
        const char *name, *value;

        xml_print(2, "<capability type='mdev'>");
        xml_print(4, "<type id='%s'/>", mdev->definition.type);
        xml_print(4, "<uuid>%s</uuid>", mdev->uuid);
        xml_print(4, "<parent_addr>%s</parent_addr>", mdev->parent);
        if (group[0] != '\0')
                xml_print(4, "<iommuGroup number='%s'/>", group);
        while (definition_next_attribute(&mdev->definition, &position, &name, &value))
                xml_print(4, "<attr name='%s' value='%s'/>", name, value);
        xml_print(2, "</capability>");
}

void device_xml_print(const struct root *root, const struct mdev *mdev)
{
        struct node node;

        node_read(root, mdev, &node);
        xml_print(0, "<device>");
        xml_print(2, "<name>%s</name>", node.name);
        if (node.path[0] != '\0')
                xml_print(2, "<path>%s</path>", node.path);
        xml_print(2, "<parent>%s</parent>", node.parent);
        if (node.driver[0] != '\0') {
                xml_print(2, "<driver>");
                xml_print(4, "<name>%s</name>", node.driver);
                xml_print(2, "</driver>");
        }
        print_capability(mdev, node.group);
        xml_print(0, "</device>");
}
