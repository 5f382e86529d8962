/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of vGPUs */

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cleanup.h"

static struct finding *add(struct check *check, enum finding_code code, const struct vgpu_function *function)
{
        char path[PATH_MAX];
        struct finding *finding;

        if (!function->is_defined || root_path(check->root, path, VGPU_DIR "/%s", function->name) < 0)
                finding = findings_add(&check->findings, code, NULL, NULL, function->name);
        else
                finding = findings_add(&check->findings, code, path, NULL, function->name);
        finding_about(finding, "%s", function->name);
        return finding;
}

/* Each check looks at one function after the other. */
static void for_each(struct check *check, void (*look)(struct check *, const struct vgpu_function *))
{
        for (size_t i = 0; check->vgpus && i < check->vgpus->n; i++)
                look(check, &check->vgpus->functions[i]);
}

static void look_for_absence(struct check *check, const struct vgpu_function *function)
{
        struct finding *finding;

        if (!function->is_defined || function->is_ready)
                return;
        finding = add(check, FINDING_VGPU_ABSENT, function);
        if (!function->is_present) {
                finding_say(finding, "there is no PCI function %s at present", function->name);
                finding_advise(finding, "enable SR-IOV on its card, or correct the name of the file");
        } else if (function->card[0] == '\0') {
                finding_say(finding,
                        "%s is not a virtual function of SR-IOV, and only such a function can be "
                        "a vGPU",
                        function->name);
                finding_advise(finding, "correct the name of the file");
        } else {
                finding_say(finding, "%s has no directory " VGPU_CONTROLS "/; %s%s is bound to it",
                        function->name, function->driver[0] ? "driver " : "no driver", function->driver);
                finding_advise(finding, "bind NVIDIA's driver for vGPUs");
        }
}

void check_vgpu_absent(struct check *check)
{
        for_each(check, look_for_absence);
}

static void look_for_differences(struct check *check, const struct vgpu_function *function)
{
        struct finding *finding;

        if (!function->definition.type)
                return;
        if (function->match == VGPU_MATCH_OTHER || function->match == VGPU_MATCH_UNKNOWN) {
                finding = add(check, FINDING_VGPU_DIFFERS, function);
                if (function->match == VGPU_MATCH_UNKNOWN)
                        finding_say(finding,
                                "%s has type %s; whether that is %s is unknown while no function of the "
                                "card "
                                "lists it",
                                function->name, function->type_name, function->definition.type);
                else
                        finding_say(finding, "%s has type %s, not %s", function->name, function->type_name,
                                function->definition.type);
                finding_advise(finding,
                        "free the function and write 0 to its current_vgpu_type, then run \"systemctl "
                        "restart "
                        "%s\"",
                        function->unit_name);
        } else if (function->type == 0 && function->noted_type > 0) {
                finding = add(check, FINDING_VGPU_DIFFERS, function);
                finding_say(finding, "%s has no type, although its unit is active with type %s",
                        function->name, function->definition.type);
                finding_advise(finding, "run \"systemctl restart %s\"", function->unit_name);
        }
}

void check_vgpu_differs(struct check *check)
{
        for_each(check, look_for_differences);
}

static bool card_has_vgpus(const struct check *check, const char *card)
{
        for (size_t i = 0; i < check->vgpus->n; i++)
                if (check->vgpus->functions[i].type > 0 &&
                        strcmp(check->vgpus->functions[i].card, card) == 0)
                        return true;
        return false;
}

static bool is_creatable(const struct vgpu_function *function)
{
        struct vgpu_type type;

        return vgpu_find_type(function->types, function->definition.type, &type);
}

/* True if the function needs its type still, and the card does not offer it. */
static bool lacks_type(const struct vgpu_function *function)
{
        return function->definition.type && function->is_ready && function->card[0] != '\0' &&
               function->type == 0 && !is_creatable(function);
}

/* Beside other vGPUs, a type that fits the card may be missing from the list: see check_vgpu_exceeded(). */
static void look_for_types(struct check *check, const struct vgpu_function *function)
{
        struct finding *finding;

        if (!lacks_type(function) || card_has_vgpus(check, function->card))
                return;
        finding = add(check, FINDING_VGPU_NOT_CREATABLE, function);
        finding_say(finding, "card %s does not offer type %s", function->card, function->definition.type);
        finding_advise(finding,
                "run \"mdevctl vgpu types %s\", and correct the type or set up the mode of the card that it "
                "needs",
                function->name);
}

void check_vgpu_not_creatable(struct check *check)
{
        for_each(check, look_for_types);
}

/* Names end with the memory in GB and a letter: "NVIDIA L40S-24Q". Returns 0 for another name. */
static long get_size(const char *name)
{
        const char *dash = strrchr(name, '-');
        char *end = NULL;
        long size = dash ? strtol(dash + 1, &end, 10) : 0;

        return dash && dash[1] >= '0' && dash[1] <= '9' && end[0] >= 'A' && end[0] <= 'Z' && end[1] == '\0'
                       ? size
                       : 0;
}

/* The largest type takes the whole card. */
static long get_capacity(const struct vgpu_function *function)
{
        const char *position = function->types;
        struct vgpu_type type;
        long capacity = 0;

        while (vgpu_next_type(&position, &type))
                if (get_size(type.name) > capacity)
                        capacity = get_size(type.name);
        return capacity;
}

/* Returns the size of what a function gets by itself, 0 if that is unknown. */
static long get_automatic_size(const struct vgpu_function *function)
{
        struct vgpu_type type;

        return function->definition.type && function->definition.autostart && function->type == 0 &&
                               vgpu_find_type(function->types, function->definition.type, &type)
                       ? get_size(type.name)
                       : 0;
}

/* Adds up the functions of the card up to this one, in the order in which they are started. */
static long add_up(const struct check *check, const struct vgpu_function *last)
{
        long sum = 0;

        for (const struct vgpu_function *function = check->vgpus->functions; function <= last; function++)
                if (strcmp(function->card, last->card) == 0)
                        sum += get_automatic_size(function);
        return sum;
}

static void look_for_room(struct check *check, const struct vgpu_function *function)
{
        struct finding *finding;
        long capacity, sum;

        if (!function->definition.type || !function->definition.autostart || function->type != 0)
                return;
        if (lacks_type(function)) {
                if (!card_has_vgpus(check, function->card))
                        return;
                finding = add(check, FINDING_VGPU_EXCEEDED, function);
                finding_say(finding, "card %s cannot create type %s beside its present vGPUs",
                        function->card, function->definition.type);
        } else {
                capacity = get_capacity(function);
                sum = add_up(check, function);
                /* Beside present vGPUs, the list shows types, and not how much room they leave. */
                if (get_automatic_size(function) == 0 || sum <= capacity ||
                        card_has_vgpus(check, function->card))
                        return;
                finding = add(check, FINDING_VGPU_EXCEEDED, function);
                finding_say(finding,
                        "card %s has %ld GB, but the automatic vGPUs up to this one need %ld GB",
                        function->card, capacity, sum);
        }
        finding_advise(finding,
                "make a definition of the card manual and disable its unit, or choose smaller types");
}

void check_vgpu_exceeded(struct check *check)
{
        for_each(check, look_for_room);
}

static void look_for_definition(struct check *check, const struct vgpu_function *function)
{
        struct finding *finding;

        if (function->is_defined || function->type <= 0)
                return;
        finding = add(check, FINDING_VGPU_UNDEFINED, function);
        finding_say(finding, "has type %s, which others have set; it is gone after a reboot",
                function->type_name);
        finding_advise(finding, "run \"mdevctl vgpu define %s --auto --type '%s'\"", function->name,
                function->type_name);
}

void check_vgpu_undefined(struct check *check)
{
        for_each(check, look_for_definition);
}

void check_vgpu_unreadable(struct check *check)
{
        for (size_t i = 0; check->vgpus && i < check->vgpus->n; i++)
                if (check->vgpus->functions[i].fault) {
                        struct finding *finding =
                                add(check, FINDING_DEFINITION_UNREADABLE, &check->vgpus->functions[i]);

                        finding_say(finding, "%s", check->vgpus->functions[i].fault);
                        finding_advise(finding, "correct the file, or run \"mdevctl vgpu undefine %s\"",
                                check->vgpus->functions[i].name);
                }
        for (size_t i = 0; check->vgpus && i < check->vgpus->n_strange; i++) {
                char path[PATH_MAX];
                struct finding *finding;

                if (root_path(check->root, path, VGPU_DIR "/%s", check->vgpus->strange[i]) < 0)
                        continue;
                finding = findings_add(&check->findings, FINDING_DEFINITION_UNREADABLE, path, NULL, NULL);
                finding_say(finding, "the name is not the address of a PCI function, such as 0000:41:00.4");
                finding_advise(finding, "rename or remove the file");
        }
}
