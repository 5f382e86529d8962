/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * JSON: accepted and refused texts, the error messages, and the printed bytes
 */

#include <errno.h>
#include <time.h>

#include "cleanup.h"
#include "json.h"
#include "test.h"

static int parse(const char *text, size_t size, cJSON **ret, struct reason *reason)
{
        _cleanup_free_ char *copy = test_copy(text, size);

        reason->text[0] = '\0';
        return json_parse(copy, size, ret, reason);
}

static void test_accepted(void)
{
        /* The printed form; NULL if it equals the text. */
        static const char *const cases[][2] = {
                {"null"},
                {"true"},
                {"[]"},
                {"{}"},
                {"[[],{}]"},
                {" \t\r\n[ ]\n ", "[]"},
                {"0"},
                {"[0,-1,10,1.5,-0.25]"},
                {"1e2", "100"},
                {"1E+2", "100"},
                {"100e-2", "1"},
                {"0e0", "0"},
                {"0.0", "0"},
                {"\"a/b\x7f\""},
                {"\"\\/\"", "\"/\""},
                {"\"\\u0001\\u001f\\u001F\"", "\"\\u0001\\u001f\\u001f\""},
                {"\"\\u0008\\u0009\\u000a\\u000c\\u000d\"", "\"\\b\\t\\n\\f\\r\""},
                {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
                {"\"\\\\u0000\\\\uzzzz\""},
                {"\"\\\"\\\\\""},
                {"\"-01 1. \\ud83d\\ude00\xef\xbb\xbf\"", "\"-01 1. \xf0\x9f\x98\x80\xef\xbb\xbf\""},
                {"{\"a\":1,\"A\":2}"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_json_ cJSON *json = NULL;
                _cleanup_free_ char *printed = NULL;
                struct reason reason;

                CHECK_INT(cases[i][0], parse(cases[i][0], strlen(cases[i][0]), &json, &reason), 0);
                CHECK_STRING(cases[i][0], reason.text, "");
                printed = cJSON_PrintUnformatted(json);
                CHECK_STRING(cases[i][0], printed, cases[i][1] ? cases[i][1] : cases[i][0]);
        }
}

#define SYNTAX "is not valid JSON (line 1)"
#define NUL "contains a NUL byte"
#define UTF8 "is not valid UTF-8"
#define RANGE "has a number that is out of range (line 1)"

static void test_refused(void)
{
        static const char *const cases[][2] = {
                {"", "the file is empty"},
                {" ", SYNTAX},
                {"\xef\xbb\xbf{}", "begins with a byte order mark; save it as UTF-8 without one"},
                {"\xef\xbb\xbf", "begins with a byte order mark; save it as UTF-8 without one"},
                {"{}\xef\xbb\xbf", SYNTAX},
                /* numbers */
                {"01", SYNTAX},
                {"-01", SYNTAX},
                {"[00]", SYNTAX},
                {"[1.]", SYNTAX},
                {"[1.e5]", SYNTAX},
                {"[.5]", SYNTAX},
                {"[+1]", SYNTAX},
                {"[-]", SYNTAX},
                {"[-a]", SYNTAX},
                {"[1e]", SYNTAX},
                {"[1e+]", SYNTAX},
                {"[1-2]", SYNTAX},
                {"[1.2.3]", SYNTAX},
                {"[0x10]", SYNTAX},
                {"[NaN]", SYNTAX},
                {"[-Infinity]", SYNTAX},
                {"[1e999]", RANGE},
                {"[-1e999]", RANGE},
                {"1e999", RANGE},
                /* strings */
                {"\"a\tb\"", SYNTAX},
                {"\"a\nb\"", SYNTAX},
                {"\"\x01\"", SYNTAX},
                {"\"\x1f\"", SYNTAX},
                {"{\"a\tb\":1}", SYNTAX},
                {"\"a", SYNTAX},
                {"\"a\\", SYNTAX},
                {"\"a\\\"", SYNTAX},
                {"\"a\\\n\"", SYNTAX},
                {"\"\\a\"", SYNTAX},
                {"\"\\x41\"", SYNTAX},
                {"\"\\u\"", SYNTAX},
                {"\"\\u12\"", SYNTAX},
                {"\"\\u12", SYNTAX},
                {"\"\\uzzzz\"", SYNTAX},
                {"\"\\u004g\"", SYNTAX},
                {"\"\\u0000\"", NUL},
                {"\"a\\u0000b\"", NUL},
                {"{\"a\\u0000b\":1}", NUL},
                {"\"\\\\\\u0000\"", NUL},
                {"\"\\ud800\"", SYNTAX},
                {"\"\\udc00\"", SYNTAX},
                {"\"\\ud800\\u0041\"", SYNTAX},
                {"\"\\ud800\\ud800\"", SYNTAX},
                {"'a'", SYNTAX},
                /* encoding */
                {"\"caf\xe9\"", UTF8},
                {"\"\xc0\x80\"", UTF8},
                {"\"\xed\xa0\x80\"", UTF8},
                {"\"\xf4\x90\x80\x80\"", UTF8},
                {"\"\x80\"", UTF8},
                {"\"\xe2\x82", UTF8},
                {"\xff\xfe", UTF8},
                /* between values */
                {"[\x01]", SYNTAX},
                {"[1,\x0b 2]", SYNTAX},
                {"[\x0c]", SYNTAX},
                {"[1]\x1f", SYNTAX},
                {"[\x7f]", SYNTAX},
                {"[\xc2\xa0]", SYNTAX},
                {"[1,]", SYNTAX},
                {"[,1]", SYNTAX},
                {"[1 2]", SYNTAX},
                {"{\"a\":1,}", SYNTAX},
                {"{\"a\"}", SYNTAX},
                {"{\"a\":}", SYNTAX},
                {"{1:1}", SYNTAX},
                {"{a:1}", SYNTAX},
                {"[1}", SYNTAX},
                {"[", SYNTAX},
                {"nul", SYNTAX},
                {"nullx", SYNTAX},
                {"TRUE", SYNTAX},
                {"// x\n1", SYNTAX},
                /* behind the value */
                {"{} {}", SYNTAX},
                {"{}x", SYNTAX},
                {"1 1", SYNTAX},
                {"\"a\"b", SYNTAX},
                /* where */
                {"{\n\"a\": 1,\n\"b\" 2\n}\n", "is not valid JSON (line 3)"},
                {"{\n\"a\": 1\n\"b\": 2\n}\n", "is not valid JSON (line 3)"},
                {"{\n\"a\": 1,\n\"b\": 02\n}\n", "is not valid JSON (line 3)"},
                {"{\n\"a\": 1,\n\"b\": \"x\n\"}\n", "is not valid JSON (line 3)"},
                {"{\n\"a\": \"\\uzzzz\"\n}\n", "is not valid JSON (line 2)"},
                {"{\n\n\"a\": 1\n}\n}\n", "is not valid JSON (line 5)"},
                {"[\n1e999\n]", "has a number that is out of range (line 2)"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                cJSON *json = NULL;
                struct reason reason;

                CHECK_INT(cases[i][0], parse(cases[i][0], strlen(cases[i][0]), &json, &reason), -EINVAL);
                CHECK_STRING(cases[i][0], reason.text, cases[i][1]);
                CHECK_INT(cases[i][0], json == NULL, true);
        }
}

static void test_nul_bytes(void)
{
        static const char *const texts[] = {"[1]\0", "[\0 1]", "\"a\0b\"", "\0[1]"};
        static const size_t sizes[] = {4, 5, 5, 4};

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                cJSON *json = NULL;
                struct reason reason;

                CHECK_INT("NUL", parse(texts[i], sizes[i], &json, &reason), -EINVAL);
                CHECK_STRING("NUL", reason.text, NUL);
        }
}

static int parse_repeated(const char *begin, char c, size_t n, const char *end, struct reason *reason)
{
        static char text[400000];
        _cleanup_json_ cJSON *json = NULL;
        char *p = stpcpy(text, begin);

        memset(p, c, n);
        strcpy(p + n, end);
        return parse(text, strlen(text), &json, reason);
}

/* Neither depth nor length exhausts memory or stack, and each error is named correctly. */
static void test_excess(void)
{
        struct reason reason;

        CHECK_INT("digits", parse_repeated("[", '1', 63, "]", &reason), 0);
        CHECK_INT("digits", parse_repeated("[\n", '1', 64, "]", &reason), -EINVAL);
        CHECK_STRING("digits", reason.text, "has a number of more than 63 characters (line 2)");
        CHECK_INT("exponent", parse_repeated("1e", '0', 62, "", &reason), -EINVAL);
        CHECK_CONTAINS("exponent", reason.text, "has a number of more than 63 characters");
        CHECK_INT("depth", parse_repeated("", '[', 100000, "", &reason), -EINVAL);
        CHECK_STRING("depth", reason.text, SYNTAX);
        CHECK_INT("string", parse_repeated("\"", 'a', 300000, "\"", &reason), 0);
}

static void test_members(void)
{
        static const char text[] = "{\"a\":1,\"b\":null,\"a\":\"last\",\"A\":3,\"n\":4,\"n\":null}";
        _cleanup_json_ cJSON *json = NULL;
        _cleanup_free_ char *printed = NULL;
        struct reason reason;

        CHECK_INT("parse", parse(text, strlen(text), &json, &reason), 0);
        CHECK_STRING("last", cJSON_GetStringValue(json_member(json, "a")), "last");
        CHECK_INT("null", json_member(json, "b") == NULL, true);
        CHECK_INT("null at last", json_member(json, "n") == NULL, true);
        CHECK_INT("missing", json_member(json, "x") == NULL, true);
        CHECK_INT("nothing", json_member(NULL, "a") == NULL, true);
        CHECK_INT("no object", json_member(json->child, "a") == NULL, true);

        CHECK_INT("set", json_set(json, "a", cJSON_CreateNumber(5)), 0);
        CHECK_INT("set none", json_set(json, "A", NULL), -ENOMEM);
        json_remove(json, "n");
        json_remove(json, "x");
        CHECK_INT("add", json_add(json, "z", cJSON_CreateTrue()), 0);
        printed = cJSON_PrintUnformatted(json);
        CHECK_STRING("printed", printed, "{\"b\":null,\"A\":3,\"a\":5,\"z\":true}");
}

static void test_only_member(void)
{
        static const char *const cases[][2] = {
                {"{\"a\":\"1\"}", "1"},
                {"{\"a\":\"1\",\"a\":\"2\",\"a\":\"3\"}", "3"},
                {"{\"a\":\"1\",\"A\":\"2\"}"},
                {"{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\"}"},
                {"{\"a\":\"1\",\"a\":\"2\",\"b\":\"3\"}"},
                {"{}"},
                {"[\"1\"]"},
                {"\"1\""},
                {"null"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_json_ cJSON *json = NULL;
                struct reason reason;

                CHECK_INT(cases[i][0], parse(cases[i][0], strlen(cases[i][0]), &json, &reason), 0);
                CHECK_STRING(cases[i][0], cJSON_GetStringValue(json_only_member(json)), cases[i][1]);
                if (cases[i][1])
                        CHECK_INT(cases[i][0], cJSON_GetArraySize(json), 1);
        }
}

static void test_print(void)
{
        static const char text[] =
                "[{\"a/\\\"b\":\"\\u0001\\u001f\\b\\t\\n\\f\\r\\\\\x7f\xc3\xa9\",\"n\":-12},[],{},"
                "[[1,\"[]{},:\\\\\"]],{\"\":{\"x\":null}}]";
        _cleanup_json_ cJSON *json = NULL;
        _cleanup_free_ char *printed = NULL;
        struct reason reason;

        CHECK_INT("parse", parse(text, strlen(text), &json, &reason), 0);
        printed = json_print(json);
        CHECK_STRING("text", printed,
                "[\n  {\n    \"a/\\\"b\": \"\\u0001\\u001f\\b\\t\\n\\f\\r\\\\\x7f\xc3\xa9\",\n"
                "    \"n\": -12\n  },\n  [],\n  {},\n  [\n    [\n      1,\n      \"[]{},:\\\\\"\n    ]\n  "
                "],\n"
                "  {\n    \"\": {\n      \"x\": null\n    }\n  }\n]");
        CHECK_INT("nothing", json_print(NULL) == NULL, true);
}

static size_t allocations_left;

/* As malloc(3) without memory. */
static void *allocate(size_t size)
{
        if (allocations_left-- > 0)
                return malloc(size);
        allocations_left = 0;
        errno = ENOMEM;
        return NULL;
}

/* Running out of memory, at any point, is not mistaken for an invalid text. */
static void test_out_of_memory(void)
{
        static const char text[] = "{\"a\":[1,\"b\",{\"c\":\"d\"}],\"e\":[[]]}";
        static const char bad[] = "{\"a\":[1,\"b\",{\"c\":\"d\"}],\"e\":[[]]";
        cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = free};
        size_t n = 0;
        int r;

        cJSON_InitHooks(&hooks);
        do {
                _cleanup_json_ cJSON *json = NULL;
                struct reason reason;

                allocations_left = n;
                r = parse(text, strlen(text), &json, &reason);
                CHECK_INT("good text", r, r < 0 ? -ENOMEM : 0);
                if (r < 0)
                        CHECK_STRING("good text", reason.text, strerror(ENOMEM));
        } while (r < 0 && ++n < 100);
        CHECK_INT("allocations", n > 10 && n < 100, true);

        for (size_t i = 0; i <= n; i++) {
                cJSON *json = NULL;
                struct reason reason;

                allocations_left = i;
                CHECK_INT("bad text", parse(bad, strlen(bad), &json, &reason), i < n ? -ENOMEM : -EINVAL);
        }
        cJSON_InitHooks(NULL);
}

/* Arrays are lists: a loop that counts through them would take minutes here. */
static void test_many(void)
{
        static const size_t many = 200000;
        _cleanup_json_ cJSON *json = cJSON_CreateArray(), *again = NULL;
        _cleanup_free_ char *text = NULL;
        struct reason reason;
        const clock_t begin = clock();

        for (size_t i = 0; i < many; i++)
                CHECK_INT("append", json_append(json, cJSON_CreateString("x")), 0);
        text = json_print(json);
        CHECK_INT("parse", parse(text, strlen(text), &again, &reason), 0);
        CHECK_INT("size", cJSON_GetArraySize(again), (long long) many);
        CHECK_INT("seconds", (clock() - begin) / CLOCKS_PER_SEC < 10, true);
}

static void test_escaped(void)
{
        static const char text[] = "\"\x1b\x7f\xc2\x80\xc2\x9f\xc2\xa0\xe2\x82\xac\\\"";
        _cleanup_json_ cJSON *json = cJSON_CreateString(text);
        _cleanup_free_ char *plain = json_print(json), *escaped = json_print_escaped(json);

        CHECK_STRING("plain", plain, "\"\\\"\\u001b\x7f\xc2\x80\xc2\x9f\xc2\xa0\xe2\x82\xac\\\\\\\"\"");
        CHECK_STRING("escaped", escaped, "\"\\\"\\u001b\\u007f\\u0080\\u009f\xc2\xa0\xe2\x82\xac\\\\\\\"\"");
}

int main(void)
{
        test_accepted();
        test_refused();
        test_nul_bytes();
        test_excess();
        test_members();
        test_only_member();
        test_print();
        test_out_of_memory();
        test_many();
        test_escaped();
        return test_result();
}
