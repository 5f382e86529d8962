/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callout-call.h"
#include "callout-script.h"
#include "callout.h"
#include "name.h"
#include "util.h"

void callouts_init(struct callouts *ret, const struct root *root, const struct callout_handler *handler)
{
        const char *timeout = root_is_live(root) ? NULL : getenv("MDEV_CALLOUT_TIMEOUT_MS");

        *ret = (struct callouts){
                .root = root,
                .handler = *handler,
                .timeout_ms = timeout ? atoi(timeout) : CALLOUT_TIMEOUT_MS,
                .kill_timeout_ms = timeout ? atoi(timeout) : CALLOUT_KILL_TIMEOUT_MS,
                .notifiers_timeout_ms = timeout ? atoi(timeout) : NOTIFIERS_TIMEOUT_MS,
        };
}

void callouts_done(struct callouts *callouts)
{
        callout_list_done(&callouts->callouts);
        callout_list_done(&callouts->notifiers);
        callout_choices_done(callouts);
}

static int callouts_read(struct callouts *callouts)
{
        int r = callout_list_read(callouts, &callouts->callouts, "callouts");

        return r < 0 ? r : callout_list_read(callouts, &callouts->notifiers, "notifiers");
}

bool callouts_exist(struct callouts *callouts)
{
        /* On an error there may be some. callout_begin() reads the list again and can report the error. */
        return callouts_read(callouts) < 0 || callouts->callouts.n > 0 || callouts->notifiers.n > 0;
}

static int reason_of_listing(struct reason *reason, int r)
{
        return reason_set(reason, r, "Failed to list the callouts: %s", strerror(-r));
}

static int call_event(
        struct callout *callout, enum callout_event event, const char *state, struct reason *reason)
{
        const struct call call = {
                .callout = callout,
                .event = event,
                .action = callout->action,
                .state = state,
                .input = callout->json,
                .timeout_ms = callout->callouts->timeout_ms,
        };
        _cleanup_process_result_ struct process_result result = {};
        int r = callouts_read(callout->callouts);

        if (r < 0)
                return reason_of_listing(reason, r);
        return callout_call_responsible(callout, &call, &result, reason);
}

/* The output and the exit status of a notifier have no effect. */
static void notify_one(const struct call *call, struct callout_script *script)
{
        struct callouts *callouts = call->callout->callouts;
        _cleanup_process_result_ struct process_result result = {};
        int r = callout_call_run(call, script, &result);

        if (r < 0 || result.end == PROCESS_NOT_EXECUTED)
                callouts_warn(callouts, "notifier %s cannot be run: %s", script->path,
                        strerror(r < 0 ? -r : result.number));
        else if (result.end == PROCESS_TIMED_OUT)
                callouts_warn(callouts, "notifier %s did not end within %.2g s", script->name,
                        call->timeout_ms / 1000.0);
}

static void notify(const struct callout *callout, const char *state)
{
        struct callouts *callouts = callout->callouts;
        struct call call = {
                .callout = callout,
                .event = CALLOUT_NOTIFY,
                .action = callout->action,
                .state = state,
                .input = callout->json,
        };
        const int64_t end = now_msec() + callouts->notifiers_timeout_ms;

        for (size_t i = 0; i < callouts->notifiers.n; i++) {
                struct callout_script *script = &callouts->notifiers.scripts[i];

                if (script->unusable || script->hung)
                        continue;
                call.timeout_ms = (int) (end - now_msec());
                if (call.timeout_ms > 0)
                        notify_one(&call, script);
                else
                        callouts_warn(callouts, "notifier %s was not run: those before it took %g s",
                                script->name, callouts->notifiers_timeout_ms / 1000.0);
        }
}

int callout_begin(struct callout *callout, struct reason *reason)
{
        int r = 0;

        callout->legacy = NULL;
        callout->begun = false;
        if (callouts_exist(callout->callouts))
                r = call_event(callout, CALLOUT_PRE, "none", reason);
        if (r < 0 && r != -EINTR && callout->force) {
                callouts_warn(callout->callouts, "%s; ignored because force is used", reason->text);
                r = 0;
        }
        if (r < 0) {
                notify(callout, "none");
                return r;
        }
        callout->begun = true;
        return 0;
}

void callout_end(struct callout *callout, bool success)
{
        const char *state = success ? "success" : "failure";
        struct reason reason;
        int r;

        if (!callout->begun)
                return;
        callout->begun = false;
        r = callout->callouts->callouts.n > 0 ? call_event(callout, CALLOUT_POST, state, &reason) : 0;
        /* A script need not support "post". */
        if (r < 0 && r != -EOPNOTSUPP)
                callouts_warn(callout->callouts, "%s", reason.text);
        notify(callout, state);
}

int callout_live(struct callout *callout, struct reason *reason)
{
        int r;

        callout->legacy = NULL;
        r = call_event(callout, CALLOUT_LIVE, "none", reason);
        notify(callout, "none");
        return r < 0 ? r : 0;
}

/* Parses the output of a script and moves the entries to the array. */
static int attributes_read(const struct process_output *output, cJSON *ret, struct reason *reason)
{
        _cleanup_json_ cJSON *json = NULL;
        cJSON *entry, *next;
        int r;

        if (output->size == 0 || strspn(output->text, " \t\r\n") == output->size)
                return 0;
        r = json_parse(output->text, output->size, &json, reason);
        if (r == -EINVAL)
                return reason_set(reason, r, "the attributes from the callout are no valid JSON");
        if (r < 0)
                return r;
        if (!cJSON_IsArray(json) && !cJSON_IsNull(json))
                return reason_set(reason, -EINVAL, "the attributes from the callout are no array");

        /* The script of vfio_ap prints one empty object if the device has no attributes. */
        entry = json->child;
        if (entry && !entry->next && cJSON_IsObject(entry) && !entry->child)
                return 0;
        for (size_t i = 0; entry; entry = next, i++) {
                next = entry->next;
                if (!cJSON_IsString(json_only_member(entry)))
                        return reason_set(reason, -EINVAL,
                                "attribute %zu from the callout is not an object with one string", i);
                r = json_append(ret, cJSON_DetachItemViaPointer(json, entry));
                if (r < 0)
                        return reason_set(reason, r, "%s", strerror(-r));
        }
        return 0;
}

int callout_get_attributes(struct callouts *callouts, const char *uuid, const char *parent, const char *type,
        cJSON **ret, struct reason *reason)
{
        struct callout callout = {
                .callouts = callouts,
                .action = CALLOUT_ATTRIBUTES,
                .uuid = uuid,
                .parent = parent,
                .type = type,
        };
        const struct call call = {
                .callout = &callout,
                .event = CALLOUT_GET,
                .action = CALLOUT_ATTRIBUTES,
                .state = "none",
                .timeout_ms = callouts->timeout_ms,
        };
        _cleanup_process_result_ struct process_result result = {};
        int r;

        *ret = cJSON_CreateArray();
        if (!*ret)
                return reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
        r = callouts_read(callouts);
        if (r < 0)
                return reason_of_listing(reason, r);
        if (callouts->callouts.n == 0)
                return 0;
        r = callout_call_responsible(&callout, &call, &result, reason);
        return r <= 0 ? r : attributes_read(&result.output, *ret, reason);
}
