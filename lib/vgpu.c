/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "nodes.h"
#include "note.h"
#include "sysfs.h"
#include "util.h"
#include "vgpu.h"

#define TYPES_FILE "creatable_vgpu_types"

bool vgpu_functions_are_neighbours(const char *a, const char *b)
{
        /* Up to the colon after the bus. */
        const size_t length = (size_t) (strrchr(a, ':') - a) + 1;

        return strncmp(a, b, length) == 0;
}

int vgpu_definitions_open(const struct root *root)
{
        return root_open_directory(root, VGPU_DIR);
}

static int compare_names(const void *a, const void *b)
{
        const char *const *left = a, *const *right = b;
        const size_t n = strlen(*left), k = strlen(*right);

        return n != k ? (n > k) - (n < k) : strcmp(*left, *right);
}

static int names_add(char ***names, size_t n, const char *name)
{
        char **all = realloc(*names, (n + 2) * sizeof(*all));

        if (!all)
                return -ENOMEM;
        *names = all;
        all[n] = strdup(name);
        all[n + 1] = NULL;
        return all[n] ? 0 : -ENOMEM;
}

int vgpu_definitions_list(
        int dirfd, char ***ret, void (*skipped)(const char *name, void *userdata), void *userdata)
{
        _cleanup_vgpu_names_ char **names = NULL;
        _cleanup_closedir_ DIR *dir = NULL;
        size_t n = 0;
        struct dirent *entry;
        int fd;

        fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                if (!pci_function_is_canonical(entry->d_name)) {
                        if (skipped)
                                skipped(entry->d_name, userdata);
                        continue;
                }
                if (names_add(&names, n, entry->d_name) < 0)
                        return -ENOMEM;
                n++;
        }
        if (names)
                qsort(names, n, sizeof(*names), compare_names);
        *ret = TAKE_PTR(names);
        return (int) n;
}

void vgpu_names_free(char ***names)
{
        for (char **p = *names; p && *p; p++)
                free(*p);
        free(*names);
}

int vgpu_definition_load(int dirfd, const char *function, struct definition *ret, struct reason *reason)
{
        return definition_load_kind(DEFINITION_VGPU, dirfd, function, ret, reason);
}

int vgpu_function_open(const struct root *root, const char *function, struct bus_device *ret)
{
        struct override override = {.bus = "pci"};

        if (strlen(function) > NAME_MAX)
                return -EINVAL;
        strcpy(override.device, function);
        return bus_device_open(root, &override, ret);
}

int vgpu_function_announce(const struct root *root, const char *function)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        int r = vgpu_function_open(root, function, &device);

        if (r >= 0)
                r = bus_device_announce(&device);
        return r == -ENODEV ? 0 : r < 0 ? r : 1;
}

bool vgpu_function_get_card(const struct bus_device *function, char ret[static NAME_MAX + 1])
{
        return sysfs_read_link(function->fd, "physfn", ret, NAME_MAX + 1) >= 0;
}

/* The kernel counts for how long a device was active and for how long suspended. */
static int64_t get_age_of_device(const struct bus_device *function)
{
        static const char *const times[] = {"power/runtime_active_time", "power/runtime_suspended_time"};
        int64_t sum = 0;

        for (size_t i = 0; i < ELEMENTSOF(times); i++) {
                char text[32], *end;

                if (sysfs_read(function->fd, times[i], text, sizeof(text)) < 0)
                        return -1;
                sum += strtoll(text, &end, 10);
                if (end == text || *end != '\0')
                        return -1;
        }
        return sum;
}

/* The kernel makes the node when a driver registers the first function of the group. After a jump of the
 * clock this is wrong, but the age of the device limits it. */
static int64_t get_age_of_node(const struct root *root, const struct bus_device *function)
{
        const struct device device = {.fd = function->fd};
        struct timespec now;
        struct nodes nodes;
        struct stat st;
        int64_t age;

        if (nodes_find(root, &device, &nodes) < 0 ||
                stat(nodes.group[0] ? nodes.group : nodes.cdev, &st) < 0 ||
                clock_gettime(CLOCK_REALTIME, &now) < 0)
                return INT64_MAX;
        age = (now.tv_sec - st.st_mtim.tv_sec) * 1000 + (now.tv_nsec - st.st_mtim.tv_nsec) / 1000000;
        return age < 0 ? INT64_MAX : age;
}

int64_t vgpu_function_get_age(const struct root *root, const struct bus_device *function)
{
        const int64_t age = get_age_of_device(function), age_of_node = get_age_of_node(root, function);

        return age < age_of_node ? age : age_of_node;
}

int vgpu_controls_open(const struct bus_device *function)
{
        int fd = openat(function->fd, VGPU_CONTROLS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

bool vgpu_type_is_number(const char *type, int *ret)
{
        char *end;
        long number;

        if (type[0] < '0' || type[0] > '9')
                return false;
        errno = 0;
        number = strtol(type, &end, 10);
        if (errno != 0 || *end != '\0' || number > INT_MAX)
                return false;
        *ret = (int) number;
        return true;
}

int vgpu_get_type(int controls_fd, int *ret)
{
        char text[32];
        int r = sysfs_read(controls_fd, VGPU_TYPE_FILE, text, sizeof(text));

        if (r < 0)
                return r;
        return vgpu_type_is_number(text, ret) ? 0 : -EBADMSG;
}

int vgpu_set_type(int controls_fd, int number)
{
        char text[16];

        snprintf(text, sizeof(text), "%d", number);
        return sysfs_write(controls_fd, VGPU_TYPE_FILE, text);
}

int vgpu_clear_type(int controls_fd)
{
        int number, r = vgpu_set_type(controls_fd, 0);

        /* Some releases refuse this if there is no type. */
        return r < 0 && vgpu_get_type(controls_fd, &number) >= 0 && number == 0 ? 0 : r;
}

int vgpu_read_types(int controls_fd, char ret[static VGPU_TYPES_SIZE])
{
        return sysfs_read(controls_fd, TYPES_FILE, ret, VGPU_TYPES_SIZE);
}

static const char *skip_blanks(const char *p)
{
        return p + strspn(p, " \t");
}

/* Reads one line, which ends at end. */
static bool parse_type(const char *line, const char *end, struct vgpu_type *ret)
{
        const char *p = skip_blanks(line);
        size_t digits = strspn(p, "0123456789"), length;
        char number[16];

        if (digits == 0 || digits >= sizeof(number))
                return false;
        memcpy(number, p, digits);
        number[digits] = '\0';
        p = skip_blanks(p + digits);
        if (*p != ':')
                return false;
        p = skip_blanks(p + 1);
        while (end > p && strchr(" \t\r", end[-1]))
                end--;
        length = p < end ? (size_t) (end - p) : 0;
        if (length == 0 || length >= VGPU_TYPE_NAME_SIZE || !vgpu_type_is_number(number, &ret->number))
                return false;
        memcpy(ret->name, p, length);
        ret->name[length] = '\0';
        return true;
}

bool vgpu_next_type(const char **position, struct vgpu_type *ret)
{
        while (**position) {
                const char *line = *position, *end = line + strcspn(line, "\n");

                *position = *end ? end + 1 : end;
                if (parse_type(line, end, ret))
                        return true;
        }
        return false;
}

bool vgpu_find_type(const char *list, const char *wanted, struct vgpu_type *ret)
{
        int number;
        const bool by_number = vgpu_type_is_number(wanted, &number);

        while (vgpu_next_type(&list, ret))
                if (by_number ? ret->number == number : strcmp(ret->name, wanted) == 0)
                        return true;
        return false;
}

static bool find_at(int function_fd, const char *wanted, struct vgpu_type *ret)
{
        char list[VGPU_TYPES_SIZE];

        return sysfs_read(function_fd, VGPU_CONTROLS "/" TYPES_FILE, list, sizeof(list)) >= 0 &&
               vgpu_find_type(list, wanted, ret);
}

bool vgpu_find_type_of_card(const struct bus_device *function, const char *wanted, struct vgpu_type *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *entry;
        int fd;

        if (find_at(function->fd, wanted, ret))
                return true;
        fd = openat(function->fd, "physfn", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (dir && (entry = readdir(dir))) {
                _cleanup_close_ int other = -1;

                if (strncmp(entry->d_name, "virtfn", strlen("virtfn")) != 0)
                        continue;
                other = openat(fd, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (other >= 0 && find_at(other, wanted, ret))
                        return true;
        }
        return false;
}

/* What the last start of this appearance of the function has found out. */
static bool note_load_of(const struct root *root, const struct bus_device *function, struct note *ret)
{
        return note_load(root, function->name, ret) >= 0 && ret->device == function->inode &&
               ret->type_number != 0;
}

void vgpu_name_type(const struct root *root, const struct bus_device *function, int number,
        char ret[static VGPU_TYPE_NAME_SIZE])
{
        struct vgpu_type type;
        struct note note;
        char text[16];
        int unused;

        snprintf(text, sizeof(text), "%d", number);
        if (vgpu_find_type_of_card(function, text, &type))
                strcpy(ret, type.name);
        else if (note_load_of(root, function, &note) && note.type_number == number &&
                 !vgpu_type_is_number(note.type, &unused))
                snprintf(ret, VGPU_TYPE_NAME_SIZE, "%s", note.type);
        else
                strcpy(ret, text);
}

enum vgpu_match vgpu_match_type(
        const struct root *root, const struct bus_device *function, const char *wanted, int present)
{
        struct vgpu_type type;
        struct note note;
        int number;

        if (!wanted || present <= 0)
                return VGPU_MATCH_NONE;
        if (vgpu_type_is_number(wanted, &number))
                return number == present ? VGPU_MATCH_SAME : VGPU_MATCH_OTHER;
        if (vgpu_find_type_of_card(function, wanted, &type))
                return type.number == present ? VGPU_MATCH_SAME : VGPU_MATCH_OTHER;
        if (!note_load_of(root, function, &note) || strcmp(note.type, wanted) != 0)
                return VGPU_MATCH_UNKNOWN;
        return note.type_number == present ? VGPU_MATCH_SAME : VGPU_MATCH_OTHER;
}
