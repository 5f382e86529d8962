/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "callout-call.h"
#include "cleanup.h"
#include "log.h"

/* A script exits with this status if the device is none of its business. */
#define EXIT_NOT_MINE 2

/* The script that is responsible for a type on a parent. */
struct callout_choice {
        char *parent, *type;
        struct callout_script *versioned; /* NULL: ask every script at every event */
        struct callout_capabilities capabilities;
        bool no_attributes; /* every script was asked and declined */
};

/* "post" and the notifiers must run even after a signal, because the operation has already happened. */
static bool call_may_be_cancelled(const struct call *call)
{
        return call->event != CALLOUT_POST && call->event != CALLOUT_NOTIFY;
}

int callout_call_run(const struct call *call, struct callout_script *script, struct process_result *ret)
{
        const struct callouts *callouts = call->callout->callouts;
        const char *const argv[] = {
                script->path,
                "-t",
                call->callout->type,
                "-e",
                callout_event_name(call->event),
                "-a",
                callout_action_name(call->action),
                "-s",
                call->state,
                "-u",
                call->callout->uuid,
                "-p",
                call->callout->parent,
                NULL,
        };
        const struct process process = {
                .argv = argv,
                .input = call->input,
                .timeout_ms = call->timeout_ms,
                .kill_timeout_ms = callouts->kill_timeout_ms,
                .is_cancelled = call_may_be_cancelled(call) ? callouts->handler.is_cancelled : NULL,
        };
        int r = process_run(&process, ret);

        if (r < 0)
                return r;
        if (ret->end == PROCESS_NOT_EXECUTED)
                script->unusable = true;
        if (ret->end == PROCESS_TIMED_OUT)
                script->hung = true;
        /* Some scripts print a buffer of fixed size, padded with NULs. */
        while (ret->output.size > 0 && ret->output.text[ret->output.size - 1] == '\0')
                ret->output.size--;
        log_debug("%s: ran %s for %s %s, state %s: outcome %d, number %d", call->callout->uuid, script->path,
                callout_event_name(call->event), callout_action_name(call->action), call->state, ret->end,
                ret->number);
        return 0;
}

static int reason_of_timeout(struct reason *reason, const struct callouts *callouts, const char *script)
{
        return reason_set(reason, -ETIMEDOUT, "callout %s did not end within %g s", script,
                callouts->timeout_ms / 1000.0);
}

/* Interprets the end of a script. Returns 1 if it succeeded, 0 if it declined, or an error. */
static int call_judge(const struct call *call, const struct callout_script *script, bool versioned,
        const struct process_result *result, struct reason *reason)
{
        const struct callouts *callouts = call->callout->callouts;

        switch (result->end) {
        case PROCESS_EXITED:
                if (result->number == EXIT_SUCCESS)
                        return 1;
                if (result->number == EXIT_NOT_MINE && !versioned)
                        return 0;
                if (call->event == CALLOUT_PRE || call->event == CALLOUT_LIVE)
                        return reason_set(reason, -EPERM,
                                "callout %s refused to %s the device, exit status %d", script->name,
                                callout_action_name(call->action), result->number);
                return reason_set(reason, -EPERM, "callout %s failed at event %s, exit status %d",
                        script->name, callout_event_name(call->event), result->number);
        case PROCESS_KILLED:
                callouts_warn(callouts, "callout %s was killed by signal %d (%s) at event %s", script->name,
                        result->number, strsignal(result->number), callout_event_name(call->event));
                return versioned;
        case PROCESS_NOT_EXECUTED:
                reason_set(reason, -ENOEXEC, "callout %s cannot be run: %s", script->path,
                        strerror(result->number));
                if (versioned)
                        return -ENOEXEC;
                callouts_warn(callouts, "%s", reason->text);
                return 0;
        case PROCESS_TIMED_OUT:
                return reason_of_timeout(reason, callouts, script->name);
        case PROCESS_CANCELLED:
        default:
                return reason_set(reason, -EINTR, "callout %s was cancelled", script->name);
        }
}

/* Runs one script and passes on its stderr. Returns as call_judge() does. */
static int call_script(const struct call *call, struct callout_script *script, bool versioned,
        struct process_result *ret, struct reason *reason)
{
        const struct callout_handler *handler = &call->callout->callouts->handler;
        int r = callout_call_run(call, script, ret);

        if (r < 0)
                return reason_set(reason, r, "Failed to run callout %s: %s", script->path, strerror(-r));
        r = call_judge(call, script, versioned, ret, reason);
        if (r != 0 && ret->errors.size > 0 && handler->on_stderr)
                handler->on_stderr(
                        handler->userdata, r < 0 ? LOG_ERR : LOG_INFO, script->name, ret->errors.text);
        return r;
}

/* Asks a script for its capabilities. Returns 1 if it answers, 0 if it does not, or -EINTR and the like. */
static int probe(const struct callout *callout, struct callout_script *script,
        struct callout_capabilities *ret, struct reason *reason)
{
        const struct call call = {
                .callout = callout,
                .event = CALLOUT_GET,
                .action = CALLOUT_CAPABILITIES,
                .state = "none",
                .input = callout_capabilities_offer,
                .timeout_ms = callout->callouts->timeout_ms,
        };
        _cleanup_process_result_ struct process_result result = {};
        int r = callout_call_run(&call, script, &result);

        if (r < 0)
                return reason_set(reason, r, "Failed to run callout %s: %s", script->path, strerror(-r));
        if (result.end != PROCESS_EXITED) {
                r = call_judge(&call, script, false, &result, reason);
                if (r == -ETIMEDOUT)
                        callouts_warn(callout->callouts, "%s", reason->text);
                return r == -EINTR ? r : 0;
        }
        /* Any other exit status does not matter; only the output counts. */
        if (result.number == EXIT_NOT_MINE || result.output.size == 0 ||
                memchr(result.output.text, '\0', result.output.size) ||
                callout_capabilities_parse(result.output.text, ret) < 0)
                return 0;
        if (ret->unknown[0])
                callouts_warn(callout->callouts, "callout %s supports \"%s\", which is unknown here",
                        script->name, ret->unknown);
        return 1;
}

static struct callout_choice *choice_find(const struct callouts *callouts, const struct callout *callout)
{
        for (size_t i = 0; i < callouts->n_choices; i++)
                if (strcmp(callouts->choices[i].parent, callout->parent) == 0 &&
                        strcmp(callouts->choices[i].type, callout->type) == 0)
                        return &callouts->choices[i];
        return NULL;
}

static struct callout_choice *choice_append(struct callouts *callouts, const struct callout *callout)
{
        struct callout_choice *choices, *choice;

        choices = reallocarray(callouts->choices, callouts->n_choices + 1, sizeof(*choices));
        if (!choices)
                return NULL;
        callouts->choices = choices;
        choice = &choices[callouts->n_choices];
        *choice = (struct callout_choice){
                .parent = strdup(callout->parent),
                .type = strdup(callout->type),
        };
        if (!choice->parent || !choice->type) {
                free(choice->parent);
                free(choice->type);
                return NULL;
        }
        callouts->n_choices++;
        return choice;
}

/* Finds the versioned script, if any, for the device's type on its parent. */
static int choose(const struct callout *callout, struct callout_choice **ret, struct reason *reason)
{
        struct callouts *callouts = callout->callouts;
        struct callout_list *list = &callouts->callouts;
        struct callout_capabilities capabilities = {};
        struct callout_script *versioned = NULL;
        int r;

        *ret = choice_find(callouts, callout);
        if (*ret)
                return 0;
        for (size_t i = 0; i < list->n && !versioned; i++) {
                if (list->scripts[i].unusable || list->scripts[i].hung)
                        continue;
                r = probe(callout, &list->scripts[i], &capabilities, reason);
                if (r < 0)
                        return r;
                if (r > 0)
                        versioned = &list->scripts[i];
        }

        *ret = choice_append(callouts, callout);
        if (!*ret) {
                reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
                return -ENOMEM;
        }
        (*ret)->versioned = versioned;
        (*ret)->capabilities = capabilities;
        return 0;
}

static bool supports(const struct callout_choice *choice, const struct call *call)
{
        return choice->capabilities.actions & UINT32_C(1) << call->action &&
               choice->capabilities.events & UINT32_C(1) << call->event;
}

/* Runs one script after the other until one does not decline. Returns as call_judge() does. */
static int search(const struct call *call, struct callout_choice *choice, struct callout_script **ret_script,
        struct process_result *ret, struct reason *reason)
{
        struct callout_list *list = &call->callout->callouts->callouts;
        bool all_declined = true;

        for (size_t i = 0; i < list->n; i++) {
                struct callout_script *script = &list->scripts[i];
                int r;

                if (script->unusable)
                        continue;
                if (script->hung)
                        return reason_of_timeout(reason, call->callout->callouts, script->name);
                r = call_script(call, script, false, ret, reason);
                *ret_script = script;
                if (r != 0)
                        return r;
                all_declined = all_declined && ret->end == PROCESS_EXITED;
                process_result_done(ret);
        }
        /* Scripts decline a type on a parent, not a single device. A query has no side effects, so the next
         * device of the same type need not ask again. */
        if (call->event == CALLOUT_GET)
                choice->no_attributes = all_declined;
        return 0;
}

int callout_call_responsible(
        struct callout *callout, const struct call *call, struct process_result *ret, struct reason *reason)
{
        struct callout_choice *choice;
        struct callout_script *script = NULL;
        int r;

        r = choose(callout, &choice, reason);
        if (r < 0)
                return r;

        if (choice->versioned && !supports(choice, call))
                return reason_set(reason, -EOPNOTSUPP, "callout %s does not support event %s of action %s",
                        choice->versioned->name, callout_event_name(call->event),
                        callout_action_name(call->action));
        if (choice->versioned)
                return call_script(call, choice->versioned, true, ret, reason);
        if (call->event == CALLOUT_LIVE)
                return reason_set(reason, -EOPNOTSUPP,
                        "there is no callout that changes active devices of type %s on parent %s",
                        callout->type, callout->parent);
        if (callout->legacy)
                return call_script(call, callout->legacy, false, ret, reason);
        if (call->event == CALLOUT_GET && choice->no_attributes)
                return 0;
        r = search(call, choice, &script, ret, reason);
        if (r > 0 && call->event == CALLOUT_PRE)
                callout->legacy = script;
        return r;
}

void callout_choices_done(struct callouts *callouts)
{
        for (size_t i = 0; i < callouts->n_choices; i++) {
                free(callouts->choices[i].parent);
                free(callouts->choices[i].type);
        }
        free(callouts->choices);
        callouts->choices = NULL;
        callouts->n_choices = 0;
}
