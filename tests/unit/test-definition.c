/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading definitions: the accepted contents and the refused ones
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition.h"
#include "test.h"

static int parse(const char *text, size_t size, struct definition *ret, struct reason *reason)
{
        _cleanup_free_ char *copy = test_copy(text, size);

        reason->text[0] = '\0';
        return definition_parse(copy, size, ret, reason);
}

/* Writes attributes as "name=value;name=value;". */
static void show_attributes(const struct definition *definition, char *ret, size_t size)
{
        const cJSON *position = NULL;
        const char *name, *value;
        size_t used = 0;

        ret[0] = '\0';
        while (used < size && definition_next_attribute(definition, &position, &name, &value))
                used += (size_t) snprintf(ret + used, size - used, "%s=%s;", name, value);
}

static void test_good(void)
{
        static const struct {
                const char *about;
                const char *text;
                const char *type;
                bool autostart;
                size_t n;
                const char *attributes;
        } cases[] = {
                {"smallest", "{\"mdev_type\":\"mtty-2\",\"start\":\"manual\"}", "mtty-2", false, 0, ""},
                {"auto", "{\"mdev_type\":\"t\",\"start\":\"auto\"}", "t", true, 0, ""},
                {"other start", "{\"mdev_type\":\"t\",\"start\":\"Auto\"}", "t", false, 0, ""},
                {"start is a number", "{\"mdev_type\":\"t\",\"start\":1}", "t", false, 0, ""},
                {"start is a list", "{\"mdev_type\":\"t\",\"start\":[\"auto\"]}", "t", false, 0, ""},
                {"attrs null", "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":null}", "t", true, 0, ""},
                {"attrs empty", "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[]}", "t", true, 0, ""},
                {"as mdevctl writes it",
                        "{\n  \"mdev_type\": \"vfio_ap-passthrough\",\n  \"start\": \"auto\",\n"
                        "  \"attrs\": [\n    {\n      \"assign_adapter\": \"5\"\n    }\n  ]\n}\n",
                        "vfio_ap-passthrough", true, 1, "assign_adapter=5;"},
                {"empty name, as mdevctl stores it",
                        "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"\":\"1\"}]}", "t", true, 1,
                        "=1;"},
                {"order and repeats",
                        "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"z\":\"1\"},{\"a\":\"2\"},"
                        "{\"z\":\"3\"},{\"z\":\"1\"},{\"nvidia/vgpu_params\":\"x=1,y=2\"}]}",
                        "t", true, 5, "z=1;a=2;z=3;z=1;nvidia/vgpu_params=x=1,y=2;"},
                {"empty value", "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\"}]}", "t",
                        true, 1, "a=;"},
                {"unknown keys",
                        "{\"x\":{\"mdev_type\":\"no\"},\"mdev_type\":\"t\",\"start\":\"auto\",\"y\":[1]}",
                        "t", true, 0, ""},
                {"other case is another key",
                        "{\"mdev_type\":\"t\",\"MDEV_TYPE\":\"no\",\"start\":\"auto\",\"Start\":\"no\"}",
                        "t", true, 0, ""},
                {"last of repeated keys",
                        "{\"mdev_type\":\"a\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"}],"
                        "\"mdev_type\":\"b\",\"start\":\"manual\",\"attrs\":[{\"b\":\"2\"}]}",
                        "b", false, 1, "b=2;"},
                {"last of repeated members of an attribute",
                        "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\",\"a\":\"2\"}]}",
                        "t", true, 1, "a=2;"},
                {"a number that no integer can hold",
                        "{\"x\":123456789012345678901234567890,\"mdev_type\":\"t\",\"start\":\"auto\"}", "t",
                        true, 0, ""},
                {"white space around", " \t\r\n{\"mdev_type\":\"t\",\"start\":\"auto\"}\n\n ", "t", true, 0,
                        ""},
                {"escapes",
                        "{\"mdev_type\":\"\\u0074\\\"\\\\\",\"start\":\"\\u0061uto\",\"attrs\":"
                        "[{\"a\":\"\\u00e9\\n\\u0001\"}]}",
                        "t\"\\", true, 1, "a=\xc3\xa9\n\x01;"},
                {"an escaped backslash before u0000",
                        "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\\\\u0000\"}]}", "t",
                        true, 1, "a=\\u0000;"},
                {"hostile type that is one component", "{\"mdev_type\":\"-%n 'x'\",\"start\":\"auto\"}",
                        "-%n 'x'", true, 0, ""},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_definition_ struct definition definition = {};
                struct reason reason;
                char attributes[200];
                int r = parse(cases[i].text, strlen(cases[i].text), &definition, &reason);

                CHECK_INT(cases[i].about, r, 0);
                CHECK_STRING(cases[i].about, reason.text, "");
                if (r < 0)
                        continue;
                CHECK_STRING(cases[i].about, definition.type, cases[i].type);
                CHECK_INT(cases[i].about, definition.autostart, cases[i].autostart);
                CHECK_INT(cases[i].about, definition_count_attributes(&definition), cases[i].n);
                show_attributes(&definition, attributes, sizeof(attributes));
                CHECK_STRING(cases[i].about, attributes, cases[i].attributes);
        }
}

#define HEAD "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":"
#define SHAPE "in \"attrs\" is not an object with exactly one member"

static void test_bad(void)
{
        static const struct {
                const char *text;
                const char *reason;
        } cases[] = {
                /* no JSON */
                {"", "the file is empty"},
                {" \n", "is not valid JSON"},
                {"mdev_type=t", "is not valid JSON (line 1)"},
                {"{\n\"mdev_type\": \"t\",\n\"start\" \"auto\"\n}\n", "is not valid JSON (line 3)"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"", "is not valid JSON"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"}}", "is not valid JSON"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"}\n{}", "is not valid JSON"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\"} x", "is not valid JSON"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto", "is not valid JSON"},
                {"{\"mdev_type\":\"t\\", "is not valid JSON"},
                {"{\"mdev_type\":\"t\\u00", "is not valid JSON"},
                {"{\"mdev_type\":\"caf\xe9\",\"start\":\"auto\"}", "is not valid UTF-8"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\",\n\"x\":\"a\tb\"}", "is not valid JSON (line 2)"},
                /* no object */
                {"[]", "is not a JSON object"},
                {"null", "is not a JSON object"},
                {"\"mdev_type\"", "is not a JSON object"},
                {"17", "is not a JSON object"},
                /* keys */
                {"{}", "\"mdev_type\" is missing"},
                {"{\"start\":\"auto\"}", "\"mdev_type\" is missing"},
                {"{\"mdev_type\":null,\"start\":\"auto\"}", "\"mdev_type\" is missing"},
                {"{\"mdev_type\":\"t\",\"start\":\"auto\",\"mdev_type\":null}", "\"mdev_type\" is missing"},
                {"{\"mdev_type\":1,\"start\":\"auto\"}", "\"mdev_type\" is not a string"},
                {"{\"mdev_type\":[\"t\"],\"start\":\"auto\"}", "\"mdev_type\" is not a string"},
                {"{\"mdev_type\":\"\",\"start\":\"auto\"}", "\"mdev_type\": \"\" is empty"},
                {"{\"mdev_type\":\"a/b\",\"start\":\"auto\"}", "\"a/b\" is not a single path component"},
                {"{\"mdev_type\":\"..\",\"start\":\"auto\"}", "\"..\" is not a single path component"},
                {"{\"mdev_type\":\"a\\nb\",\"start\":\"auto\"}", "contains control characters"},
                {"{\"mdev_type\":\"t\"}", "\"start\" is missing"},
                {"{\"mdev_type\":\"t\",\"start\":null}", "\"start\" is missing"},
                /* the shape of attributes */
                {HEAD "{}}", "\"attrs\" is not an array"},
                {HEAD "\"a\"}", "\"attrs\" is not an array"},
                {HEAD "{\"a\":\"1\"}}", "\"attrs\" is not an array"},
                {HEAD "[1]}", "attribute 0 " SHAPE},
                {HEAD "[\"a\"]}", "attribute 0 " SHAPE},
                {HEAD "[null]}", "attribute 0 " SHAPE},
                {HEAD "[{}]}", "attribute 0 " SHAPE},
                {HEAD "[[\"a\"]]}", "attribute 0 " SHAPE},
                {HEAD "[{\"a\":\"1\",\"b\":\"2\"}]}", "attribute 0 " SHAPE},
                {HEAD "[{\"a\":\"1\"},{\"b\":\"2\"},{}]}", "attribute 2 " SHAPE},
                {HEAD "[{\"a\":1}]}", "attribute 0: the value of \"a\" is not a string"},
                {HEAD "[{\"a\":null}]}", "attribute 0: the value of \"a\" is not a string"},
                {HEAD "[{\"a\":{\"b\":\"1\"}}]}", "attribute 0: the value of \"a\" is not a string"},
                {HEAD "[{\"a\":\"1\"},{\"b\":true}]}", "attribute 1: the value of \"b\" is not a string"},
                /* their names */
                {HEAD "[{\"/etc/passwd\":\"1\"}]}", "\"/etc/passwd\" is an absolute path"},
                {HEAD "[{\"a\":\"1\"},{\"../x/remove\":\"1\"}]}", "attribute 1: the name \"../x/remove\" "},
                {HEAD "[{\"remove\":\"1\"}]}", "\"remove\" belongs to the kernel"},
                {HEAD "[{\"\\u0072emove\":\"1\"}]}", "\"remove\" belongs to the kernel"},
                {HEAD "[{\"driver/unbind\":\"1\"}]}", "\"driver/unbind\" belongs to the kernel"},
                {HEAD "[{\"a\\nb\":\"1\"}]}", "contains control characters"},
                /* what a C string cannot hold */
                {"{\"mdev_type\":\"t\\u0000/../x\",\"start\":\"auto\"}", "contains a NUL byte"},
                {HEAD "[{\"a\\u0000b\":\"1\"}]}", "contains a NUL byte"},
                {HEAD "[{\"a\":\"1\\u0000\"}]}", "contains a NUL byte"},
                {HEAD "[{\"a\":\"\\\\\\u0000\"}]}", "contains a NUL byte"},
                {HEAD "[{\"a\":\"\\n\\u0000\"}]}", "contains a NUL byte"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_definition_ struct definition definition = {};
                struct reason reason;

                CHECK_INT(cases[i].text, parse(cases[i].text, strlen(cases[i].text), &definition, &reason),
                        -EINVAL);
                CHECK_CONTAINS(cases[i].text, reason.text, cases[i].reason);
                CHECK_INT(cases[i].text, definition.json == NULL, true);
        }
}

static void test_nul_bytes(void)
{
        static const char inside[] = "{\"mdev_type\":\"t\",\"start\":\"auto\"}\0{\"mdev_type\":\"x\"}";
        static const char behind[] = "{\"mdev_type\":\"t\",\"start\":\"auto\"}\0";
        struct definition definition = {};
        struct reason reason;

        CHECK_INT("inside", parse(inside, sizeof(inside) - 1, &definition, &reason), -EINVAL);
        CHECK_STRING("inside", reason.text, "contains a NUL byte");
        CHECK_INT("behind", parse(behind, sizeof(behind) - 1, &definition, &reason), -EINVAL);
        CHECK_STRING("behind", reason.text, "contains a NUL byte");
}

/* A long name must not spoil the message, and depth must not exhaust the stack. */
static void test_excess(void)
{
        static const char brace[] = "{\"a\":";
        static char text[100000];
        struct definition definition = {};
        struct reason reason;
        size_t n;

        n = (size_t) snprintf(text, sizeof(text), HEAD "[{\"/%03000d\":\"1\"}]}", 0);
        CHECK_INT("long name", parse(text, n, &definition, &reason), -EINVAL);
        CHECK_CONTAINS("long name", reason.text, "is an absolute path");

        memset(text, '[', sizeof(text));
        CHECK_INT("brackets", parse(text, sizeof(text), &definition, &reason), -EINVAL);
        CHECK_CONTAINS("brackets", reason.text, "is not valid JSON");
        for (size_t i = 0; i < sizeof(text); i++)
                text[i] = brace[i % strlen(brace)];
        CHECK_INT("braces", parse(text, sizeof(text), &definition, &reason), -EINVAL);
        CHECK_CONTAINS("braces", reason.text, "is not valid JSON");
}

static void test_load(void)
{
        static const char json[] = "{\"mdev_type\":\"t\",\"start\":\"auto\"}";
        static char text[DEFINITION_SIZE_MAX + 1];
        char directory[] = "/tmp/test-definition.XXXXXX";
        struct definition definition = {};
        struct reason reason;
        _cleanup_close_ int dirfd = -1;

        if (!mkdtemp(directory))
                abort();
        dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        memset(text, ' ', sizeof(text));
        memcpy(text, json, sizeof(json) - 1);

        static const struct {
                const char *about;
                size_t size;
                int r;
                const char *reason;
        } cases[] = {
                {"small", sizeof(json) - 1, 0, ""},
                {"largest", DEFINITION_SIZE_MAX, 0, ""},
                {"too large", DEFINITION_SIZE_MAX + 1, -EFBIG, "more than"},
                {"empty", 0, -EINVAL, "the file is empty"},
        };
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int fd = openat(dirfd, "file", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

                if (fd < 0 || write(fd, text, cases[i].size) != (ssize_t) cases[i].size)
                        abort();
                close(fd);
                reason.text[0] = '\0';
                CHECK_INT(cases[i].about, definition_load(dirfd, "file", &definition, &reason), cases[i].r);
                CHECK_CONTAINS(cases[i].about, reason.text, cases[i].reason);
                definition_done(&definition);
        }

        CHECK_INT("directory", definition_load(dirfd, ".", &definition, &reason), -EISDIR);
        CHECK_STRING("directory", reason.text, "is a directory, not a definition file");
        CHECK_INT("missing", definition_load(dirfd, "missing", &definition, &reason), -ENOENT);
        CHECK_STRING("missing", reason.text, "No such file or directory");

        unlinkat(dirfd, "file", 0);
        rmdir(directory);
}

int main(void)
{
        test_good();
        test_bad();
        test_nul_bytes();
        test_excess();
        test_load();
        return test_result();
}
