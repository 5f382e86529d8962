/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names are hostile until checked: the checks
 */

#include <limits.h>

#include "name.h"
#include "test.h"

#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

#define EMPTY "is empty"
#define LONG "is too long"
#define CONTROL "contains control characters"
#define COMPONENT "is not a single path component"
#define ENCODING "is not valid UTF-8"
#define ABSOLUTE "is an absolute path"
#define KERNEL "belongs to the kernel and is not an attribute of the device"
#define DOTS "contains an empty, \".\" or \"..\" component"

static void test_uuid(void)
{
        static const struct {
                const char *text;
                bool canonical;
        } cases[] = {
                {UUID, true},
                {"00000000-0000-0000-0000-000000000000", true},
                {"ffffffff-ffff-ffff-ffff-ffffffffffff", true},
                {"09af09af-09af-09af-09af-09af09af09af", true},
                {"", false},
                {"8", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100", false},
                {UUID "1", false},
                {UUID "\n", false},
                {UUID ".swp", false},
                {" " UUID, false},
                {"{" UUID "}", false},
                {"83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100F", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100g", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100/", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100:", false},
                {"83b8f4f2-509f-382f-3c1e-e6bfe0fa100`", false},
                {"83b8f4f2509f382f3c1ee6bfe0fa1001", false},
                {"83b8f4f25-09f-382f-3c1e-e6bfe0fa1001", false},
                {"83b8f4f2-509f-382f-3c1e_e6bfe0fa1001", false},
                {"../83b8f4f2-509f-382f-3c1e-e6bfe0fa1", false},
                {"------------------------------------", false},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_INT(cases[i].text, uuid_is_canonical(cases[i].text), cases[i].canonical);
}

static void test_utf8(void)
{
        static const struct {
                const char *about;
                const char *text;
                bool valid;
        } cases[] = {
                {"empty", "", true},
                {"ASCII", "mtty\x7f\n", true},
                {"two bytes, first", "\xc2\x80", true},
                {"two bytes, last", "\xdf\xbf", true},
                {"three bytes, first", "\xe0\xa0\x80", true},
                {"noncharacter", "\xef\xb7\x90", true},
                {"noncharacter at the end of a plane", "\xef\xbf\xbe", true},
                {"before the surrogates", "\xed\x9f\xbf", true},
                {"after the surrogates", "\xee\x80\x80", true},
                {"three bytes, late", "\xef\xbf\xbd", true},
                {"four bytes, first", "\xf0\x90\x80\x80", true},
                {"four bytes, last", "\xf4\x8f\xbf\xbd", true},
                {"mixed", "a\xc3\xa9-\xe2\x82\xac-\xf0\x9f\x98\x80z", true},
                {"lone continuation", "\x80", false},
                {"continuation after ASCII", "a\xbf", false},
                {"Latin-1", "caf\xe9", false},
                {"Latin-1 inside", "caf\xe9s", false},
                {"0xfe", "\xfe", false},
                {"0xff", "\xff", false},
                {"five bytes", "\xf8\x88\x80\x80\x80", false},
                {"two bytes, cut off", "\xc3", false},
                {"three bytes, cut off", "\xe2\x82", false},
                {"four bytes, cut off", "\xf0\x9f\x98", false},
                {"cut off by ASCII", "\xe2\x82z", false},
                {"overlong slash", "\xc0\xaf", false},
                {"overlong, two bytes", "\xc1\xbf", false},
                {"overlong, three bytes", "\xe0\x9f\xbf", false},
                {"overlong, four bytes", "\xf0\x8f\xbf\xbf", false},
                {"first surrogate", "\xed\xa0\x80", false},
                {"last surrogate", "\xed\xbf\xbf", false},
                {"beyond Unicode", "\xf4\x90\x80\x80", false},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_INT(cases[i].about, utf8_is_valid(cases[i].text), cases[i].valid);
}

static void test_utf8_replacement(void)
{
#define R "\xef\xbf\xbd"
        static const struct {
                const char *text;
                size_t size;
                const char *expected;
        } cases[] = {
                {"", 1, ""},
                {"a", 1, ""},
                {"caf\xc3\xa9", 32, "caf\xc3\xa9"},
                {"caf\xe9 \xff!", 32, "caf" R " " R "!"},
                {"\xc3", 32, R},
                {"\xe2\x82", 32, R R},
                {"\xed\xa0\x80", 32, R R R},
                /* what does not fit */
                {"caf\xc3\xa9", 5, "caf"},
                {"caf\xc3\xa9", 6, "caf\xc3\xa9"},
                {"a\xff"
                 "b",
                        4, "a"},
                {"a\xff"
                 "b",
                        5, "a" R},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[32];

                utf8_replace_invalid(cases[i].text, text, cases[i].size);
                CHECK_STRING(cases[i].text, text, cases[i].expected);
        }
}

static void test_name(void)
{
        static const struct {
                const char *name;
                const char *wrong;
        } cases[] = {
                {"mtty", NULL},
                {"0000:00:02.0", NULL},
                {"i915-GVTg_V5_4", NULL},
                {"...", NULL},
                {".hidden", NULL},
                {"-rf", NULL},
                {"a b\"c\\d%e'f", NULL},
                {"caf\xc3\xa9", NULL},
                {"", EMPTY},
                {".", COMPONENT},
                {"..", COMPONENT},
                {"/", COMPONENT},
                {"a/b", COMPONENT},
                {"../mtty", COMPONENT},
                {"a\nExecStart=x", CONTROL},
                {"a\tb", CONTROL},
                {"a\x01", CONTROL},
                {"a\x1f", CONTROL},
                {"a\x7f", CONTROL},
                {"a\xff", ENCODING},
                {"a\xef\xb7\x90", ENCODING},
                {"a\xf0\x9f\xbf\xbf", ENCODING},
        };
        char name[NAME_MAX + 2];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_STRING(cases[i].name, name_check(cases[i].name), cases[i].wrong);

        memset(name, 'a', sizeof(name));
        name[NAME_MAX + 1] = '\0';
        CHECK_STRING("256 bytes", name_check(name), LONG);
        name[NAME_MAX] = '\0';
        CHECK_STRING("255 bytes", name_check(name), NULL);
}

static void test_attribute_name(void)
{
        static const struct {
                const char *name;
                const char *wrong;
        } cases[] = {
                {"assign_adapter", NULL},
                {"nvidia/vgpu_params", NULL},
                {"a/b/c", NULL},
                {"...", NULL},
                {".hidden", NULL},
                {"a b\\c\"d", NULL},
                /* only like the kernel's own */
                {"removed", NULL},
                {"remov", NULL},
                {"uevents", NULL},
                {"driver_version", NULL},
                {"powerful", NULL},
                {"vendor/remove", NULL},
                {"vendor/power/level", NULL},
                {"", EMPTY},
                {"/etc/passwd", ABSOLUTE},
                {"/", ABSOLUTE},
                {"a\nb", CONTROL},
                {"a\x7f", CONTROL},
                {"remove", KERNEL},
                {"remove/", KERNEL},
                {"uevent", KERNEL},
                {"driver", KERNEL},
                {"driver/unbind", KERNEL},
                {"power/control", KERNEL},
                {"..", DOTS},
                {".", DOTS},
                {"./remove", DOTS},
                {"../other/remove", DOTS},
                {"a/../remove", DOTS},
                {"a/..", DOTS},
                {"a/./b", DOTS},
                {"a//b", DOTS},
                {"a/", DOTS},
        };
        static char name[PATH_MAX + 1];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_STRING(cases[i].name, attribute_name_check(cases[i].name), cases[i].wrong);

        memset(name, 'a', sizeof(name));
        name[PATH_MAX] = '\0';
        CHECK_STRING("4096 bytes", attribute_name_check(name), LONG);
        name[PATH_MAX - 1] = '\0';
        CHECK_STRING("4095 bytes", attribute_name_check(name), NULL);

        /* in a definition that is there already */
        CHECK_STRING("empty, stored", stored_attribute_name_check(""), NULL);
        CHECK_STRING("a, stored", stored_attribute_name_check("a"), NULL);
        CHECK_STRING("remove, stored", stored_attribute_name_check("remove"), KERNEL);
}

int main(void)
{
        test_uuid();
        test_utf8();
        test_utf8_replacement();
        test_name();
        test_attribute_name();
        return test_result();
}
