/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <time.h>

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

/* Adds one match; several for a field mean any of them. */
static int match_add(sd_journal *journal, const char *field, const char *value)
{
        char match[512];

        snprintf(match, sizeof(match), "%s=%s", field, value);
        return sd_journal_add_match(journal, match, 0);
}

static int match_add_id(sd_journal *journal, const char *field, sd_id128_t id)
{
        char text[SD_ID128_STRING_MAX];

        return match_add(journal, field, sd_id128_to_string(id, text));
}

static int match_add_errors(sd_journal *journal)
{
        int r = 0;

        for (int priority = LOG_EMERG; r >= 0 && priority <= LOG_ERR; priority++)
                r = match_add(journal, "PRIORITY", (const char[]){(char) ('0' + priority), '\0'});
        return r;
}

static int open_invocation(const char *unit, sd_id128_t invocation, sd_journal **ret)
{
        _cleanup_journal_ sd_journal *journal = NULL;
        int r;

        r = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return r;
        r = match_add(journal, "_SYSTEMD_UNIT", unit);
        if (r >= 0)
                r = match_add_id(journal, "_SYSTEMD_INVOCATION_ID", invocation);
        if (r >= 0)
                r = match_add_errors(journal);
        if (r >= 0)
                *ret = TAKE_PTR(journal);
        return r;
}

/* Gets a field of the current entry; borrowed, without a NUL at the end. */
static int get_field(sd_journal *journal, const char *field, const char **ret, size_t *ret_size)
{
        const size_t name = strlen(field) + 1;
        const void *data;
        size_t size;
        int r;

        r = sd_journal_get_data(journal, field, &data, &size);
        if (r < 0)
                return r;
        if (size < name)
                return -EBADMSG;
        *ret = (const char *) data + name;
        *ret_size = size - name;
        return 0;
}

static int report_entry(sd_journal *journal)
{
        const char *text;
        size_t size;
        int r = get_field(journal, "MESSAGE", &text, &size);

        if (r < 0)
                return r;
        report_error(-EIO, "%.*s", (int) size, text);
        return 0;
}

/* Copies the message of the current entry, which may have any bytes but NUL. */
static int copy_entry(sd_journal *journal, char **ret)
{
        const char *text;
        size_t size;
        int r = get_field(journal, "MESSAGE", &text, &size);

        if (r < 0)
                return r;
        *ret = strndup(text, size);
        return *ret ? 0 : -ENOMEM;
}

static bool get_id(sd_journal *journal, const char *field, sd_id128_t *ret)
{
        char id[SD_ID128_STRING_MAX];
        const char *text;
        size_t size;

        if (get_field(journal, field, &text, &size) < 0 || size >= sizeof(id))
                return false;
        memcpy(id, text, size);
        id[size] = '\0';
        return sd_id128_from_string(id, ret) >= 0;
}

static int compare_ids(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(sd_id128_t));
}

/* Entries of the units' processes have one field, systemd's about the units have another. */
static int open_invocations(const sd_id128_t *invocations, size_t n, sd_journal **ret)
{
        static const char *const fields[] = {"_SYSTEMD_INVOCATION_ID", "INVOCATION_ID"};
        _cleanup_journal_ sd_journal *journal = NULL;
        int r;

        r = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
        for (size_t f = 0; r >= 0 && f < ELEMENTSOF(fields); f++) {
                for (size_t i = 0; r >= 0 && i < n; i++)
                        r = match_add_id(journal, fields[f], invocations[i]);
                if (r >= 0)
                        r = match_add_errors(journal);
                if (r >= 0)
                        r = sd_journal_add_disjunction(journal);
        }
        if (r >= 0)
                *ret = TAKE_PTR(journal);
        return r;
}

int journal_find_errors(const sd_id128_t *invocations, size_t n, char **ret)
{
        _cleanup_journal_ sd_journal *journal = NULL;
        _cleanup_free_ bool *is_own = calloc(n + 1, sizeof(*is_own));
        size_t missing = n;
        int r;

        if (!is_own)
                return -ENOMEM;
        r = n == 0 ? -ENOENT : open_invocations(invocations, n, &journal);
        if (r >= 0)
                r = sd_journal_seek_tail(journal);
        while (r >= 0 && missing > 0 && (r = sd_journal_previous(journal)) > 0) {
                sd_id128_t id;
                const bool own = get_id(journal, "_SYSTEMD_INVOCATION_ID", &id);
                const sd_id128_t *found;
                size_t i;

                if (!own && !get_id(journal, "INVOCATION_ID", &id))
                        continue;
                found = bsearch(&id, invocations, n, sizeof(id), compare_ids);
                if (!found)
                        continue;
                i = (size_t) (found - invocations);
                if (is_own[i] || (ret[i] && !own))
                        continue;
                free(ret[i]);
                ret[i] = NULL;
                r = copy_entry(journal, &ret[i]);
                is_own[i] = own;
                missing -= own;
        }
        return r == -ENOMEM ? r : 0;
}

/* Copies a field of the current entry. NULL if it is missing. */
static char *copy_field(sd_journal *journal, const char *field)
{
        const char *text;
        size_t size;

        return get_field(journal, field, &text, &size) < 0 ? NULL : strndup(text, size);
}

/* Formats the current entry: time, program, process, message. */
static int format_entry(sd_journal *journal, char **ret)
{
        /* The text of a field is valid until another one is read. */
        _cleanup_free_ char *program = copy_field(journal, "SYSLOG_IDENTIFIER");
        _cleanup_free_ char *process = copy_field(journal, "_PID");
        char when[32] = "";
        const char *text;
        struct tm local;
        uint64_t usec;
        size_t size;
        int r;

        if (sd_journal_get_realtime_usec(journal, &usec) >= 0 &&
                localtime_r(&(time_t){(time_t) (usec / USEC_PER_SEC)}, &local))
                strftime(when, sizeof(when), "%b %d %H:%M:%S", &local);
        r = get_field(journal, "MESSAGE", &text, &size);
        if (r < 0)
                return r;
        r = asprintf(ret, "%s %s[%s]: %.*s", when, program ? program : "unknown", process ? process : "?",
                (int) size, text);
        if (r < 0)
                *ret = NULL;
        return r < 0 ? -ENOMEM : 0;
}

int journal_get_last(const char *unit, size_t n, char **ret)
{
        _cleanup_journal_ sd_journal *journal = NULL;
        int r, found = 0;

        r = sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
        if (r >= 0)
                r = match_add(journal, "_SYSTEMD_UNIT", unit);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        if (r >= 0)
                r = match_add(journal, "UNIT", unit);
        if (r >= 0)
                r = match_add(journal, "_PID", "1");
        if (r >= 0)
                r = sd_journal_seek_tail(journal);
        if (r >= 0)
                r = sd_journal_previous_skip(journal, n);
        for (; r > 0 && found < (int) n; r = sd_journal_next(journal)) {
                const int k = format_entry(journal, &ret[found]);

                if (k == -ENOMEM)
                        return k;
                found += k >= 0;
        }
        return r < 0 ? r : found;
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
