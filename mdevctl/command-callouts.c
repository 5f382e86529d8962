/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "command-callouts.h"
#include "definition-edit.h"
#include "report.h"

static void on_stderr(void *userdata, int priority, const char *script, const char *text)
{
        (void) userdata;
        (void) priority;
        fprintf(stderr, "%s: %s", script, text);
}

static void on_warning(void *userdata, const char *text)
{
        (void) userdata;
        report_warning("%s", text);
}

void command_callouts_init(struct callouts *ret, const struct root *root)
{
        const struct callout_handler handler = {.on_stderr = on_stderr, .on_warning = on_warning};

        callouts_init(ret, root, &handler);
}

int command_callout_begin(struct command_callout *ret, struct callouts *callouts, enum callout_action action,
        const char *uuid, const char *parent, const struct definition *definition, bool force)
{
        struct reason reason;
        int r;

        *ret = (struct command_callout){.callout = {
                                                .callouts = callouts,
                                                .action = action,
                                                .uuid = uuid,
                                                .parent = parent,
                                                .type = definition->type,
                                                .force = force,
                                        }};
        if (!callouts_exist(callouts))
                return 0;
        ret->json = definition_print_line(definition);
        if (!ret->json)
                return report_error(-ENOMEM, "%m");
        ret->callout.json = ret->json;

        r = callout_begin(&ret->callout, &reason);
        if (r < 0) {
                free(ret->json);
                return report_error(r, "%s: %s", uuid, reason.text);
        }
        return 0;
}

void command_callout_end(struct command_callout *operation, bool success)
{
        callout_end(&operation->callout, success);
        free(operation->json);
        operation->json = NULL;
}

int command_callout_run_live(
        struct callouts *callouts, const char *uuid, const char *parent, const struct definition *definition)
{
        _cleanup_free_ char *json = definition_print_line(definition);
        struct callout callout = {
                .callouts = callouts,
                .action = CALLOUT_MODIFY,
                .uuid = uuid,
                .parent = parent,
                .type = definition->type,
                .json = json,
        };
        struct reason reason;
        int r;

        if (!json)
                return report_error(-ENOMEM, "%m");
        r = callout_live(&callout, &reason);
        return r < 0 ? report_error(r, "%s: %s", uuid, reason.text) : 0;
}
