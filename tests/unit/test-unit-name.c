/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of units: literal results of systemd-escape --path --suffix=device
 */

#include <errno.h>
#include <string.h>

#include "test.h"
#include "unit-name.h"
#include "util.h"

#define ALIAS_PREFIX "sys-class-mdev_bus-"
#define LONGEST (UNIT_NAME_SIZE - 1)

static void test_paths(void)
{
        static const struct {
                const char *path;
                const char *unit; /* NULL for a path that has none */
        } cases[] = {
                /* real parents and devices */
                {"/sys/class/mdev_bus/0000:00:02.0", "sys-class-mdev_bus-0000:00:02.0.device"},
                {"/sys/class/mdev_bus/0.0.0313", "sys-class-mdev_bus-0.0.0313.device"},
                {"/sys/class/mdev_bus/mtty", "sys-class-mdev_bus-mtty.device"},
                {"/sys/devices/vfio_ap/matrix", "sys-devices-vfio_ap-matrix.device"},
                {"/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
                        "sys-bus-mdev-devices-83b8f4f2\\x2d509f\\x2d382f\\x2d3c1e\\x2de6bfe0fa1001.device"},
                /* slashes and dots */
                {"/", "-.device"},
                {"///", "-.device"},
                {"/.", "-.device"},
                {"/a/", "a.device"},
                {"//a///b//", "a-b.device"},
                {"/a/./b/.", "a-b.device"},
                {"/./a", "a.device"},
                {"/.x", "\\x2ex.device"},
                {"/./.x", "\\x2ex.device"},
                {"/...", "\\x2e...device"},
                {"/a/.x", "a-.x.device"},
                {"/a/...", "a-....device"},
                /* bytes */
                {"/a-b", "a\\x2db.device"},
                {"/-", "\\x2d.device"},
                {"/a b", "a\\x20b.device"},
                {"/a\\b", "a\\x5cb.device"},
                {"/a@b", "a\\x40b.device"},
                {"/a%b", "a\\x25b.device"},
                {"/a\"b'c", "a\\x22b\\x27c.device"},
                {"/a\nb\tc", "a\\x0ab\\x09c.device"},
                {"/\xc3\xa9", "\\xc3\\xa9.device"},
                {"/\xff\x80", "\\xff\\x80.device"},
                {"/09AZaz:_.", "09AZaz:_..device"},
                {"/a/@[`{", "a-\\x40\\x5b\\x60\\x7b.device"},
                /* no unit */
                {"", NULL},
                {"a/b", NULL},
                {"/..", NULL},
                {"/a/../b", NULL},
                {"/a/..", NULL},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char unit[UNIT_NAME_SIZE] = "";
                int r = unit_name_from_path(unit, cases[i].path, ".device");

                CHECK_INT(cases[i].path, r, cases[i].unit ? 0 : -EINVAL);
                if (r >= 0)
                        CHECK_STRING(cases[i].path, unit, cases[i].unit);
        }
}

static void test_parents(void)
{
        static const struct {
                const char *parent;
                const char *unit;
        } cases[] = {
                {"mtty", ALIAS_PREFIX "mtty.device"},
                {"0000:65:00.4", ALIAS_PREFIX "0000:65:00.4.device"},
                {"my-parent", ALIAS_PREFIX "my\\x2dparent.device"},
                {".hidden", ALIAS_PREFIX ".hidden.device"},
                {"-rf", ALIAS_PREFIX "\\x2drf.device"},
                {"100%", ALIAS_PREFIX "100\\x25.device"},
                {"a\nExecStart=b", ALIAS_PREFIX "a\\x0aExecStart\\x3db.device"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char unit[UNIT_NAME_SIZE] = "";

                CHECK_INT(cases[i].parent, unit_name_of_parent(unit, cases[i].parent), 0);
                CHECK_STRING(cases[i].parent, unit, cases[i].unit);
        }
}

/* A byte of the parent's name takes one or four in that of the unit, which must leave room for
 * the ".wants" of a directory. */
static void test_lengths(void)
{
        const size_t room = LONGEST - strlen(ALIAS_PREFIX ".device.wants");
        static const struct {
                char byte;
                size_t takes;
        } cases[] = {{'a', 1}, {'-', 4}};

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char parent[300], unit[UNIT_NAME_SIZE], about[] = "?";
                size_t fitting = room / cases[i].takes;

                about[0] = cases[i].byte;
                memset(parent, cases[i].byte, sizeof(parent));
                parent[fitting] = '\0';
                CHECK_INT(about, unit_name_of_parent(unit, parent), 0);
                CHECK_INT(about, strlen(unit), strlen(ALIAS_PREFIX ".device") + fitting * cases[i].takes);

                for (size_t length = fitting + 1; length < sizeof(parent); length++) {
                        memset(parent, cases[i].byte, sizeof(parent));
                        parent[length] = '\0';
                        CHECK_INT(about, unit_name_of_parent(unit, parent), -ENAMETOOLONG);
                }
        }
}

/* Units that are not a parent's, and the reverse of unit_name_of_parent(). */
static void test_get_parent(void)
{
        static const char *const parents[] = {"mtty", "0000:00:02.0", "0.0.0313", "my-parent", ".hidden",
                "a\\x41\\", " a  b ", "caf\xc3\xa9", "%n"};
        static const char *const others[] = {"mtty.device", "sys-class-mdev_bus-.device",
                "sys-class-mdev_bus-mtty.service", "sys-class-mdev_bus-mtty-mdev_supported_types.device",
                "sys-class-mdev_bus-a\\x2fb.device", "sys-class-mdev_bus-a\\x4.device",
                "sys-class-mdev_bus-a\\xzz.device", "sys-class-mdev_bus-\\xff.device",
                "sys-class-mdev_bus.device"};
        char unit[UNIT_NAME_SIZE], parent[NAME_MAX + 1];

        for (size_t i = 0; i < ELEMENTSOF(parents); i++) {
                parent[0] = '\0';
                unit_name_of_parent(unit, parents[i]);
                CHECK_INT(parents[i], unit_name_get_parent(unit, parent), true);
                CHECK_STRING(parents[i], parent, parents[i]);
        }
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                CHECK_INT(others[i], unit_name_get_parent(others[i], parent), false);
}

static void test_definition(void)
{
        static const char *const others[] = {"mdev@.service", "mdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
                "mdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001.servicex",
                "vdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001.service",
                "mdev@83B8f4f2-509f-382f-3c1e-e6bfe0fa1001.service", ""};
        char unit[UNIT_NAME_SIZE], uuid[UUID_LENGTH + 1];

        unit_name_of_definition(unit, "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
        CHECK_STRING("definition", unit, "mdev@83b8f4f2-509f-382f-3c1e-e6bfe0fa1001.service");
        CHECK_INT(unit, unit_name_get_definition(unit, uuid), true);
        CHECK_STRING(unit, uuid, "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                CHECK_INT(others[i], unit_name_get_definition(others[i], uuid), false);
}

int main(void)
{
        test_paths();
        test_parents();
        test_lengths();
        test_definition();
        test_get_parent();
        return test_result();
}
