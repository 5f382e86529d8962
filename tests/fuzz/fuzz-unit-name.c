/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of units, parents and devices
 *
 * The input is one text or, with a NUL between them, two. Whatever they are: a
 * unit name has only the characters systemd allows, gives the path back when
 * it is unescaped, and so is the name of no other path; a checked name stays
 * inside the directory it is put in.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "fuzz.h"
#include "name.h"
#include "unit-name.h"
#include "util.h"
#include "uuid.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define SUFFIX ".device"
#define MDEV_BUS "/sys/class/mdev_bus/"

/* What a path means: its components with one slash before each. False for one that has no unit. */
static bool path_simplify(const char *path, char *ret)
{
        if (path[0] != '/')
                return false;
        while (*path) {
                size_t length = strcspn(path, "/");

                if (length == 2 && strncmp(path, "..", 2) == 0)
                        return false;
                if (length > 0 && !(length == 1 && path[0] == '.')) {
                        *ret++ = '/';
                        memcpy(ret, path, length);
                        ret += length;
                }
                path += length;
                path += strspn(path, "/");
        }
        *ret = '\0';
        return true;
}

/* The path behind a unit name without suffix, as systemd-escape --unescape --path gives it. */
static void unescape(const char *name, size_t length, char *ret)
{
        const char *end = name + length;

        if (length == 1 && name[0] == '-') {
                *ret = '\0';
                return;
        }
        *ret++ = '/';
        while (name < end) {
                unsigned int byte;

                if (*name == '\\') {
                        REQUIRE(end - name >= 4 && name[1] == 'x' &&
                                        strspn(name + 2, DIGITS "abcdef") >= 2 &&
                                        sscanf(name + 2, "%2x", &byte) == 1,
                                "an escape that is none: %s", name);
                        *ret++ = (char) byte;
                        name += 4;
                } else {
                        *ret++ = *name == '-' ? '/' : *name;
                        name++;
                }
        }
        *ret = '\0';
}

static size_t escaped_length(const char *simple)
{
        size_t length = 0;

        if (simple[0] == '\0')
                return 1;
        for (const char *p = simple + 1; *p; p++)
                length += *p == '/' || (strchr(LETTERS DIGITS ":_.", *p) && !(p == simple + 1 && *p == '.'))
                                  ? 1
                                  : 4;
        return length;
}

/* Returns the simplified path if there is a unit of it, to be freed by the caller. */
static char *check_path(const char *path, char ret[static UNIT_NAME_SIZE])
{
        _cleanup_free_ char *simple = fuzz_text(NULL, 0), *back = fuzz_text(NULL, 0);
        bool has_unit, fits;
        int r;

        simple = realloc(simple, strlen(path) + 2);
        back = realloc(back, UNIT_NAME_SIZE + 1);
        REQUIRE(simple && back, "%m");
        has_unit = path_simplify(path, simple);
        fits = has_unit && escaped_length(simple) + strlen(SUFFIX) < UNIT_NAME_SIZE;

        r = unit_name_from_path(ret, path, SUFFIX);
        REQUIRE((r == 0) == fits, "%d for a path that %s: %s", r, fits ? "fits" : "does not", path);
        if (r < 0) {
                REQUIRE(r == -EINVAL || r == -ENAMETOOLONG, "%d for %s", r, path);
                REQUIRE(!has_unit || r == -ENAMETOOLONG, "%d for %s", r, path);
                return NULL;
        }
        REQUIRE(strlen(ret) > strlen(SUFFIX) && strlen(ret) < UNIT_NAME_SIZE, "length of %s", ret);
        REQUIRE(fuzz_is_made_of(ret, LETTERS DIGITS ":_.-\\"), "characters of %s", ret);
        REQUIRE(ret[0] != '.', "hidden: %s", ret);
        REQUIRE(strcmp(ret + strlen(ret) - strlen(SUFFIX), SUFFIX) == 0, "suffix of %s", ret);
        unescape(ret, strlen(ret) - strlen(SUFFIX), back);
        REQUIRE(strcmp(back, simple) == 0, "%s is %s unescaped, not %s", ret, back, simple);
        return TAKE_PTR(simple);
}

static void check_paths(const char *a, const char *b)
{
        char unit_a[UNIT_NAME_SIZE], unit_b[UNIT_NAME_SIZE];
        _cleanup_free_ char *path_a = check_path(a, unit_a), *path_b = check_path(b, unit_b);

        if (path_a && path_b)
                REQUIRE((strcmp(unit_a, unit_b) == 0) == (strcmp(path_a, path_b) == 0), "%s of %s, %s of %s",
                        unit_a, path_a, unit_b, path_b);
}

static void check_name(const char *name)
{
        char unit[UNIT_NAME_SIZE], expected[UNIT_NAME_SIZE], path[sizeof(MDEV_BUS) + NAME_MAX],
                back[PATH_MAX];
        int r, k;

        if (name_check(name))
                return;
        REQUIRE(name[0] && strlen(name) <= NAME_MAX && !strchr(name, '/'), "taken for a name: %s", name);
        REQUIRE(strcmp(name, ".") != 0 && strcmp(name, "..") != 0, "taken for a name: %s", name);
        REQUIRE(utf8_is_valid(name), "taken for UTF-8: %s", name);
        for (const char *p = name; *p; p++)
                REQUIRE((unsigned char) *p >= 0x20 && *p != 0x7f, "control characters in %s", name);

        snprintf(path, sizeof(path), MDEV_BUS "%s", name);
        r = unit_name_of_parent(unit, name);
        k = unit_name_from_path(expected, path, SUFFIX);
        REQUIRE(r == 0 || r == -ENAMETOOLONG, "%d for %s", r, name);
        if (r < 0) {
                REQUIRE(k < 0 || strlen(expected) + strlen(".wants") > NAME_MAX, "%s is not too long", name);
                return;
        }
        REQUIRE(k == 0 && strcmp(unit, expected) == 0, "%s is not %s", unit, expected);
        REQUIRE(strlen(unit) + strlen(".wants") <= NAME_MAX, "%s is too long", unit);
        unescape(unit, strlen(unit) - strlen(SUFFIX), back);
        REQUIRE(strcmp(back, path) == 0, "%s is %s unescaped", unit, back);
}

static void check_attribute_name(const char *name)
{
        static const char *const controls[] = {"remove", "uevent", "driver", "power"};
        char simple[PATH_MAX + 2], path[PATH_MAX + 2];

        if (attribute_name_check(name))
                return;
        REQUIRE(strlen(name) < PATH_MAX, "taken for an attribute: %s", name);
        snprintf(path, sizeof(path), "/%s", name);
        REQUIRE(path_simplify(path, simple) && strcmp(path, simple) == 0, "leads elsewhere: %s", name);
        for (size_t i = 0; i < ELEMENTSOF(controls); i++)
                REQUIRE(strncmp(name, controls[i], strlen(controls[i])) != 0 ||
                                (name[strlen(controls[i])] != '\0' && name[strlen(controls[i])] != '/'),
                        "the kernel's own: %s", name);
}

static void require_uuid(const char *text, const char *uuid)
{
        char again[UUID_LENGTH + 1];

        REQUIRE(uuid_parse(text, again) == 0 && strcmp(uuid, again) == 0, "%s is not %s", text, uuid);
}

static void check_uuid(const char *text)
{
        char uuid[UUID_LENGTH + 1], form[UUID_LENGTH + 16], unit[UNIT_NAME_SIZE], expected[UNIT_NAME_SIZE];

        if (uuid_parse(text, uuid) < 0) {
                REQUIRE(!uuid_is_canonical(text), "a UUID is refused: %s", text);
                return;
        }
        REQUIRE(uuid_is_canonical(uuid) && strlen(uuid) == UUID_LENGTH, "%s becomes %s", text, uuid);
        REQUIRE(fuzz_is_made_of(uuid, DIGITS "abcdef-"), "%s becomes %s", text, uuid);
        REQUIRE(!uuid_is_canonical(text) || strcmp(text, uuid) == 0, "%s becomes %s", text, uuid);
        require_uuid(uuid, uuid);
        snprintf(form, sizeof(form), "{%s}", uuid);
        require_uuid(form, uuid);
        snprintf(form, sizeof(form), "urn:uuid:%s", uuid);
        require_uuid(form, uuid);
        snprintf(form, sizeof(form), "%.8s%.4s%.4s%.4s%s", uuid, uuid + 9, uuid + 14, uuid + 19, uuid + 24);
        require_uuid(form, uuid);
        unit_name_of_definition(unit, uuid);
        snprintf(expected, sizeof(expected), "mdev@%s.service", uuid);
        REQUIRE(strcmp(unit, expected) == 0, "%s is not %s", unit, expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *a = fuzz_text(data, size), *b = NULL;
        size_t length = strlen(a);

        b = length < size ? fuzz_text(data + length + 1, size - length - 1) : fuzz_text(NULL, 0);
        check_paths(a, b);
        check_name(a);
        check_attribute_name(a);
        check_uuid(a);
        return 0;
}
