/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definition-file.h"
#include "enablement.h"
#include "report.h"
#include "unit-name.h"
#include "vgpu-file.h"

bool vgpu_file_exists(const struct root *root, const char *function)
{
        char path[PATH_MAX];
        struct stat st;

        return root_path(root, path, VGPU_DIR "/%s", function) >= 0 && lstat(path, &st) == 0;
}

int vgpu_file_load(
        const struct root *root, const char *function, struct definition *ret, struct reason *reason)
{
        _cleanup_close_ int fd = vgpu_definitions_open(root);

        if (fd < 0)
                return reason_set(reason, fd, "%s", strerror(-fd));
        return vgpu_definition_load(fd, function, ret, reason);
}

int vgpu_file_write(const struct root *root, const char *function, const struct definition *definition)
{
        int r = definition_write(root, VGPU_BASE_DIR, VGPU_NAME, function, definition);

        if (r == -EFBIG)
                return report_error(r, "the definition would have more than %d bytes", DEFINITION_SIZE_MAX);
        if (r < 0)
                return report_error(r, "Failed to write " VGPU_DIR "/%s: %m", function);
        r = vgpu_function_announce(root, function);
        if (r < 0)
                report_warning("Failed to announce function %s to udev: %s", function, strerror(-r));
        return 0;
}

bool vgpu_file_is_enabled(const struct root *root, const char *function)
{
        char unit[UNIT_NAME_SIZE], wanting[UNIT_NAME_SIZE];

        unit_name_of_vgpu(unit, function);
        return unit_name_of_bus_device(wanting, "pci", function) >= 0 &&
               unit_is_enabled(root, wanting, unit);
}

int vgpu_file_disable(const struct root *root, const char *function)
{
        char unit[UNIT_NAME_SIZE];
        struct reason reason;
        int r;

        unit_name_of_vgpu(unit, function);
        r = unit_disable_everywhere(root, unit, &reason);
        return r < 0 ? report_error(r, "%s stays enabled: %s", unit, reason.text) : 0;
}

int vgpu_file_remove(const struct root *root, const char *function)
{
        int r = definition_remove(root, VGPU_BASE_DIR, VGPU_NAME, function);

        return r < 0 ? report_error(r, "Failed to remove " VGPU_DIR "/%s: %m", function)
                     : vgpu_file_disable(root, function);
}
