/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Definitions that are made, changed and printed; UUIDs as people write them
 */

#include <errno.h>
#include <stdint.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "test.h"
#include "uuid.h"

/* The attributes in compact form. */
static void check_attributes(const struct definition *definition, const char *expected)
{
        _cleanup_free_ char *text = definition_print_line(definition);
        char whole[512];

        snprintf(
                whole, sizeof(whole), "{\"mdev_type\":\"t\",\"start\":\"manual\",\"attrs\":[%s]}", expected);
        CHECK_STRING("attributes", text, whole);
}

static void test_attributes(void)
{
        _cleanup_definition_ struct definition definition = {};

        CHECK_INT("new", definition_new("s", false, &definition), 0);
        CHECK_INT("type", definition_set_type(&definition, "t"), 0);
        check_attributes(&definition, "");
        CHECK_INT("delete none", definition_delete_attribute(&definition, ATTRIBUTE_END), 0);
        CHECK_INT("delete 0 of none", definition_delete_attribute(&definition, 0), -ERANGE);
        CHECK_INT("insert at 1 of none", definition_insert_attribute(&definition, 1, "x", "1"), -ERANGE);

        CHECK_INT("first", definition_insert_attribute(&definition, 0, "b", "2"), 0);
        CHECK_INT("append", definition_insert_attribute(&definition, ATTRIBUTE_END, "d", "4"), 0);
        CHECK_INT("in front", definition_insert_attribute(&definition, 0, "a", "1"), 0);
        CHECK_INT("in the middle", definition_insert_attribute(&definition, 2, "c", "3"), 0);
        CHECK_INT("at the end by number", definition_insert_attribute(&definition, 4, "d", "4"), 0);
        CHECK_INT("behind the end", definition_insert_attribute(&definition, 6, "x", "1"), -ERANGE);
        CHECK_INT("far behind", definition_insert_attribute(&definition, UINT32_MAX, "x", "1"), -ERANGE);
        check_attributes(
                &definition, "{\"a\":\"1\"},{\"b\":\"2\"},{\"c\":\"3\"},{\"d\":\"4\"},{\"d\":\"4\"}");

        CHECK_INT("delete in the middle", definition_delete_attribute(&definition, 1), 0);
        CHECK_INT("delete the first", definition_delete_attribute(&definition, 0), 0);
        CHECK_INT("delete the last", definition_delete_attribute(&definition, ATTRIBUTE_END), 0);
        CHECK_INT("delete behind the end", definition_delete_attribute(&definition, 2), -ERANGE);
        check_attributes(&definition, "{\"c\":\"3\"},{\"d\":\"4\"}");

        definition_drop_attributes(&definition);
        check_attributes(&definition, "");
        definition_drop_attributes(&definition);
        CHECK_INT("append", definition_insert_attribute(&definition, ATTRIBUTE_END, "e", "5"), 0);
        check_attributes(&definition, "{\"e\":\"5\"}");
}

/* The last of repeated keys counts, also for changes. */
static void test_repeated_keys(void)
{
        static const char text[] = "{\"mdev_type\":\"x\",\"mdev_type\":\"y\",\"start\":1,"
                                   "\"attrs\":[{\"a\":\"1\"}],\"attrs\":[{\"b\":\"2\"}]}";
        _cleanup_definition_ struct definition definition = {}, empty = {};
        struct reason reason;

        CHECK_INT("parse", definition_parse(text, strlen(text), &definition, &reason), 0);
        CHECK_INT("type", definition_set_type(&definition, "t"), 0);
        CHECK_INT("insert", definition_insert_attribute(&definition, ATTRIBUTE_END, "c", "3"), 0);
        check_attributes(&definition, "{\"b\":\"2\"},{\"c\":\"3\"}");

        CHECK_INT("new", definition_new("t", false, &empty), 0);
        CHECK_INT("copy", definition_copy_attributes(&empty, &definition), 0);
        check_attributes(&empty, "{\"b\":\"2\"},{\"c\":\"3\"}");
}

#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

static void test_uuid_parse(void)
{
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                {UUID, 0},
                {"83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", 0},
                {"83b8f4f2509f382f3c1ee6bfe0fa1001", 0},
                {"{" UUID "}", 0},
                {"urn:uuid:" UUID, 0},
                {"", -EINVAL},
                {UUID " ", -EINVAL},
                {" " UUID, -EINVAL},
                {"URN:UUID:" UUID, -EINVAL},
                {"{" UUID, -EINVAL},
                {"{83b8f4f2509f382f3c1ee6bfe0fa1001}", -EINVAL},
                {"83b8f4f2509f-382f-3c1e-e6bfe0fa1001ab", -EINVAL},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100g", -EINVAL},
                {"83b8f4f2509f382f3c1ee6bfe0fa100g", -EINVAL},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char uuid[UUID_LENGTH + 1] = UUID;

                CHECK_INT(cases[i].text, uuid_parse(cases[i].text, uuid), cases[i].r);
                CHECK_STRING(cases[i].text, uuid, UUID);
        }
}

static void test_uuid_generate(void)
{
        char a[UUID_LENGTH + 1], b[UUID_LENGTH + 1];

        CHECK_INT("generate", uuid_generate(a), 0);
        CHECK_INT("generate", uuid_generate(b), 0);
        CHECK_INT(a, uuid_is_canonical(a), true);
        CHECK_INT("version", a[14] == '4', true);
        CHECK_INT("variant", strchr("89ab", a[19]) != NULL, true);
        CHECK_INT("equal", strcmp(a, b) == 0, false);
}

/* A definition survives writing and reading. */
static void test_print_again(void)
{
        static const char text[] = "{\"mdev_type\":\"t\",\"start\":\"manual\","
                                   "\"attrs\":[{\"a\":\"\\u0001\\uffff\\ufdd0\"}]}";
        _cleanup_definition_ struct definition definition = {}, again = {};
        _cleanup_free_ char *printed = NULL;
        const char *name, *value = NULL;
        const cJSON *position = NULL;
        struct reason reason = {};

        CHECK_INT("parse", definition_parse(text, strlen(text), &definition, &reason), 0);
        printed = definition_print(&definition);
        CHECK_INT(printed, definition_parse(printed, strlen(printed), &again, &reason), 0);
        (void) definition_next_attribute(&again, &position, &name, &value);
        CHECK_STRING(printed, value, "\x01\xef\xbf\xbf\xef\xb7\x90");
}

int main(void)
{
        test_attributes();
        test_repeated_keys();
        test_print_again();
        test_uuid_parse();
        test_uuid_generate();
        return test_result();
}
