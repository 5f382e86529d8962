/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The driver's list of types
 *
 * Whatever the driver writes: each type has a number and a name that stands in
 * one line of the list after that number, the list is found again by both, and
 * no line is read twice.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fuzz.h"
#include "vgpu.h"

static void check_type(const char *list, const char *line, const char *end, const struct vgpu_type *type)
{
        const size_t length = strlen(type->name);
        struct vgpu_type found;
        char number[16];
        int same;

        REQUIRE(length > 0 && length < VGPU_TYPE_NAME_SIZE, "a name of %zu bytes", length);
        REQUIRE(!strchr(type->name, '\n'), "a name of two lines");
        REQUIRE(memmem(line, (size_t) (end - line), type->name, length), "a name that is not in its line");
        REQUIRE(type->number >= 0 && atoi(line + strspn(line, " \t")) == type->number, "another number");
        snprintf(number, sizeof(number), "%d", type->number);
        REQUIRE(vgpu_type_is_number(number, &same) && same == type->number, "%s is no number", number);
        REQUIRE(vgpu_find_type(list, number, &found) && found.number == type->number, "number not found");
        if (!vgpu_type_is_number(type->name, &same))
                REQUIRE(vgpu_find_type(list, type->name, &found) && strcmp(found.name, type->name) == 0,
                        "name not found");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void) argc;
        (void) argv;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *list = fuzz_text(data, size);
        const char *position = list, *before = list;
        struct vgpu_type type;

        while (vgpu_next_type(&position, &type)) {
                const char *line = position;

                REQUIRE(position > before && position <= list + strlen(list), "no progress");
                /* The line that ends here. */
                if (line > list && line[-1] == '\n')
                        line--;
                while (line > before && line[-1] != '\n')
                        line--;
                check_type(list, line, position, &type);
                before = position;
        }
        REQUIRE(*position == '\0', "ended early");
        return 0;
}
