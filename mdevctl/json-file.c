/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "cleanup.h"
#include "json-file.h"
#include "report.h"

int json_file_read(const char *path, struct definition *ret)
{
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        struct reason reason;
        size_t used = 0;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return report_error(-errno, "Failed to open %s: %m", path);
        text = malloc(DEFINITION_SIZE_MAX + 1);
        if (!text)
                return report_error(-ENOMEM, "%m");

        while (true) {
                /* Reading one byte more than allowed detects a file that is too large. */
                ssize_t n = read(fd, text + used, DEFINITION_SIZE_MAX + 1 - used);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return report_error(-errno, "Failed to read %s: %m", path);
                if (n == 0)
                        break;
                used += (size_t) n;
                if (used > DEFINITION_SIZE_MAX)
                        return report_error(-EFBIG, "%s has more than the %d bytes a definition may have",
                                path, DEFINITION_SIZE_MAX);
        }
        text[used] = '\0';
        r = definition_parse(text, used, ret, &reason);
        return r < 0 ? report_error(r, "%s: %s", path, reason.text) : 0;
}
