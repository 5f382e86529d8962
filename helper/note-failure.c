/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "log.h"
#include "note-failure.h"
#include "root.h"

int note_report_failure(const char *uuid, int r)
{
        log_error_errno(
                r, "%s: Failed to write " NOTES_DIR "/%s: %m; is /run full or read-only?", uuid, uuid);
        return -EROFS;
}
