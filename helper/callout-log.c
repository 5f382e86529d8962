/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "callout-log.h"
#include "log.h"
#include "message-id.h"

static void log_lines(void *userdata, int priority, const char *script, const char *text)
{
        (void) userdata;
        while (*text) {
                int length = (int) strcspn(text, "\n");

                if (length > 0)
                        log_message(priority, "%s: %.*s", script, length, text);
                text += length;
                text += *text == '\n';
        }
}

static void log_callout_warning(void *userdata, const char *text)
{
        const char *uuid = userdata;

        log_warning("%s: %s", uuid, text);
}

struct callout_handler callout_log_handler(const char *uuid)
{
        union {
                const char *ours;
                void *theirs;
        } userdata = {.ours = uuid};

        return (struct callout_handler){
                .on_stderr = log_lines,
                .on_warning = log_callout_warning,
                .userdata = userdata.theirs,
        };
}

int callout_log_refusal(const struct callout *callout, int r, const struct reason *reason)
{
        const struct log_subject subject = {
                .uuid = callout->uuid, .parent = callout->parent, .type = callout->type, .r = r};

        if (r != -EPERM && r != -EOPNOTSUPP && r != -ETIMEDOUT)
                return log_error_errno(-ENOMEM, "%s: %s", callout->uuid, reason->text);
        (void) log_explained(
                LOG_ERR, MESSAGE_CALLOUT_REFUSED, &subject, "%s: %s", callout->uuid, reason->text);
        return -EPERM;
}
