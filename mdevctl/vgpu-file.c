/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "definition-file.h"
#include "report.h"
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
        return r < 0 ? report_error(r, "Failed to write " VGPU_DIR "/%s: %m", function) : 0;
}

int vgpu_file_remove(const struct root *root, const char *function)
{
        int r = definition_remove(root, VGPU_BASE_DIR, VGPU_NAME, function);

        return r < 0 ? report_error(r, "Failed to remove " VGPU_DIR "/%s: %m", function) : 0;
}
