/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <limits.h>
#include <string.h>

#include "name.h"
#include "util.h"

bool uuid_is_canonical(const char *uuid)
{
        for (int i = 0; i < UUID_LENGTH; i++)
                if (i == 8 || i == 13 || i == 18 || i == 23) {
                        if (uuid[i] != '-')
                                return false;
                } else if (!(uuid[i] >= '0' && uuid[i] <= '9') && !(uuid[i] >= 'a' && uuid[i] <= 'f'))
                        return false;
        return uuid[UUID_LENGTH] == '\0';
}

/* Takes one character off a text, which must not be empty. False if it is not valid UTF-8. */
static bool utf8_take(const char **text, unsigned int *ret)
{
        const unsigned char *p = (const unsigned char *) *text;
        unsigned int code, rest;
        unsigned int least; /* overlong forms are invalid */

        if (*p < 0x80) {
                code = *p;
                rest = 0;
                least = 0;
        } else if ((*p & 0xe0) == 0xc0) {
                code = *p & 0x1f;
                rest = 1;
                least = 0x80;
        } else if ((*p & 0xf0) == 0xe0) {
                code = *p & 0x0f;
                rest = 2;
                least = 0x800;
        } else if ((*p & 0xf8) == 0xf0) {
                code = *p & 0x07;
                rest = 3;
                least = 0x10000;
        } else
                return false;
        for (p++; rest > 0; rest--, p++) {
                if ((*p & 0xc0) != 0x80)
                        return false;
                code = code << 6 | (*p & 0x3f);
        }
        *text = (const char *) p;
        *ret = code;
        return code >= least && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

bool utf8_is_valid(const char *text)
{
        unsigned int code;

        while (*text)
                if (!utf8_take(&text, &code))
                        return false;
        return true;
}

size_t utf8_character_length(const char *text)
{
        const char *next = text;
        unsigned int code;

        return utf8_take(&next, &code) ? (size_t) (next - text) : 0;
}

void utf8_replace_invalid(const char *text, char *ret, size_t size)
{
        while (*text) {
                const size_t valid = utf8_character_length(text),
                             n = valid > 0 ? valid : strlen(UTF8_REPLACEMENT);

                if (n >= size)
                        break;
                memcpy(ret, valid > 0 ? text : UTF8_REPLACEMENT, n);
                ret += n;
                size -= n;
                text += valid > 0 ? valid : 1;
        }
        *ret = '\0';
}

/* JSON allows noncharacters, but systemd ignores any line of a unit file that contains one. */
static bool utf8_is_for_units(const char *text)
{
        unsigned int code;

        while (*text)
                if (!utf8_take(&text, &code) || (code >= 0xfdd0 && code <= 0xfdef) ||
                        (code & 0xfffe) == 0xfffe)
                        return false;
        return true;
}

static bool text_has_control(const char *text)
{
        for (const unsigned char *p = (const unsigned char *) text; *p; p++)
                if (*p < 0x20 || *p == 0x7f)
                        return true;
        return false;
}

bool pci_function_is_canonical(const char *name)
{
        static const char digits[] = "0123456789abcdef";
        const size_t domain = strspn(name, digits);
        const char *p = name + domain;

        /* Behind some bridges, a domain has more than four digits. */
        return domain >= 4 && domain <= 8 && p[0] == ':' && strspn(p + 1, digits) == 2 && p[3] == ':' &&
               strspn(p + 4, digits) == 2 && p[6] == '.' && p[7] >= '0' && p[7] <= '7' && p[8] == '\0';
}

const char *name_check(const char *name)
{
        if (name[0] == '\0')
                return "is empty";
        if (strlen(name) > NAME_MAX)
                return "is too long";
        if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return "is not a single path component";
        if (text_has_control(name))
                return "contains control characters";
        if (!utf8_is_for_units(name))
                return "is not valid UTF-8";
        return NULL;
}

const char *attribute_name_check(const char *name)
{
        static const char *const controls[] = {"remove", "uevent", "driver", "power"};
        const char *p = name;

        if (name[0] == '\0')
                return "is empty";
        if (strlen(name) >= PATH_MAX)
                return "is too long";
        if (name[0] == '/')
                return "is an absolute path";
        if (text_has_control(name))
                return "contains control characters";

        for (size_t i = 0; i < ELEMENTSOF(controls); i++) {
                size_t length = strlen(controls[i]);

                if (strncmp(name, controls[i], length) == 0 && (name[length] == '\0' || name[length] == '/'))
                        return "belongs to the kernel and is not an attribute of the device";
        }

        while (p) {
                const char *slash = strchr(p, '/');
                size_t length = slash ? (size_t) (slash - p) : strlen(p);

                if (length == 0 || (length == 1 && p[0] == '.') ||
                        (length == 2 && p[0] == '.' && p[1] == '.'))
                        return "contains an empty, \".\" or \"..\" component";
                p = slash ? slash + 1 : NULL;
        }
        return NULL;
}

const char *stored_attribute_name_check(const char *name)
{
        return name[0] == '\0' ? NULL : attribute_name_check(name);
}
