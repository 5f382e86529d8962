/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Checks for unit tests
 *
 * A check that fails prints where it stands, which case of a table it was
 * about, what was and what was expected, and lets the test go on. The test
 * ends with "return test_result();".
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failures;

__attribute__((format(printf, 4, 5))) static inline void test_check(
        bool passed, const char *file, int line, const char *format, ...)
{
        va_list ap;

        if (passed)
                return;
        test_failures++;
        fprintf(stderr, "%s:%d: ", file, line);
        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
}

static inline bool test_same(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline const char *test_show(const char *text)
{
        return text ? text : "(null)";
}

/* A copy with a NUL that ends where the text ends, so that a sanitizer sees whoever reads on. The caller
 * frees it. */
static inline char *test_copy(const char *text, size_t size)
{
        char *copy = malloc(size + 1);

        if (!copy)
                abort();
        memcpy(copy, text, size);
        copy[size] = '\0';
        return copy;
}

static inline int test_result(void)
{
        return test_failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* In a loop over a table, about names the case. */
#define CHECK_INT(about, is, expected)                                                                      \
        do {                                                                                                \
                long long _is = (is), _expected = (expected);                                               \
                                                                                                            \
                test_check(_is == _expected, __FILE__, __LINE__, "%s: %s is %lld, expected %lld", about,    \
                        #is, _is, _expected);                                                               \
        } while (0)

#define CHECK_STRING(about, is, expected)                                                                   \
        do {                                                                                                \
                const char *_is = (is), *_expected = (expected);                                            \
                                                                                                            \
                test_check(test_same(_is, _expected), __FILE__, __LINE__,                                   \
                        "%s: %s is \"%s\", expected \"%s\"", about, #is, test_show(_is),                    \
                        test_show(_expected));                                                              \
        } while (0)

#define CHECK_CONTAINS(about, is, expected)                                                                 \
        do {                                                                                                \
                const char *_is = (is), *_expected = (expected);                                            \
                                                                                                            \
                test_check(strstr(_is, _expected), __FILE__, __LINE__,                                      \
                        "%s: %s is \"%s\", expected \"%s\" in it", about, #is, _is, _expected);             \
        } while (0)

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))
