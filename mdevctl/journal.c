/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "cleanup.h"
#include "journal.h"
#include "patience.h"
#include "report.h"
#include "util.h"

/* journald stores messages with a short delay. */
#define ARRIVAL_WAIT_USEC (2 * 1000 * 1000)

#define _cleanup_journal_ _cleanup_(journal_closep)
static void journal_closep(sd_journal **journal)
{
        sd_journal_close(*journal);
}

static int open_invocation(const char *unit, sd_id128_t invocation, sd_journal **ret)
{
        _cleanup_journal_ sd_journal *journal = NULL;
        char match[512], id[SD_ID128_STRING_MAX];
        int r;

        r = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return r;
        snprintf(match, sizeof(match), "_SYSTEMD_UNIT=%s", unit);
        r = sd_journal_add_match(journal, match, 0);
        if (r >= 0) {
                snprintf(match, sizeof(match), "_SYSTEMD_INVOCATION_ID=%s",
                        sd_id128_to_string(invocation, id));
                r = sd_journal_add_match(journal, match, 0);
        }
        for (int priority = LOG_EMERG; r >= 0 && priority <= LOG_ERR; priority++) {
                snprintf(match, sizeof(match), "PRIORITY=%d", priority);
                r = sd_journal_add_match(journal, match, 0);
        }
        if (r >= 0)
                *ret = TAKE_PTR(journal);
        return r;
}

static int report_entry(sd_journal *journal)
{
        static const char field[] = "MESSAGE=";
        const void *data;
        size_t size;
        int r;

        r = sd_journal_get_data(journal, "MESSAGE", &data, &size);
        if (r < 0 || size < strlen(field))
                return r;
        report_error(-EIO, "%.*s", (int) (size - strlen(field)), (const char *) data + strlen(field));
        return 0;
}

int journal_report_errors(const char *unit, sd_id128_t invocation)
{
        _cleanup_journal_ sd_journal *journal = NULL;
        int r, n = 0;

        r = open_invocation(unit, invocation, &journal);
        if (r < 0)
                return r;
        for (uint64_t now = now_usec(), end = now + ARRIVAL_WAIT_USEC; n == 0 && now < end;
                now = now_usec()) {
                while ((r = sd_journal_next(journal)) > 0) {
                        r = report_entry(journal);
                        if (r < 0)
                                return r;
                        n++;
                }
                if (r < 0)
                        return r;
                if (n == 0 && (r = sd_journal_wait(journal, end - now)) < 0)
                        return r;
        }
        return n;
}
