/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs callouts as a program would and prints what it is told
 *
 *   run-callouts STEP...
 *
 *   uuid=U parent=P type=T json=J     the device from here on; there is one at the start
 *   force                             what follows is forced
 *   cancel                            the next script finds the operation cancelled when it starts
 *   start stop define undefine modify begins the operation
 *   success failure                   ends it
 *   live                              changes the active device
 *   attributes                        asks for the attributes
 *   exist                             asks whether there are scripts
 *
 * Each step that has a result prints it: "<step>: 0" or "<step>: <error> <reason>".
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callout.h"
#include "util.h"

static bool cancelled;

static bool is_cancelled(void)
{
        return cancelled;
}

static void on_stderr(void *userdata, int priority, const char *script, const char *text)
{
        const char *end = text + strlen(text);

        (void) userdata;
        printf("stderr %d %s: %s%s", priority, script, text, end > text && end[-1] == '\n' ? "" : "\n");
}

static void on_warning(void *userdata, const char *text)
{
        (void) userdata;
        printf("warning: %s\n", text);
}

static void print_result(const char *step, int r, const struct reason *reason)
{
        if (r < 0)
                printf("%s: %s %s\n", step, strerrorname_np(-r), reason->text);
        else
                printf("%s: %d\n", step, r);
        fflush(stdout);
}

static void print_attributes(struct callout *callout)
{
        _cleanup_json_ cJSON *attributes = NULL;
        struct reason reason;
        char *text;
        int r;

        r = callout_get_attributes(
                callout->callouts, callout->uuid, callout->parent, callout->type, &attributes, &reason);
        text = cJSON_PrintUnformatted(attributes);
        print_result("attributes", r, &reason);
        puts(text);
        free(text);
}

/* Takes a step that sets something. */
static bool set(struct callout *callout, char *step)
{
        static const char *const names[] = {"uuid=", "parent=", "type=", "json="};
        const char **values[] = {&callout->uuid, &callout->parent, &callout->type, &callout->json};

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strncmp(step, names[i], strlen(names[i])) == 0) {
                        *values[i] = step + strlen(names[i]);
                        return true;
                }
        if (strcmp(step, "force") == 0)
                callout->force = true;
        else if (strcmp(step, "cancel") == 0)
                cancelled = true;
        else
                return false;
        return true;
}

static bool begin(struct callout *callout, const char *step)
{
        static const char *const actions[] = {"start", "stop", "define", "undefine", "modify"};
        struct reason reason;

        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (strcmp(step, actions[i]) == 0) {
                        callout->action = (enum callout_action) i;
                        print_result(step, callout_begin(callout, &reason), &reason);
                        return true;
                }
        return false;
}

int main(int argc, char *argv[])
{
        const struct callout_handler handler = {
                .on_stderr = on_stderr, .on_warning = on_warning, .is_cancelled = is_cancelled};
        _cleanup_callouts_ struct callouts callouts = {};
        struct callout callout = {
                .callouts = &callouts,
                .uuid = "83b8f4f2-509f-382f-3c1e-000000000001",
                .parent = "mtty",
                .type = "mtty-2",
                .json = "{\"mdev_type\":\"mtty-2\",\"start\":\"manual\",\"attrs\":[]}",
        };
        struct reason reason;
        struct root root;

        if (root_init(&root) < 0)
                return EXIT_FAILURE;
        callouts_init(&callouts, &root, &handler);
        for (int i = 1; i < argc; i++) {
                if (set(&callout, argv[i]) || begin(&callout, argv[i]))
                        continue;
                if (strcmp(argv[i], "success") == 0 || strcmp(argv[i], "failure") == 0) {
                        callout_end(&callout, strcmp(argv[i], "success") == 0);
                } else if (strcmp(argv[i], "live") == 0) {
                        callout.action = CALLOUT_MODIFY;
                        print_result("live", callout_live(&callout, &reason), &reason);
                } else if (strcmp(argv[i], "attributes") == 0) {
                        print_attributes(&callout);
                } else if (strcmp(argv[i], "exist") == 0) {
                        print_result("exist", callouts_exist(&callouts), NULL);
                } else {
                        fprintf(stderr, "unknown step %s\n", argv[i]);
                        return EXIT_FAILURE;
                }
        }
        return EXIT_SUCCESS;
}
