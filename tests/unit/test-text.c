/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Texts for people: where they are shortened
 */

#include "name.h"
#include "test.h"
#include "text.h"

__attribute__((format(printf, 3, 4))) static size_t format(char *ret, size_t size, const char *text, ...)
{
        va_list ap;
        size_t n;

        va_start(ap, text);
        n = text_format(ret, size, text, ap);
        va_end(ap);
        return n;
}

static void test_shortened(void)
{
        char text[32];

        CHECK_INT("fits", format(text, sizeof(text), "%s: bad", "0123456789012345678901234"), 30);
        CHECK_STRING("fits", text, "0123456789012345678901234: bad");
        CHECK_INT("just fits", format(text, sizeof(text), "%s: bad", "01234567890123456789012345"), 31);
        CHECK_INT("too long",
                format(text, sizeof(text), "x: \"%s\": No; stop", "0123456789012345678901234567890"), 31);
        CHECK_STRING("too long", text, "x: \"0123456789...890\": No; stop");
        CHECK_INT("no room", format(text, 4, "%s", "01234"), 0);
        CHECK_STRING("no room", text, "");
}

/* Wherever the cut falls, characters stay whole. */
static void test_characters(void)
{
        static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

        for (size_t i = 0; i < ELEMENTSOF(characters); i++)
                for (size_t size = 8; size < 80; size++)
                        for (size_t shift = 0; shift < 4; shift++) {
                                char value[200] = "", text[80];
                                size_t n;

                                memset(value, 'a', shift);
                                for (int k = 0; k < 40; k++)
                                        strcat(value, characters[i]);
                                n = format(text, size, "%s: x", value);
                                CHECK_INT(value, n, strlen(text));
                                CHECK_INT(value, n < size && n + 10 > size, true);
                                CHECK_INT(value, utf8_is_valid(text), true);
                                CHECK_STRING(value, text + n - (size > 14 ? 3 : 1), size > 14 ? ": x" : "x");
                        }
        /* Invalid UTF-8 has no characters that a cut could split. */
        char bytes[101], text[16];

        memset(bytes, 0x80, 100);
        bytes[100] = '\0';
        CHECK_INT("bytes", format(text, sizeof(text), "%s", bytes) < sizeof(text), true);
}

static void test_escaped(void)
{
        char text[32];

        CHECK_INT("escaped", text_escape("a\n\x1b\x7f\xc3\xa9", text, sizeof(text)), 15);
        CHECK_STRING("escaped", text, "a\\x0a\\x1b\\x7f\xc3\xa9");
        text_escape("\xc2\x9b\xc2\xa0", text, sizeof(text));
        CHECK_STRING("C1", text, "\\xc2\\x9b\xc2\xa0");
        CHECK_INT("shortened", text_escape("name: \n\n\n\n\n\n\n\n: cause", text, sizeof(text)) < 32, true);
        CHECK_CONTAINS("shortened", text, "...");
        CHECK_CONTAINS("shortened", text, ": cause");
}

static void test_list(void)
{
        char list[20] = "";

        text_list(list, sizeof(list), "one");
        CHECK_STRING("one", list, "one");
        text_list(list, sizeof(list), "two");
        CHECK_STRING("two", list, "one, two");
        text_list(list, sizeof(list), "three-and-more");
        CHECK_STRING("no room", list, "one, two, ...");
        text_list(list, sizeof(list), "4");
        CHECK_STRING("no room", list, "one, two, ...");
        list[0] = '\0';
        text_list(list, sizeof(list), "far-too-long-for-a-list");
        CHECK_STRING("the first has no room", list, "...");
}

int main(void)
{
        test_shortened();
        test_characters();
        test_escaped();
        test_list();
        return test_result();
}
