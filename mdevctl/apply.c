/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mdevctl apply: makes the stored definitions what a document says
 *
 * Reads the document as a whole, compares, prints the plan and carries it out.
 * The plan is made under the lock. Each change then takes the lock for itself, as
 * define, modify and undefine do, because callout scripts may change definitions.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "cleanup.h"
#include "command-callouts.h"
#include "commands.h"
#include "plan-load.h"
#include "plan-print.h"
#include "report.h"
#include "stored.h"
#include "vgpu-file.h"

struct apply {
        const struct root *root;
        struct callouts callouts;
        struct document document;
        struct plan_state state;
        struct plan plan;
        char **errors; /* per change: why it failed, or NULL */
        size_t failed;
        int lock; /* negative if this process does not hold it */
};

/* Waits only once for a process that does not let go. */
static int take_lock(struct apply *apply)
{
        if (apply->lock == -EWOULDBLOCK)
                return report_error(apply->lock, DEFINITIONS_DIR " is still locked by another process");
        if (apply->lock < 0)
                apply->lock = stored_lock(apply->root, true);
        return apply->lock < 0 ? apply->lock : 0;
}

static void release_lock(struct apply *apply)
{
        cleanup_close(&apply->lock);
        if (apply->lock >= 0)
                apply->lock = -1;
}

/* An undefined definition leaves its enablement to the only one that remains. That one may be manual. */
static int keep_manual(struct apply *apply, const char *uuid)
{
        const struct document *document = &apply->document;
        struct reason reason;
        int r = take_lock(apply);

        for (size_t i = 0; r >= 0 && i < document->n; i++) {
                const struct document_entry *entry = &document->entries[i];

                if (strcmp(entry->uuid, uuid) != 0 || entry->definition.autostart)
                        continue;
                r = unit_disable(apply->root, entry->parent, uuid, &reason);
                if (r < 0)
                        report_error(r, "the unit of %s stays enabled: %s", uuid, reason.text);
        }
        release_lock(apply);
        return r;
}

/* Nobody but the unit has a say in a vGPU: there are no callout scripts for it. */
static int change_vgpu(const struct apply *apply, const struct plan_change *planned)
{
        int r;

        if (planned->action == PLAN_UNDEFINE)
                return vgpu_file_remove(apply->root, planned->uuid);
        r = vgpu_file_write(apply->root, planned->uuid, planned->new);
        return r < 0 || planned->new->autostart ? r : vgpu_file_disable(apply->root, planned->uuid);
}

static int change_carry_out(struct apply *apply, const struct plan_change *planned)
{
        const struct change change = {
                .callouts = &apply->callouts,
                .uuid = planned->uuid,
                .parent = planned->parent,
        };
        int r = take_lock(apply);

        if (r >= 0 && !plan_change_is_current(apply->root, planned))
                r = report_error(-EAGAIN,
                        "the definition of %s under parent %s has changed meanwhile; apply the document "
                        "again",
                        planned->uuid, planned->parent);
        if (strcmp(planned->parent, VGPU_DIR) == 0) {
                if (r >= 0)
                        r = change_vgpu(apply, planned);
                release_lock(apply);
                return r;
        }
        if (r >= 0 && planned->action != PLAN_UNDEFINE)
                r = change_write(&change, planned->action == PLAN_DEFINE ? CALLOUT_DEFINE : CALLOUT_MODIFY,
                        planned->new, true, &apply->lock);
        release_lock(apply);
        if (r >= 0 && planned->action == PLAN_UNDEFINE)
                r = change_undefine(&change);
        if (r >= 0 && planned->step == PLAN_STEP_MOVED)
                r = keep_manual(apply, planned->uuid);
        return r;
}

/* Goes on after a failure. */
static int carry_out(struct apply *apply)
{
        char error[REPORT_TEXT_MAX];

        for (enum plan_step step = 0; step < PLAN_STEP_COUNT; step++)
                for (size_t i = 0; i < apply->plan.n; i++) {
                        int r;

                        if (apply->plan.changes[i].step != step)
                                continue;
                        report_copy_error(error, sizeof(error));
                        r = change_carry_out(apply, &apply->plan.changes[i]);
                        report_copy_error(NULL, 0);
                        if (r >= 0)
                                continue;
                        apply->failed++;
                        apply->errors[i] = strdup(error[0] ? error : strerror(-r));
                        if (!apply->errors[i])
                                return report_error(-ENOMEM, "%m");
                }
        return 0;
}

static cJSON *failure_to_json(const struct plan_change *change, const char *error)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        char text[3 * REPORT_TEXT_MAX + 1];

        /* A message may name a file or the target of a link, and so any byte. */
        utf8_replace_invalid(error, text, sizeof(text));
        if (!cJSON_AddStringToObject(json, "parent", change->parent) ||
                !cJSON_AddStringToObject(json, "uuid", change->uuid) ||
                !cJSON_AddStringToObject(json, "error", text))
                return NULL;
        return TAKE_PTR(json);
}

static cJSON *to_json(const struct apply *apply)
{
        _cleanup_json_ cJSON *json = cJSON_CreateObject();
        cJSON *changes, *failed;
        int r = 0;

        if (!cJSON_AddNumberToObject(json, "changed", (double) (apply->plan.n - apply->failed)) ||
                !(changes = cJSON_AddArrayToObject(json, "changes")) ||
                !(failed = cJSON_AddArrayToObject(json, "failed")))
                return NULL;
        for (size_t i = 0; r >= 0 && i < apply->plan.n; i++)
                if (apply->errors[i])
                        r = json_append(failed, failure_to_json(&apply->plan.changes[i], apply->errors[i]));
                else
                        r = json_append(changes, plan_change_to_json(&apply->plan.changes[i]));
        return r < 0 ? NULL : TAKE_PTR(json);
}

static int print_json(const struct apply *apply)
{
        _cleanup_json_ cJSON *json = to_json(apply);
        _cleanup_free_ char *text = json ? json_print_escaped(json) : NULL;

        if (!text)
                return report_error(-ENOMEM, "%m");
        puts(text);
        return 0;
}

static int make_plan(struct apply *apply, const struct arguments *arguments)
{
        int r;

        r = document_read(arguments->operand, &apply->document);
        if (r >= 0 && !arguments_have(arguments, OPTION_DRY_RUN)) {
                /* Without a tree and without a definition for it, there is nothing to write. */
                r = apply->lock = stored_lock(apply->root, apply->document.n > 0);
                if (r == -ENOENT && apply->document.n == 0)
                        r = 0;
        }
        if (r >= 0)
                r = plan_load_state(apply->root, &apply->document, &apply->state);
        if (r < 0)
                return r;
        r = plan_make(
                &apply->document, &apply->state, arguments_have(arguments, OPTION_PRUNE), &apply->plan);
        if (r >= 0) {
                apply->errors = calloc(apply->plan.n + 1, sizeof(char *));
                r = apply->errors ? 0 : -ENOMEM;
        }
        return r < 0 ? report_error(r, "%m") : 0;
}

static void apply_done(struct apply *apply)
{
        for (size_t i = 0; apply->errors && i < apply->plan.n; i++)
                free(apply->errors[i]);
        free(apply->errors);
        plan_done(&apply->plan);
        plan_state_done(&apply->state);
        document_done(&apply->document);
        callouts_done(&apply->callouts);
        cleanup_close(&apply->lock);
}

static int run(const struct root *root, const struct arguments *arguments)
{
        __attribute__((cleanup(apply_done))) struct apply apply = {.root = root, .lock = -1};
        const bool dry_run = arguments_have(arguments, OPTION_DRY_RUN),
                   json = arguments_have(arguments, OPTION_JSON);
        int r;

        command_callouts_init(&apply.callouts, root);
        r = dry_run ? 0 : report_unless_root(root, "apply");
        if (r >= 0)
                r = make_plan(&apply, arguments);
        if (r < 0)
                return r;
        if (!json) {
                plan_print(&apply.plan);
                /* The plan comes before the messages of scripts and errors. */
                fflush(stdout);
        }
        if (!dry_run)
                r = carry_out(&apply);
        if (r >= 0 && json)
                r = print_json(&apply);
        return r < 0 ? r : apply.failed > 0 ? -EIO : 0;
}

const struct command command_apply = {
        .name = "apply",
        .summary = "Make the definitions what a document says",
        .details =
                "The document has the form that \"list -d --dumpjson\" prints for one or all parents, or\n"
                "\"vgpu list --json\" for vGPUs, or both in one object. It\n"
                "is checked before anything is changed. The plan is printed: + define, ~ modify,\n"
                "- undefine.",
        .usage = "[OPTIONS] <FILE>",
        .operand = "<FILE>",
        .options =
                (const struct option_use[]){
                        {OPTION_DRY_RUN, "Print the plan, and change nothing"},
                        {OPTION_PRUNE, "Undefine what the document does not have under its parents"},
                        {OPTION_JSON, "Print JSON"},
                        {OPTION_HELP, HELP_TEXT},
                        {OPTION_COUNT, NULL},
                },
        .run = run,
};
