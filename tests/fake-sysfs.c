/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A sysfs that reacts
 *
 * Preloaded into a program that runs under MDEVCTL_ENV_ROOT, or linked into it,
 * this makes the tree below <root>/sys answer to write(2) as the kernel's mdev
 * framework does:
 *
 *   <parent>/mdev_supported_types/<type>/create    makes the device <parent>/<uuid> and its link
 *                                                  in <root>/sys/bus/mdev/devices
 *   <parent>/<uuid>/remove                         removes both
 *   <parent>/<uuid>/<attribute>                    is noted in <parent>/<uuid>/.log
 *
 * A test describes its devices in the directory of their type:
 *
 *   .template/            is copied into the device: attributes as empty files
 *   .group                the number of the device's IOMMU group
 *   available_instances   is counted down and up, whoever else does so; EUSERS at 0
 *   .latency              milliseconds that create takes; devices wait side by side
 *   .errno                create fails with this number; "11 3" means the first three times, "-19" that
 *                         the parent leaves meanwhile
 *   .rival                create fails with EEXIST because somebody else has just made the device
 *   .signal               the program gets this signal during create
 *   .template/.errno-<attribute, "-" for "/">
 *                         as .errno, for a write to the attribute or to remove
 *
 * Below <root>/sys/bus/<bus>, it binds drivers to devices:
 *
 *   drivers/<driver>/bind, unbind   make and remove the link "driver" of a device
 *   drivers/<driver>/.errno         bind fails with this number
 *   drivers_probe                   binds the driver in the device's driver_override, or in its .default
 *
 * Below <function>/nvidia, it gives a function the type of a vGPU and takes it back:
 *
 *   current_vgpu_type       takes a number of creatable_vgpu_types if it is 0, and 0 if it is not;
 *                           .present has the same number
 *   .errno-<file>           as above, for a write to that file
 *   .reported               is read as the type afterwards
 *   .rival                  this type is there first, once
 *
 * With FAKE_SYSFS_KILL=N, the program is killed at its Nth write below <root>.
 *
 * A group that is open cannot be opened again: open(2) of <root>/dev/vfio/<group>
 * fails with EBUSY if there is a file of that name with ".busy" behind it, or
 * with ".busy-once", which is removed then. It is
 * attached to a container unless there is one with ".unattached" behind it.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

#define TYPES "/mdev_supported_types/"

static char *path(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *path(const char *format, ...)
{
        va_list ap;
        char *ret;

        va_start(ap, format);
        if (vasprintf(&ret, format, ap) < 0)
                abort();
        va_end(ap);
        return ret;
}

static bool exists(const char *file)
{
        struct stat st;

        return lstat(file, &st) == 0;
}

/* Reads up to two numbers; returns how many there were. */
static int read_numbers(const char *file, int *first, int *second)
{
        FILE *f = fopen(file, "re");
        int n;

        if (!f)
                return 0;
        n = fscanf(f, "%d %d", first, second);
        fclose(f);
        return n;
}

static void append(const char *file, const char *mode, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void append(const char *file, const char *mode, const char *format, ...)
{
        FILE *f = fopen(file, mode);
        va_list ap;

        if (!f)
                abort();
        va_start(ap, format);
        vfprintf(f, format, ap);
        va_end(ap);
        fclose(f);
}

/* Adds to the instances that a type has left, if it counts them. Others may read the file meanwhile, so it
 * always has a number. */
static int count_instances(const char *directory, int change)
{
        _cleanup_free_ char *file = path("%s/available_instances", directory);
        FILE *f = fopen(file, "r+e");
        int available, r = 0;

        if (!f)
                return 0;
        if (flock(fileno(f), LOCK_EX) < 0)
                abort();
        if (fscanf(f, "%d", &available) == 1) {
                r = available + change < 0 ? EUSERS : 0;
                rewind(f);
                if (r == 0 && (fprintf(f, "%d\n", available + change) < 0 || fflush(f) != 0 ||
                                      ftruncate(fileno(f), ftell(f)) < 0))
                        abort();
        }
        fclose(f);
        return r;
}

static void unregister_parent(const char *directory, size_t length)
{
        _cleanup_free_ char *parent = path("%.*s", (int) length, directory);
        _cleanup_free_ char *link =
                path("%s/sys/class/mdev_bus%s", getenv("MDEVCTL_ENV_ROOT"), strrchr(parent, '/'));

        if (unlink(link) < 0)
                abort();
}

/* Returns the error that the test asks for, or 0. The path of the file begins with the parent's directory,
 * which has that length. */
static int wanted_errno(const char *file, size_t parent_length)
{
        int number, times, n = read_numbers(file, &number, &times);

        if (n <= 0 || (n == 2 && times == 0))
                return 0;
        if (n == 2)
                append(file, "we", "%d %d\n", number, times - 1);
        if (number < 0)
                unregister_parent(file, parent_length);
        return abs(number);
}

static struct {
        const char *from, *to;
} copy;

static int copy_entry(const char *from, const struct stat *st, int kind, struct FTW *ftw)
{
        _cleanup_free_ char *to = path("%s%s", copy.to, from + strlen(copy.from));
        char content[PATH_MAX] = "";

        (void) st;
        if (kind == FTW_D)
                return mkdir(to, 0755) < 0 && ftw->level > 0 ? -1 : 0;
        if (kind == FTW_SL)
                return readlink(from, content, sizeof(content) - 1) < 0 ? -1 : symlink(content, to);

        FILE *f = fopen(from, "re");
        if (f) {
                content[fread(content, 1, sizeof(content) - 1, f)] = '\0';
                fclose(f);
        }
        append(to, "we", "%s", content);
        return 0;
}

static int remove_entry(const char *from, const struct stat *st, int kind, struct FTW *ftw)
{
        (void) st;
        (void) kind;
        (void) ftw;
        return remove(from);
}

static void make_device(const char *root, const char *type, const char *uuid)
{
        const char *types = strstr(type, TYPES);
        _cleanup_free_ char *device = path("%.*s/%s", (int) (types - type), type, uuid);
        _cleanup_free_ char *template = path("%s/.template", type);
        _cleanup_free_ char *uevent = path("%s/uevent", device);
        _cleanup_free_ char *removal = path("%s/remove", device);
        _cleanup_free_ char *group_file = path("%s/.group", type);
        _cleanup_free_ char *type_link = path("%s/mdev_type", device);
        _cleanup_free_ char *type_target = path("..%s", types);
        _cleanup_free_ char *bus_link = path("%s/sys/bus/mdev/devices/%s", root, uuid);
        int group, unused;

        mkdir(device, 0755);
        append(uevent, "ae", "%s", "");
        append(removal, "ae", "%s", "");
        copy.from = template;
        copy.to = device;
        if (exists(template) && nftw(template, copy_entry, 8, FTW_PHYS) != 0)
                abort();
        if (read_numbers(group_file, &group, &unused) > 0) {
                _cleanup_free_ char *link = path("%s/iommu_group", device);
                _cleanup_free_ char *target = path("%s/sys/kernel/iommu_groups/%d", root, group);

                if (symlink(target, link) < 0)
                        abort();
        }
        if (symlink(device, bus_link) < 0 || symlink(type_target, type_link) < 0)
                abort();
}

static int create(const char *root, const char *type, const char *uuid)
{
        _cleanup_free_ char *bus_link = path("%s/sys/bus/mdev/devices/%s", root, uuid);
        _cleanup_free_ char *errno_file = path("%s/.errno", type);
        _cleanup_free_ char *latency_file = path("%s/.latency", type);
        _cleanup_free_ char *rival_file = path("%s/.rival", type);
        _cleanup_free_ char *signal_file = path("%s/.signal", type);
        int number, unused, wanted;

        if (read_numbers(signal_file, &number, &unused) > 0)
                raise(number);
        wanted = wanted_errno(errno_file, (size_t) (strstr(type, TYPES) - type));
        if (wanted)
                return wanted;
        if (exists(bus_link))
                return EEXIST;
        wanted = count_instances(type, -1);
        if (wanted)
                return wanted;
        if (read_numbers(latency_file, &number, &unused) > 0)
                usleep((useconds_t) number * 1000);
        make_device(root, type, uuid);
        return exists(rival_file) ? EEXIST : 0;
}

static int remove_device(const char *root, const char *device)
{
        _cleanup_free_ char *bus_link = path("%s/sys/bus/mdev/devices%s", root, strrchr(device, '/'));
        _cleanup_free_ char *type = path("%s/mdev_type", device);
        _cleanup_free_ char *errno_file = path("%s/.errno-remove", device);
        int wanted = wanted_errno(errno_file, (size_t) (strrchr(device, '/') - device));

        if (wanted)
                return wanted;
        count_instances(type, 1);
        unlink(bus_link);
        return nftw(device, remove_entry, 8, FTW_PHYS | FTW_DEPTH) == 0 ? 0 : EIO;
}

static int write_attribute(const char *device, const char *name, const char *value)
{
        _cleanup_free_ char *errno_file = path("%s/.errno-%s", device, name);
        _cleanup_free_ char *log = path("%s/.log", device);
        int wanted;

        for (char *p = errno_file + strlen(device) + 1; (p = strchr(p, '/'));)
                *p = '-';
        wanted = wanted_errno(errno_file, (size_t) (strrchr(device, '/') - device));
        if (wanted)
                return wanted;
        append(log, "ae", "%s=%s\n", name, value);
        return 0;
}

/* Reads a line, which is empty without a file. */
static char *read_line(const char *file)
{
        char line[256] = "";
        FILE *f = fopen(file, "re");

        if (f) {
                line[fread(line, 1, sizeof(line) - 1, f)] = '\0';
                fclose(f);
        }
        line[strcspn(line, "\n")] = '\0';
        return path("%s", line);
}

static int bind_driver(const char *bus, const char *driver, const char *device)
{
        _cleanup_free_ char *link = path("%s/devices/%s/driver", bus, device);
        _cleanup_free_ char *override_file = path("%s/devices/%s/driver_override", bus, device);
        _cleanup_free_ char *directory = path("%s/drivers/%s", bus, driver);
        _cleanup_free_ char *errno_file = path("%s/.errno", directory);
        _cleanup_free_ char *override = read_line(override_file);
        int wanted = 0, unused;

        (void) read_numbers(errno_file, &wanted, &unused);
        if (exists(link))
                return EBUSY;
        if (driver[0] == '\0' || !exists(directory) ||
                (override[0] != '\0' && strcmp(override, driver) != 0))
                return ENODEV;
        return wanted ? wanted : symlink(directory, link) < 0 ? errno : 0;
}

static int unbind_driver(const char *bus, const char *driver, const char *device)
{
        _cleanup_free_ char *link = path("%s/devices/%s/driver", bus, device);
        char target[PATH_MAX] = "";

        if (readlink(link, target, sizeof(target) - 1) < 0 || strcmp(strrchr(target, '/') + 1, driver) != 0)
                return ENODEV;
        return unlink(link) < 0 ? errno : 0;
}

static int probe_device(const char *bus, const char *device)
{
        _cleanup_free_ char *override_file = path("%s/devices/%s/driver_override", bus, device);
        _cleanup_free_ char *default_file = path("%s/devices/%s/.default", bus, device);
        _cleanup_free_ char *override = read_line(override_file);
        _cleanup_free_ char *chosen = read_line(default_file);

        (void) bind_driver(bus, override[0] != '\0' ? override : chosen, device);
        return 0;
}

/* The file may be of a bus or of a driver; react() returns the same. */
static int react_as_bus(const char *root, const char *file, const char *text)
{
        _cleanup_free_ char *buses = path("%s/sys/bus/", root), *bus = path("%s", file), *driver = NULL;
        char *name;

        if (strncmp(file, buses, strlen(buses)) != 0)
                return -1;
        bus[strlen(buses) + strcspn(file + strlen(buses), "/")] = '\0';
        if (strcmp(file + strlen(bus), "/drivers_probe") == 0)
                return probe_device(bus, text);
        if (strncmp(file + strlen(bus), "/drivers/", strlen("/drivers/")) != 0)
                return -1;
        driver = path("%s", file + strlen(bus) + strlen("/drivers/"));
        name = strrchr(driver, '/');
        *name++ = '\0';
        return strcmp(name, "bind") == 0 ? bind_driver(bus, driver, text) : unbind_driver(bus, driver, text);
}

static bool can_create(const char *directory, const char *number)
{
        _cleanup_free_ char *file = path("%s/creatable_vgpu_types", directory);
        char line[256];
        bool found = false;
        FILE *f = fopen(file, "re");

        while (f && fgets(line, sizeof(line), f))
                found = found || (atoi(line) == atoi(number) && atoi(number) > 0);
        if (f)
                fclose(f);
        return found;
}

/* The open of the file has emptied it, so what it holds is also in another one. */
static void set_vgpu_type(const char *directory, const char *file, const char *number)
{
        _cleanup_free_ char *present_file = path("%s/.present", directory);

        append(present_file, "we", "%s\n", number);
        append(file, "we", "%s\n", number);
}

static int try_vgpu_type(const char *directory, const char *present, const char *number)
{
        _cleanup_free_ char *errno_file = path("%s/.errno-current_vgpu_type", directory);
        const int wanted = wanted_errno(errno_file, 0);

        if (wanted)
                return wanted;
        if ((atoi(number) == 0) == (atoi(present) == 0))
                return EPERM;
        return atoi(number) != 0 && !can_create(directory, number) ? EIO : 0;
}

static int write_vgpu_type(const char *directory, const char *file, const char *number)
{
        _cleanup_free_ char *present_file = path("%s/.present", directory);
        _cleanup_free_ char *reported_file = path("%s/.reported", directory);
        _cleanup_free_ char *rival_file = path("%s/.rival", directory);
        _cleanup_free_ char *rival = read_line(rival_file), *reported = read_line(reported_file);
        _cleanup_free_ char *present = rival[0] != '\0' ? path("%s", rival) : read_line(present_file);
        int r;

        (void) unlink(rival_file);
        r = try_vgpu_type(directory, present, number);
        set_vgpu_type(directory, file, r != 0 ? present : reported[0] != '\0' ? reported : number);
        return r;
}

/* Finds out what a file in sysfs means and does it: 0, an errno, or -1 for a file like any other. */
static int react(const char *root, const char *file, const char *text)
{
        _cleanup_free_ char *directory = path("%s", file);
        _cleanup_free_ char *type_file = NULL;
        char *end = strrchr(directory, '/');
        int r = react_as_bus(root, file, text);

        if (r >= 0)
                return r;
        *end = '\0';
        if (strcmp(file + (end - directory), "/create") == 0 && strstr(directory, TYPES))
                return create(root, directory, text);

        type_file = path("%s/current_vgpu_type", directory);
        if (exists(type_file))
                return strcmp(file + (end - directory), "/current_vgpu_type") == 0
                               ? write_vgpu_type(directory, file, text)
                               : write_attribute(directory, file + (end - directory) + 1, text);

        /* An attribute may lie some levels below its device. */
        for (; strlen(directory) > strlen(root); *strrchr(directory, '/') = '\0') {
                _cleanup_free_ char *type_link = path("%s/mdev_type", directory);
                const char *name = file + strlen(directory) + 1;

                if (exists(type_link))
                        return strcmp(name, "remove") == 0 ? remove_device(root, directory)
                                                           : write_attribute(directory, name, text);
        }
        return -1;
}

static void count_writes(void)
{
        static int writes;
        const char *last = getenv("FAKE_SYSFS_KILL");

        if (last && ++writes == atoi(last))
                raise(SIGKILL);
}

ssize_t write(int fd, const void *data, size_t size)
{
        const char *root = getenv("MDEVCTL_ENV_ROOT");
        _cleanup_free_ char *link = path("/proc/self/fd/%d", fd), *sys = NULL, *text = NULL;
        char file[PATH_MAX] = "";
        int saved = errno, r = -1;

        if (root && readlink(link, file, sizeof(file) - 1) > 0) {
                sys = path("%s/sys/", root);
                text = path("%.*s", (int) size, (const char *) data);
                if (strncmp(file, root, strlen(root)) == 0)
                        count_writes();
                if (strncmp(file, sys, strlen(sys)) == 0)
                        r = react(root, file, text);
        }
        errno = r > 0 ? r : saved;
        if (r > 0)
                return -1;
        if (r == 0)
                return (ssize_t) size;
        return syscall(SYS_write, fd, data, size);
}

int ioctl(int fd, unsigned long request, ...)
{
        _cleanup_free_ char *link = path("/proc/self/fd/%d", fd), *unattached = NULL;
        struct vfio_group_status *status;
        char file[PATH_MAX] = "";
        va_list ap;

        va_start(ap, request);
        status = va_arg(ap, struct vfio_group_status *);
        va_end(ap);
        if (request != VFIO_GROUP_GET_STATUS || readlink(link, file, sizeof(file) - 1) <= 0) {
                errno = ENOTTY;
                return -1;
        }
        unattached = path("%s.unattached", file);
        status->flags = exists(unattached) ? 0 : VFIO_GROUP_FLAGS_CONTAINER_SET;
        return 0;
}

int open(const char *file, int flags, ...)
{
        const char *root = getenv("MDEVCTL_ENV_ROOT");
        _cleanup_free_ char *groups = path("%s/dev/vfio/", root ? root : ""), *busy = path("%s.busy", file),
                            *once = path("%s.busy-once", file);
        mode_t mode = 0;

        if (root && strncmp(file, groups, strlen(groups)) == 0 && (exists(busy) || unlink(once) == 0)) {
                errno = EBUSY;
                return -1;
        }
        if (flags & O_CREAT) {
                va_list ap;

                va_start(ap, flags);
                mode = va_arg(ap, mode_t);
                va_end(ap);
        }
        return (int) syscall(SYS_openat, AT_FDCWD, file, flags, mode);
}
