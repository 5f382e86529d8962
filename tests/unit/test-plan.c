/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The plan of mdevctl apply: which definitions it changes, and in which order
 */

#include "cleanup.h"
#include "plan.h"
#include "test.h"

#define ONE "00000000-0000-0000-0000-000000000001"
#define TWO "00000000-0000-0000-0000-000000000002"
#define DEVICE(uuid, type, start) "{\"" uuid "\":{\"mdev_type\":\"" type "\",\"start\":\"" start "\"}}"

static struct plan_stored stored(
        const char *parent, const char *uuid, const char *text, enum enabled enabled)
{
        struct plan_stored ret = {.parent = test_copy(parent, strlen(parent)), .enabled = enabled};
        _cleanup_free_ char *copy = test_copy(text, strlen(text));

        strcpy(ret.uuid, uuid);
        ret.is_readable = definition_parse(copy, strlen(text), &ret.definition, &ret.reason) >= 0;
        return ret;
}

/* The plan on one line: sign, step, parent and the last digit of the UUID of each change. */
static void check(const char *text, struct plan_state *state, bool prune, const char *expected)
{
        _cleanup_document_ struct document document = {};
        _cleanup_plan_ struct plan plan = {};
        _cleanup_free_ char *copy = test_copy(text, strlen(text));
        char line[256] = "";

        CHECK_INT(text, document_parse("text", copy, strlen(text), &document), 0);
        plan_state_sort(state);
        CHECK_INT(text, plan_make(&document, state, prune, &plan), 0);
        for (size_t i = 0; i < plan.n; i++) {
                const struct plan_change *change = &plan.changes[i];
                const size_t used = strlen(line);

                snprintf(line + used, sizeof(line) - used, "%s%c%d %s %s", i > 0 ? ", " : "",
                        "+~-"[change->action], (int) change -> step, change -> parent, change -> uuid + 35);
                CHECK_INT(text, !change->old, change->action == PLAN_DEFINE);
                CHECK_INT(text, !change->new, change->action == PLAN_UNDEFINE);
        }
        CHECK_STRING(text, line, expected);
}

static void test_meaning(void)
{
        static const struct {
                const char *stored, *wanted;
                enum enabled enabled;
                bool differs;
        } cases[] = {
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"}", DEVICE(ONE, "t", "auto"), 0, false},
                {"{\"start\":\"x\",\"y\":1,\"attrs\":[],\"mdev_type\":\"t\"}", DEVICE(ONE, "t", "manual"), 0,
                        false},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"}", DEVICE(ONE, "u", "auto"), 0, true},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"}", DEVICE(ONE, "t", "manual"), 0, true},
                {"{\"mdev_type\":\"t\",\"start\":\"manual\"}", DEVICE(ONE, "t", "auto"), ENABLED_BY_LINK,
                        false},
                {"{\"mdev_type\":\"t\",\"start\":\"manual\"}", DEVICE(ONE, "t", "manual"), ENABLED_BY_LINK,
                        true},
                {"{\"mdev_type\":\"t\",\"start\":\"manual\"}", DEVICE(ONE, "t", "auto"),
                        ENABLED_BY_STRAY_LINK, false},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"}]}",
                        DEVICE(ONE, "t", "auto"), 0, true},
                {"{\"mdev_type\":\"t\"}", DEVICE(ONE, "t", "manual"), 0, true},
                {"", DEVICE(ONE, "t", "auto"), 0, true},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct plan_stored one = stored("p", ONE, cases[i].stored, cases[i].enabled);
                struct plan_state state = {&one, 1};
                char text[256];

                snprintf(text, sizeof(text), "[{\"p\":[%s]}]", cases[i].wanted);
                check(text, &state, true, cases[i].differs ? "~1 p 1" : "");
                plan_stored_done(&one);
        }
}

static void test_order(void)
{
        struct plan_stored all[] = {
                stored("b", ONE, "{\"mdev_type\":\"t\",\"start\":\"auto\"}", 0),
                stored("a", TWO, "", 0),
                stored("a", ONE, "{\"mdev_type\":\"t\",\"start\":\"auto\"}", 0),
        };
        struct plan_state state = {all, ELEMENTSOF(all)};

        check("[]", &state, true, "");
        check("[{\"a\":[],\"c\":[]}]", &state, false, "");
        check("[{\"a\":[],\"c\":[]}]", &state, true, "-0 a 1, -0 a 2");
        check("[{\"c\":[" DEVICE(ONE, "t", "auto") "],\"b\":[]}]", &state, true, "-2 b 1, +1 c 1");
        check("[{\"a\":[" DEVICE(ONE, "t", "auto") "," DEVICE(TWO, "t", "auto") "],\"b\":[]}]", &state, true,
                "~1 a 2, -2 b 1");
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                plan_stored_done(&all[i]);
}

/* A change of one definition may remove the link by which another one starts. */
static void test_stray_links(void)
{
        struct plan_stored all[] = {
                stored("a", ONE, "{\"mdev_type\":\"t\",\"start\":\"manual\"}", ENABLED_BY_STRAY_LINK),
                stored("b", ONE, "{\"mdev_type\":\"t\",\"start\":\"manual\"}", ENABLED_BY_STRAY_LINK),
        };
        struct plan_state state = {all, ELEMENTSOF(all)};

        check("[{\"a\":[" DEVICE(ONE, "t", "auto") "],\"b\":[" DEVICE(ONE, "t", "auto") "]}]", &state, true,
                "");
        check("[{\"a\":[" DEVICE(ONE, "t", "auto") "],\"b\":[" DEVICE(ONE, "u", "auto") "]}]", &state, true,
                "~1 b 1");
        check("[{\"a\":[" DEVICE(ONE, "t", "auto") "],\"b\":[" DEVICE(ONE, "t", "manual") "]}]", &state,
                true, "~1 a 1, ~1 b 1");
        check("[{\"a\":[" DEVICE(ONE, "t", "auto") "],\"b\":[]}]", &state, true, "~1 a 1, -2 b 1");
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                plan_stored_done(&all[i]);
}

int main(void)
{
        test_meaning();
        test_order();
        test_stray_links();
        return test_result();
}
