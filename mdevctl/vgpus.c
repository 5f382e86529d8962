/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "note.h"
#include "report.h"
#include "sysfs.h"
#include "vgpu-file.h"
#include "vgpus.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

static struct vgpu_function *append(struct vgpus *vgpus, const char *name)
{
        struct vgpu_function *function;

        if (vgpus->n == vgpus->size) {
                const size_t size = vgpus->size ? 2 * vgpus->size : 16;
                struct vgpu_function *more = reallocarray(vgpus->functions, size, sizeof(*more));

                if (!more)
                        return NULL;
                vgpus->functions = more;
                vgpus->size = size;
        }
        function = &vgpus->functions[vgpus->n++];
        *function = (struct vgpu_function){.type = -1, .iommu_group = -1};
        snprintf(function->name, sizeof(function->name), "%s", name);
        unit_name_of_vgpu(function->unit_name, function->name);
        return function;
}

static bool is_listed(const struct vgpus *vgpus, const char *name)
{
        for (size_t i = 0; i < vgpus->n; i++)
                if (strcmp(vgpus->functions[i].name, name) == 0)
                        return true;
        return false;
}

static void add_strange(const char *name, void *userdata)
{
        struct vgpus *vgpus = userdata;
        char **more = reallocarray(vgpus->strange, vgpus->n_strange + 2, sizeof(*more));

        if (!more)
                return;
        vgpus->strange = more;
        more[vgpus->n_strange] = strdup(name);
        more[vgpus->n_strange + 1] = NULL;
        if (more[vgpus->n_strange])
                vgpus->n_strange++;
}

static int add_definitions(const struct root *root, struct vgpus *vgpus)
{
        _cleanup_close_ int fd = vgpu_definitions_open(root);
        _cleanup_vgpu_names_ char **names = NULL;
        int r = fd;

        if (fd == -ENOENT)
                return 0;
        if (r >= 0)
                r = vgpu_definitions_list(fd, &names, add_strange, vgpus);
        if (r < 0)
                return report_error(r, "Failed to read %s" VGPU_DIR ": %m", root->path);
        for (char **name = names; name && *name; name++) {
                struct vgpu_function *function = append(vgpus, *name);
                struct reason reason;

                if (!function)
                        return report_error(-ENOMEM, "%m");
                function->is_defined = true;
                if (vgpu_definition_load(fd, *name, &function->definition, &reason) >= 0) {
                        if (vgpu_file_is_enabled(root, *name))
                                function->definition.autostart = true;
                        continue;
                }
                function->fault = strdup(reason.text);
                if (!function->fault)
                        return report_error(-ENOMEM, "%m");
        }
        return 0;
}

/* Without PCI, there is no function. */
static int add_functions(const struct root *root, struct vgpus *vgpus)
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *entry;
        char path[PATH_MAX];

        if (root_path(root, path, PCI_DEVICES) < 0)
                return 0;
        dir = opendir(path);
        while (dir && (entry = readdir(dir))) {
                if (!pci_function_is_canonical(entry->d_name) || is_listed(vgpus, entry->d_name) ||
                        root_path(root, path, PCI_DEVICES "/%s/" VGPU_CONTROLS, entry->d_name) < 0 ||
                        access(path, F_OK) < 0)
                        continue;
                if (!append(vgpus, entry->d_name))
                        return report_error(-ENOMEM, "%m");
        }
        return 0;
}

static void read_controls(
        const struct root *root, const struct bus_device *device, struct vgpu_function *function)
{
        _cleanup_close_ int fd = vgpu_controls_open(device);

        function->is_ready = fd >= 0;
        if (fd < 0 || vgpu_get_type(fd, &function->type) < 0)
                return;
        if (function->type > 0)
                vgpu_name_type(root, device, function->type, function->type_name);
        if (vgpu_read_types(fd, function->types) < 0)
                function->types[0] = '\0';
}

static void read_note(
        const struct root *root, const struct bus_device *device, struct vgpu_function *function)
{
        struct note note;

        if (note_load(root, function->name, &note) >= 0 && note.device == device->inode &&
                note.state == NOTE_ACTIVE)
                function->noted_type = note.type_number;
}

static void read_function(const struct root *root, struct vgpu_function *function, unsigned int parts)
{
        _cleanup_bus_device_ struct bus_device device = BUS_DEVICE_NONE;
        char group[NAME_MAX + 1];

        if (vgpu_function_open(root, function->name, &device) < 0)
                return;
        function->is_present = true;
        if (!vgpu_function_get_card(&device, function->card))
                function->card[0] = '\0';
        if (bus_device_get_driver(&device, function->driver) < 0)
                function->driver[0] = '\0';
        if (sysfs_read_link(device.fd, "iommu_group", group, sizeof(group)) >= 0)
                function->iommu_group = atoi(group);
        read_controls(root, &device, function);
        function->match = vgpu_match_type(root, &device, function->definition.type, function->type);
        read_note(root, &device, function);
        /* Only root can tell a function in use from a node that it may not open. */
        if (parts & VGPUS_HOLDERS && root_is_live(root) && geteuid() == 0) {
                bus_device_find_holders(root, &device, &function->holders);
                function->holders_are_known = true;
        }
}

static void set_unit(struct vgpus *vgpus, const char *name, const struct unit_state *state)
{
        for (size_t i = 0; i < vgpus->n; i++)
                if (!name || strcmp(vgpus->functions[i].unit_name, name) == 0) {
                        vgpus->functions[i].unit = *state;
                        vgpus->functions[i].unit_is_known = true;
                }
}

/* systemd lists all units that it has loaded in one call; it does not load one that is inactive. */
static void load_units(const struct root *root, struct vgpus *vgpus)
{
        _cleanup_manager_ struct manager manager = {};
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *name, *active, *sub;
        char pattern[UNIT_NAME_SIZE];
        int r;

        if (vgpus->n == 0 || !manager_is_running(root) || manager_open_as_user(&manager) < 0)
                return;
        unit_name_of_vgpu(pattern, "*");
        r = manager_call(&manager, MANAGER_PATH, MANAGER_INTERFACE, "ListUnitsByPatterns", &error, &reply,
                "asas", 0, 1, pattern);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        if (r < 0)
                return;
        set_unit(vgpus, NULL, &(struct unit_state){.active = "inactive", .sub = "dead"});
        while (sd_bus_message_read(reply, "(ssssssouso)", &name, NULL, NULL, &active, &sub, NULL, NULL, NULL,
                       NULL, NULL) > 0) {
                struct unit_state state = {};

                snprintf(state.active, sizeof(state.active), "%s", active);
                snprintf(state.sub, sizeof(state.sub), "%s", sub);
                set_unit(vgpus, name, &state);
        }
}

static int compare_functions(const void *a, const void *b)
{
        const struct vgpu_function *left = a, *right = b;
        const int order = strcmp(left->card, right->card);

        return order ? order : strcmp(left->name, right->name);
}

int vgpus_load(const struct root *root, unsigned int parts, struct vgpus *ret)
{
        int r;

        *ret = (struct vgpus){};
        r = add_definitions(root, ret);
        if (r >= 0)
                r = add_functions(root, ret);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ret->n; i++)
                read_function(root, &ret->functions[i], parts);
        if (ret->n > 0)
                qsort(ret->functions, ret->n, sizeof(*ret->functions), compare_functions);
        if (parts & VGPUS_UNITS)
                load_units(root, ret);
        return 0;
}

static bool is_named(const struct vgpu_function *function, const char *name)
{
        return !name || strcmp(function->name, name) == 0 || strcmp(function->card, name) == 0;
}

void vgpus_warn(const struct root *root, const struct vgpus *vgpus, const char *name)
{
        for (size_t i = 0; i < vgpus->n; i++) {
                const struct vgpu_function *function = &vgpus->functions[i];

                if (function->fault && is_named(function, name))
                        report_warning("%s" VGPU_DIR "/%s: %s", root->path, function->name, function->fault);
        }
}

static void function_done(struct vgpu_function *function)
{
        definition_done(&function->definition);
        free(function->fault);
}

void vgpus_select(struct vgpus *vgpus, const char *name)
{
        size_t n = 0;

        for (size_t i = 0; i < vgpus->n; i++)
                if (is_named(&vgpus->functions[i], name))
                        vgpus->functions[n++] = vgpus->functions[i];
                else
                        function_done(&vgpus->functions[i]);
        vgpus->n = n;
}

void vgpus_done(struct vgpus *vgpus)
{
        for (size_t i = 0; i < vgpus->n; i++)
                function_done(&vgpus->functions[i]);
        free(vgpus->functions);
        vgpu_names_free(&vgpus->strange);
        *vgpus = (struct vgpus){};
}
