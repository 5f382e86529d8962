/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * vGPUs: addresses of functions, and the driver's list of types
 */

#include "name.h"
#include "test.h"
#include "unit-name.h"
#include "util.h"
#include "vgpu.h"

static void test_functions(void)
{
        static const char *const good[] = {
                "0000:41:00.4", "0000:ff:1f.7", "10000:01:00.0", "00010000:01:00.0"};
        static const char *const bad[] = {"", "41:00.4", "000:41:00.4", "000000000:41:00.4", "0000:41:00.8",
                "0000:41:00.", "0000:41:00.44", "0000:4:00.4", "0000:41:0.4", "0000:41:00:4", "0000:4A:00.4",
                "0000:41:00.4 ", "0000:41:00.4/..", "0000-41:00.4"};
        char unit[UNIT_NAME_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                CHECK_INT(good[i], pci_function_is_canonical(good[i]), true);
                CHECK_INT(good[i], unit_name_of_note(unit, good[i]), 0);
                CHECK_INT(unit, strncmp(unit, "vgpu@", 5) == 0 && strstr(unit, good[i]), true);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK_INT(bad[i], pci_function_is_canonical(bad[i]), false);
        CHECK_INT("same bus", vgpu_functions_are_neighbours("0000:41:00.4", "0000:41:01.0"), true);
        CHECK_INT("other bus", vgpu_functions_are_neighbours("0000:41:00.4", "0000:42:00.4"), false);
        CHECK_INT("other domain", vgpu_functions_are_neighbours("0000:41:00.4", "10000:41:00.4"), false);
}

static void show_types(const char *list, char *ret, size_t size)
{
        struct vgpu_type type;
        size_t used = 0;

        ret[0] = '\0';
        while (used < size && vgpu_next_type(&list, &type))
                used += (size_t) snprintf(ret + used, size - used, "%d=%s;", type.number, type.name);
}

static void test_lists(void)
{
        static const struct {
                const char *about, *list, *types;
        } cases[] = {
                {"with a heading", "ID    : vGPU Name\n1155  : NVIDIA L40S-24Q\n1156  : NVIDIA L40S-48Q\n",
                        "1155=NVIDIA L40S-24Q;1156=NVIDIA L40S-48Q;"},
                {"without", "1155 : A", "1155=A;"},
                {"full", "ID    : vGPU Name\n", ""},
                {"empty", "", ""},
                {"white space", "  7\t:  A B \t\r\n\n8:C\n", "7=A B;8=C;"},
                {"a colon in the name", "7 : A:B\n", "7=A:B;"},
                {"no name", "7 :\n8 : \n9 : x", "9=x;"},
                {"no number", ": x\nx : 7\n-1 : y\n", ""},
                {"too large", "2147483648 : x\n99999999999999999999 : y\n2147483647 : z", "2147483647=z;"},
        };
        char types[256];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                show_types(cases[i].list, types, sizeof(types));
                CHECK_STRING(cases[i].about, types, cases[i].types);
        }
}

static void test_find(void)
{
        static const char list[] = "1155 : A-24Q\n24 : 25\n25 : A-2Q\n";
        struct vgpu_type type;

        CHECK_INT("by name", vgpu_find_type(list, "A-2Q", &type), true);
        CHECK_INT("by name", type.number, 25);
        CHECK_INT("by number", vgpu_find_type(list, "1155", &type), true);
        CHECK_STRING("by number", type.name, "A-24Q");
        CHECK_INT("a number is never a name", vgpu_find_type(list, "25", &type) && type.number == 25, true);
        CHECK_INT("part of a name", vgpu_find_type(list, "A-24", &type), false);
        CHECK_INT("other case", vgpu_find_type(list, "a-24q", &type), false);
        CHECK_INT("unknown number", vgpu_find_type(list, "7", &type), false);
}

int main(void)
{
        test_functions();
        test_lists();
        test_find();
        return test_result();
}
