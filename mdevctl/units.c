/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "manager.h"
#include "units.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define UNIT_INTERFACE MANAGER_DESTINATION ".Unit"
#define SERVICE_INTERFACE MANAGER_DESTINATION ".Service"

/* A request for one property of one unit. */
struct question {
        struct unit_facts *unit;
        struct unit_list *list;
};

static int list_add(
        struct unit_list *list, const char *name, const char *load, const char *active, const char *sub)
{
        struct unit_facts *unit;
        char uuid[UUID_LENGTH + 1];

        if (!unit_name_get_definition(name, uuid))
                return 0;
        if (list->n == list->size) {
                const size_t size = list->size ? 2 * list->size : 64;

                unit = realloc(list->units, size * sizeof(*unit));
                if (!unit)
                        return -ENOMEM;
                list->units = unit;
                list->size = size;
        }
        unit = &list->units[list->n++];
        *unit = (struct unit_facts){};
        strcpy(unit->uuid, uuid);
        snprintf(unit->name, sizeof(unit->name), "%s", name);
        snprintf(unit->load, sizeof(unit->load), "%s", load);
        snprintf(unit->active, sizeof(unit->active), "%s", active);
        snprintf(unit->sub, sizeof(unit->sub), "%s", sub);
        return 0;
}

static int list_read(struct unit_list *list, sd_bus_message *reply)
{
        const char *name, *load, *active, *sub;
        int r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");

        while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &name, NULL, &load, &active, &sub,
                                  NULL, NULL, NULL, NULL, NULL)) > 0)
                r = list_add(list, name, load, active, sub);
        return r;
}

static int on_since(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct question *question = userdata;

        (void) error;
        question->list->n_open--;
        if (!sd_bus_message_is_method_error(message, NULL))
                (void) sd_bus_message_read(message, "v", "t", &question->unit->since);
        return 0;
}

static int on_result(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct question *question = userdata;
        const char *result;

        (void) error;
        question->list->n_open--;
        if (!sd_bus_message_is_method_error(message, NULL) &&
                sd_bus_message_read(message, "v", "s", &result) > 0)
                snprintf(question->unit->result, sizeof(question->unit->result), "%s", result);
        return 0;
}

static int on_invocation(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct question *question = userdata;
        const void *bytes;
        size_t size;

        (void) error;
        question->list->n_open--;
        if (!sd_bus_message_is_method_error(message, NULL) &&
                sd_bus_message_enter_container(message, 'v', "ay") > 0 &&
                sd_bus_message_read_array(message, 'y', &bytes, &size) > 0 &&
                size == sizeof(question->unit->invocation))
                memcpy(&question->unit->invocation, bytes, size);
        return 0;
}

static int ask(struct manager *manager, struct question *question, const char *interface,
        const char *property, sd_bus_message_handler_t answer)
{
        _cleanup_free_ char *path = NULL;
        int r = sd_bus_path_encode(MANAGER_PATH "/unit", question->unit->name, &path);

        if (r >= 0)
                r = sd_bus_call_method_async(manager->bus, NULL, MANAGER_DESTINATION, path,
                        PROPERTIES_INTERFACE, "Get", answer, question, "ss", interface, property);
        if (r >= 0)
                question->list->n_open++;
        return r;
}

/* The result of a unit that has not failed is "success"; only those that have are asked for more. */
static bool has_failed(const struct unit_facts *unit)
{
        return strcmp(unit->active, "failed") == 0 || strncmp(unit->sub, "auto-restart", 12) == 0;
}

static int ask_all(
        struct manager *manager, struct unit_list *list, unsigned int extras, struct question *questions)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < list->n; i++) {
                struct unit_facts *unit = &list->units[i];

                questions[i] = (struct question){unit, list};
                if (extras & UNITS_SINCE)
                        r = ask(manager, &questions[i], UNIT_INTERFACE, "StateChangeTimestamp", on_since);
                if (!has_failed(unit)) {
                        strcpy(unit->result, "success");
                        continue;
                }
                if (r >= 0 && extras & UNITS_FAILURES)
                        r = ask(manager, &questions[i], SERVICE_INTERFACE, "Result", on_result);
                if (r >= 0 && extras & UNITS_FAILURES)
                        r = ask(manager, &questions[i], UNIT_INTERFACE, "InvocationID", on_invocation);
        }
        return r;
}

/* Adds what the list of units lacks. Without an answer it stays unknown. */
static int list_complete(struct manager *manager, struct unit_list *list, unsigned int extras)
{
        _cleanup_free_ struct question *questions = calloc(list->n + 1, sizeof(*questions));
        struct patience patience;
        int r;

        if (!questions)
                return -ENOMEM;
        patience_begin(&patience, MANAGER_ANSWER_LIMIT_S, "systemd to answer");
        r = ask_all(manager, list, extras, questions);
        while (r >= 0 && list->n_open > 0)
                r = manager_step(manager, &patience);
        /* No answer may arrive after the questions are gone. */
        manager_close(manager);
        return r == -ENOMEM ? r : 0;
}

static int compare_units(const void *a, const void *b)
{
        return strcmp(((const struct unit_facts *) a)->uuid, ((const struct unit_facts *) b)->uuid);
}

int unit_list_load(const char *uuid, unsigned int extras, struct unit_list *ret)
{
        _cleanup_manager_ struct manager manager = {};
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        char pattern[UNIT_NAME_SIZE];
        int r;

        *ret = (struct unit_list){};
        unit_name_of_definition(pattern, uuid ? uuid : "*");
        r = manager_open_as_user(&manager);
        if (r >= 0)
                r = manager_call(&manager, MANAGER_PATH, MANAGER_INTERFACE, "ListUnitsByPatterns", &error,
                        &reply, "asas", 0, 1, pattern);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = list_read(ret, reply);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        ret->is_known = true;
        if (ret->n > 0)
                qsort(ret->units, ret->n, sizeof(*ret->units), compare_units);
        return list_complete(&manager, ret, extras);
}

const struct unit_facts *unit_list_find(const struct unit_list *list, const char *uuid)
{
        struct unit_facts key = {};

        snprintf(key.uuid, sizeof(key.uuid), "%.36s", uuid);
        return list->n == 0 ? NULL : bsearch(&key, list->units, list->n, sizeof(key), compare_units);
}

void unit_list_done(struct unit_list *list)
{
        free(list->units);
        *list = (struct unit_list){};
}
