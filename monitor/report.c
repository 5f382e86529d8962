/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define SD_JOURNAL_SUPPRESS_LOCATION

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "report.h"

void report_info(const char *uuid, const char *format, ...)
{
        char text[512];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        (void) sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", LOG_INFO,
                "OBJECT_SYSTEMD_UNIT=mdev@%s.service", uuid, "MDEV_UUID=%s", uuid, NULL);
}
