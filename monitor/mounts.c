/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "definition.h"
#include "digest.h"
#include "mounts.h"

static bool is_at_or_below(const char *path, const char *directory)
{
        const size_t length = strlen(directory);

        return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

uint64_t mounts_of_definitions(int mountinfo_fd)
{
        _cleanup_free_ char *line = NULL;
        uint64_t digest = DIGEST_BEGIN;
        int fd = fcntl(mountinfo_fd, F_DUPFD_CLOEXEC, 0);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
        size_t size = 0;
        ssize_t n;

        if (!f)
                return 0;
        (void) fseek(f, 0, SEEK_SET);
        while ((n = getline(&line, &size, f)) > 0) {
                char point[PATH_MAX];

                /* The mount point is the fifth field. DEFINITIONS_DIR contains no escapes. */
                if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 &&
                        (strcmp(point, "/") == 0 || is_at_or_below(DEFINITIONS_DIR, point) ||
                                is_at_or_below(point, DEFINITIONS_DIR)))
                        digest = digest_add(digest, line, (size_t) n);
        }
        fclose(f);
        return digest;
}
