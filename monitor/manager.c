/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "manager.h"
#include "name.h"
#include "unit-name.h"

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE DESTINATION ".Manager"
#define PRIVATE_SOCKET "/run/systemd/private"

/* systemd answers no call while generators run, and they may run for minutes. */
#define CALL_TIMEOUT_USEC (UINT64_C(150) * 1000 * 1000)

#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_bus_error_ _cleanup_(sd_bus_error_free)

/* One unit in the replies of ListUnitsByNames and ListUnitsByPatterns. */
struct unit_info {
        const char *name, *description, *load, *active, *sub, *following, *path, *job_type, *job_path;
        uint32_t job_id;
};

int manager_open(sd_bus **ret)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, "unix:path=" PRIVATE_SOCKET);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_USEC);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                *ret = TAKE_PTR(bus);
        return r;
}

static int read_unit(sd_bus_message *reply, struct unit_info *ret)
{
        return sd_bus_message_read(reply, "(ssssssouso)", &ret->name, &ret->description, &ret->load,
                &ret->active, &ret->sub, &ret->following, &ret->path, &ret->job_id, &ret->job_type,
                &ret->job_path);
}

static enum unit_fact fact_of_unit(const struct unit_info *info)
{
        const bool starts = info->job_id != 0 && strcmp(info->job_type, "start") == 0;

        if (strcmp(info->active, "deactivating") == 0 || (info->job_id != 0 && !starts))
                return UNIT_FALLING;
        if (strcmp(info->active, "activating") == 0)
                return UNIT_RISING;
        if (strcmp(info->active, "inactive") != 0 && strcmp(info->active, "failed") != 0)
                return starts ? UNIT_UP_AND_ASKED : UNIT_UP;
        if (starts)
                return UNIT_ASKED;
        return strcmp(info->load, "masked") == 0 ? UNIT_MASKED : UNIT_DOWN;
}

int manager_get_units(sd_bus *bus, const char *const *uuids, size_t n, enum unit_fact *ret)
{
        _cleanup_message_ sd_bus_message *call = NULL, *reply = NULL;
        struct unit_info info;
        size_t i = 0;
        int r;

        r = sd_bus_message_new_method_call(
                bus, &call, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "ListUnitsByNames");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "s");
        for (size_t k = 0; r >= 0 && k < n; k++) {
                char unit[UNIT_NAME_SIZE];

                unit_name_of_definition(unit, uuids[k]);
                r = sd_bus_message_append(call, "s", unit);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(call);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && i < n && (r = read_unit(reply, &info)) > 0)
                ret[i++] = fact_of_unit(&info);
        if (r < 0)
                return r;
        return i == n ? 0 : -EBADMSG;
}

/* Lists the units in a state, or in any state if it is NULL. The caller unrefs *ret. */
static int list_units(sd_bus *bus, const char *state, const char *pattern, sd_bus_message **ret)
{
        _cleanup_message_ sd_bus_message *call = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                bus, &call, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "ListUnitsByPatterns");
        if (r >= 0)
                r = state ? sd_bus_message_append(call, "as", 1, state)
                          : sd_bus_message_append(call, "as", 0);
        if (r >= 0)
                r = sd_bus_message_append(call, "as", 1, pattern);
        if (r >= 0)
                r = sd_bus_call(bus, call, 0, NULL, &reply);
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        if (r >= 0)
                *ret = TAKE_PTR(reply);
        return r;
}

int manager_for_each_unit(sd_bus *bus, void (*function)(void *userdata, const char *uuid), void *userdata)
{
        static const char prefix[] = "mdev@";
        _cleanup_message_ sd_bus_message *reply = NULL;
        struct unit_info info;
        int r;

        r = list_units(bus, NULL, "mdev@*.service", &reply);
        while (r >= 0 && (r = read_unit(reply, &info)) > 0) {
                char uuid[UUID_LENGTH + 1] = "";

                strncpy(uuid, info.name + strlen(prefix), UUID_LENGTH);
                if (uuid_is_canonical(uuid))
                        function(userdata, uuid);
        }
        return r;
}

int manager_request(sd_bus *bus, const char *method, const char *unit, const char *mode)
{
        return sd_bus_call_method(
                bus, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, method, NULL, NULL, "ss", unit, mode);
}

bool manager_unit_is_active(sd_bus *bus, const char *unit)
{
        _cleanup_free_ char *path = NULL, *state = NULL;

        return sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path) >= 0 &&
               sd_bus_get_property_string(
                       bus, DESTINATION, path, DESTINATION ".Unit", "ActiveState", NULL, &state) >= 0 &&
               strcmp(state, "active") == 0;
}

/* Returns a timestamp of a unit, CLOCK_MONOTONIC in microseconds, or 0 if there is none. */
static uint64_t get_time(sd_bus *bus, const char *unit, const char *property)
{
        _cleanup_free_ char *path = NULL;
        uint64_t time;

        if (sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path) < 0 ||
                sd_bus_get_property_trivial(
                        bus, DESTINATION, path, DESTINATION ".Unit", property, NULL, 't', &time) < 0)
                return 0;
        return time;
}

uint64_t manager_unit_get_active_since(sd_bus *bus, const char *unit)
{
        return get_time(bus, unit, "ActiveEnterTimestampMonotonic");
}

bool manager_unit_has_lost_parent(sd_bus *bus, const char *uuid, const char *parent)
{
        char device[UNIT_NAME_SIZE], unit[UNIT_NAME_SIZE];

        if (unit_name_of_registration(device, parent) < 0)
                return false;
        unit_name_of_definition(unit, uuid);
        return get_time(bus, device, "InactiveEnterTimestampMonotonic") >
               get_time(bus, unit, "InactiveExitTimestampMonotonic");
}

int manager_for_each_parent(
        sd_bus *bus, void (*function)(void *userdata, const char *unit, const char *path), void *userdata)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        struct unit_info info;
        int r;

        r = list_units(bus, "active", "sys-class-mdev_bus-*.device", &reply);
        while (r >= 0 && (r = read_unit(reply, &info)) > 0) {
                _cleanup_free_ char *path = NULL;

                if (sd_bus_get_property_string(bus, DESTINATION, info.path, DESTINATION ".Device",
                            "SysFSPath", NULL, &path) >= 0)
                        function(userdata, info.name, path);
        }
        return r;
}

int manager_reload(sd_bus *bus)
{
        return sd_bus_call_method(
                bus, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "Reload", NULL, NULL, NULL);
}

bool manager_is_booting(sd_bus *bus)
{
        _cleanup_free_ char *state = NULL;

        return sd_bus_get_property_string(bus, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "SystemState",
                       NULL, &state) >= 0 &&
               (strcmp(state, "initializing") == 0 || strcmp(state, "starting") == 0);
}
