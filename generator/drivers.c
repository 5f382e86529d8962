/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "config.h"
#include "drivers.h"
#include "log.h"
#include "override.h"
#include "util.h"

#define TEMPLATE UNIT_DIR "/mdev-driver@.service"

static int write_units(const struct output *output, const char *source, const struct override *override)
{
        char unit[UNIT_NAME_SIZE], wanting[UNIT_NAME_SIZE], bound[UNIT_NAME_SIZE];
        struct unit_file text = {.size = 0};
        int r;

        if (unit_name_of_driver(unit, override->name) < 0 ||
                unit_name_of_bus_device(wanting, override->bus, override->device) < 0 ||
                unit_name_of_bus_device_driver(bound, override->bus, override->device) < 0) {
                log_warning("%s: the name is too long for the name of a unit, ignoring", source);
                return 0;
        }
        unit_file_add(&text, UNIT_FILE_HEADER "[Unit]\nSourcePath=");
        unit_file_add_literal(&text, source);
        /* A backslash at the end would continue the line. */
        if (!ends_with(override->name, "\\") && !ends_with(override->driver, "\\")) {
                unit_file_add(&text, "\nDescription=Driver ");
                unit_file_add_literal(&text, override->driver);
                unit_file_add(&text, " for ");
                unit_file_add_literal(&text, override->name);
        }
        unit_file_add(&text, "\nBindsTo=%s\nAfter=%s\n\n[Service]\nLogExtraFields=", bound, bound);
        unit_file_add_word(&text, "MDEV_PARENT", override->device);
        unit_file_add(&text, " ");
        unit_file_add_word(&text, "MDEV_DRIVER", override->driver);
        unit_file_add(&text, "\n\n[Install]\nWantedBy=%s\n", wanting);

        r = output_drop_in(output, unit, &text);
        return r < 0 ? r : output_want(output, unit, wanting, TEMPLATE);
}

bool drivers_find_unit(int dirfd, const char *device, char ret[static UNIT_NAME_SIZE])
{
        char override[NAME_MAX + 1];

        if (dirfd >= 0 && override_find(dirfd, device, override) && unit_name_of_driver(ret, override) >= 0)
                return true;
        ret[0] = '\0';
        return false;
}

int drivers_generate(const struct output *output, int dirfd)
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *entry;
        int r = 0, fd;

        fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return log_error_errno(-errno, OVERRIDES_DIR ": %m");
        while ((entry = readdir(dir))) {
                char source[sizeof(OVERRIDES_DIR) + 1 + NAME_MAX];
                struct override override;
                struct reason reason;
                int k;

                if (entry->d_name[0] == '.')
                        continue;
                snprintf(source, sizeof(source), OVERRIDES_DIR "/%s", entry->d_name);
                if (override_load(dirfd, entry->d_name, &override, &reason) < 0) {
                        log_warning("%s: %s, ignoring", source, reason.text);
                        continue;
                }
                k = output_report(write_units(output, source, &override), source);
                r = r < 0 ? r : k;
        }
        return r;
}
