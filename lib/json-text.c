/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json-text.h"
#include "name.h"

/* cJSON has a buffer of 64 bytes for a number. */
#define NUMBER_LENGTH_MAX 63

#define DIGITS "0123456789"

static int report(const char *text, const char *position, const char *what, struct reason *reason)
{
        unsigned int line = 1;

        for (const char *p = text; p < position; p++)
                line += *p == '\n';
        return reason_set(reason, -EINVAL, "%s (line %u)", what, line);
}

int json_text_report(const char *text, const char *position, struct reason *reason)
{
        return report(text, position, "is not valid JSON", reason);
}

/* Moves from the opening quote of a string to the closing one. */
static int check_string(const char *text, const char **position, struct reason *reason)
{
        const char *p = *position + 1;

        for (; *p != '"'; p++) {
                const bool escaped = *p == '\\';

                p += escaped;
                if ((unsigned char) *p < 0x20)
                        return json_text_report(text, p, reason);
                if (!escaped || *p != 'u')
                        continue;
                if (strspn(p + 1, DIGITS "abcdefABCDEF") < 4)
                        return json_text_report(text, p, reason);
                if (strncmp(p + 1, "0000", 4) == 0)
                        return reason_set(reason, -EINVAL, "contains a NUL byte");
        }
        *position = p;
        return 0;
}

/* Skips digits. False if the text does not begin with one. */
static bool skip_digits(const char **p)
{
        const size_t n = strspn(*p, DIGITS);

        *p += n;
        return n > 0;
}

static bool skip_number(const char **p)
{
        if (**p == '-')
                ++*p;
        if (**p == '0')
                ++*p;
        else if (!skip_digits(p))
                return false;
        if (**p == '.') {
                ++*p;
                if (!skip_digits(p))
                        return false;
        }
        if (**p == 'e' || **p == 'E') {
                ++*p;
                if (**p == '+' || **p == '-')
                        ++*p;
                if (!skip_digits(p))
                        return false;
        }
        return !strchr(DIGITS "+-.eE", **p) || **p == '\0';
}

/* Moves from the first character of a number to its last one. */
static int check_number(const char *text, const char **position, struct reason *reason)
{
        const char *end = *position;
        double value;

        if (!skip_number(&end))
                return json_text_report(text, end, reason);
        if (end - *position > NUMBER_LENGTH_MAX)
                return report(text, *position, "has a number of more than 63 characters", reason);
        value = strtod(*position, NULL);
        if (value > DBL_MAX || value < -DBL_MAX)
                return report(text, *position, "has a number that is out of range", reason);
        *position = end - 1;
        return 0;
}

int json_text_check(const char *text, size_t size, struct reason *reason)
{
        int r = 0;

        if (size == 0)
                return reason_set(reason, -EINVAL, "the file is empty");
        if (memchr(text, '\0', size))
                return reason_set(reason, -EINVAL, "contains a NUL byte");
        if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
                return reason_set(
                        reason, -EINVAL, "begins with a byte order mark; save it as UTF-8 without one");
        if (!utf8_is_valid(text))
                return reason_set(reason, -EINVAL, "is not valid UTF-8");

        for (const char *p = text; r >= 0 && *p; p++)
                if (*p == '"')
                        r = check_string(text, &p, reason);
                else if (*p == '-' || (*p >= '0' && *p <= '9'))
                        r = check_number(text, &p, reason);
                else if ((unsigned char) *p < 0x20 && !strchr("\t\n\r", *p))
                        r = json_text_report(text, p, reason);
        return r;
}
