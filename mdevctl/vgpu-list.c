/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "definition-edit.h"
#include "report.h"
#include "terminal.h"
#include "vgpu-list.h"
#include "vgpus.h"

static int print(const cJSON *json)
{
        _cleanup_free_ char *text = json ? json_print_escaped(json) : NULL;

        if (!text)
                return report_error(-ENOMEM, "%m");
        puts(text);
        return 0;
}

/* Appends an empty object and returns it, or NULL without memory. */
static cJSON *append_object(cJSON *array)
{
        cJSON *object = cJSON_CreateObject();

        return json_append(array, object) < 0 ? NULL : object;
}

static int print_definitions(const struct vgpus *vgpus)
{
        _cleanup_json_ cJSON *json = cJSON_CreateArray();
        cJSON *all = append_object(json), *array = all ? cJSON_AddArrayToObject(all, VGPU_DIR) : NULL;
        int r = array ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < vgpus->n; i++) {
                const struct vgpu_function *function = &vgpus->functions[i];
                cJSON *item;

                if (!function->definition.type)
                        continue;
                item = append_object(array);
                r = item ? json_add(item, function->name, definition_to_json(&function->definition))
                         : -ENOMEM;
        }
        return r < 0 ? report_error(r, "%m") : print(json);
}

/* The list does not name cards, so absent functions belong where their address is. */
static int compare_names(const void *a, const void *b)
{
        const struct vgpu_function *left = a, *right = b;

        return strcmp(left->name, right->name);
}

int vgpu_list(const struct root *root, bool json)
{
        _cleanup_vgpus_ struct vgpus vgpus = {};
        int r = vgpus_load(root, 0, &vgpus);

        if (r < 0)
                return r;
        vgpus_warn(root, &vgpus, NULL);
        if (vgpus.n > 0)
                qsort(vgpus.functions, vgpus.n, sizeof(*vgpus.functions), compare_names);
        if (json)
                return print_definitions(&vgpus);
        for (size_t i = 0; i < vgpus.n; i++) {
                const struct vgpu_function *function = &vgpus.functions[i];

                if (!function->definition.type)
                        continue;
                printf("%s %s ", function->name, function->definition.autostart ? "auto" : "manual");
                terminal_print_escaped(function->definition.type);
                puts(function->match == VGPU_MATCH_SAME ? " (active)" : "");
        }
        return 0;
}

static void print_types(const struct vgpu_function *function)
{
        const char *position = function->types;
        struct vgpu_type type;

        printf("%s", function->name);
        if (function->type > 0) {
                fputs(" has ", stdout);
                terminal_print_escaped(function->type_name);
        }
        putchar('\n');
        while (vgpu_next_type(&position, &type)) {
                printf("  %d  ", type.number);
                terminal_print_escaped(type.name);
                putchar('\n');
        }
}

static int add_types(cJSON *array, const struct vgpu_function *function)
{
        const char *position = function->types;
        cJSON *object = append_object(array), *types;
        struct vgpu_type type;
        int r;

        r = json_add(object, "function", json_string(function->name));
        if (r >= 0)
                r = json_add(object, "card", json_string(function->card[0] ? function->card : NULL));
        if (r >= 0)
                r = json_add(object, "type", json_string(function->type > 0 ? function->type_name : NULL));
        types = r < 0 ? NULL : cJSON_AddArrayToObject(object, "types");
        r = types ? r : -ENOMEM;
        while (r >= 0 && vgpu_next_type(&position, &type)) {
                cJSON *item = append_object(types);

                r = json_add(item, "id", cJSON_CreateNumber(type.number));
                if (r >= 0)
                        r = json_add(item, "name", json_string(type.name));
        }
        return r;
}

int vgpu_types(const struct root *root, const char *function, bool json)
{
        _cleanup_json_ cJSON *array = cJSON_CreateArray();
        _cleanup_vgpus_ struct vgpus vgpus = {};
        size_t found = 0;
        int r = vgpus_load(root, 0, &vgpus);

        vgpus_select(&vgpus, function);
        for (size_t i = 0; r >= 0 && i < vgpus.n; i++) {
                if (!vgpus.functions[i].is_ready)
                        continue;
                found++;
                if (!json)
                        print_types(&vgpus.functions[i]);
                else if ((r = add_types(array, &vgpus.functions[i])) < 0)
                        report_error(r, "%m");
        }
        if (r < 0)
                return r;
        if (function && found == 0)
                return report_error(-ENODEV,
                        "Neither function %s nor a function of such a card has a directory " VGPU_CONTROLS
                        "/; enable SR-IOV, and see that NVIDIA's driver is bound",
                        function);
        return json ? print(array) : 0;
}
