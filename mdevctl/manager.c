/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "manager.h"
#include "util.h"

#define PRIVATE_SOCKET "/run/systemd/private"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

/* The longest sleep, and so the longest delay of an announcement or a limit. */
#define STEP_USEC (250 * 1000ULL)

/* The intervals between checks whether a unit has settled, which grow from the first to the second, and
 * between checks whether process 1 listens, in milliseconds. */
#define UNIT_STEP_MS 10
#define UNIT_STEP_MAX_MS 250
#define CONNECT_STEP_MS 100

static const char waiting_for_answer[] = "systemd to answer";

bool manager_is_running(const struct root *root)
{
        return root_is_live(root) && access("/run/systemd/system", F_OK) == 0;
}

/* Begins to connect. -EAGAIN if the queue of connections to process 1 is full. */
static int connect_once(sd_bus **ret)
{
        sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, "unix:path=" PRIVATE_SOCKET);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0) {
                sd_bus_unref(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

/* Connects and waits until systemd has accepted. */
static int manager_connect(struct manager *manager, bool is_again)
{
        struct patience patience;
        int r;

        patience_begin(&patience, MANAGER_ANSWER_LIMIT_S, waiting_for_answer);
        while ((r = connect_once(&manager->bus)) < 0) {
                if (r != -EAGAIN && !(is_again && (r == -ENOENT || r == -ECONNREFUSED)))
                        return r;
                if (patience_check(&patience) == 0)
                        return -ETIMEDOUT;
                (void) sleep_msec(CONNECT_STEP_MS);
        }
        while ((r = sd_bus_is_ready(manager->bus)) == 0 && (r = manager_step(manager, &patience)) >= 0)
                ;
        return r < 0 ? r : 0;
}

int manager_open(struct manager *ret)
{
        *ret = (struct manager){};
        return manager_connect(ret, false);
}

int manager_open_as_user(struct manager *ret)
{
        struct patience patience;
        int r = manager_open(ret);

        if (r != -EACCES && r != -EPERM)
                return r;
        manager_close(ret);
        r = sd_bus_open_system(&ret->bus);
        patience_begin(&patience, MANAGER_ANSWER_LIMIT_S, waiting_for_answer);
        while (r >= 0 && (r = sd_bus_is_ready(ret->bus)) == 0)
                r = manager_step(ret, &patience);
        return r < 0 ? r : 0;
}

void manager_close(struct manager *manager)
{
        if (manager->bus) {
                sd_bus_close(manager->bus);
                sd_bus_unref(manager->bus);
        }
        manager->bus = NULL;
}

int manager_reopen(struct manager *manager)
{
        manager_close(manager);
        return manager_connect(manager, true);
}

bool manager_is_lost(const struct manager *manager)
{
        return !manager->bus || sd_bus_is_open(manager->bus) <= 0;
}

int manager_step(struct manager *manager, struct patience *patience)
{
        uint64_t left;
        int r;

        r = sd_bus_process(manager->bus, NULL);
        if (r != 0)
                return r < 0 ? r : 0;
        left = patience_check(patience);
        if (left == 0)
                return -ETIMEDOUT;
        r = sd_bus_wait(manager->bus, left < STEP_USEC ? left : STEP_USEC);
        return r < 0 && r != -EINTR ? r : 0;
}

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message **reply = userdata;

        (void) error;
        *reply = sd_bus_message_ref(message);
        return 0;
}

static int send_and_wait(
        struct manager *manager, sd_bus_message *request, sd_bus_error *error, sd_bus_message **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_slot_ sd_bus_slot *slot = NULL;
        struct patience patience;
        int r;

        patience_begin(&patience, MANAGER_ANSWER_LIMIT_S, waiting_for_answer);
        r = sd_bus_call_async(manager->bus, &slot, request, on_reply, &reply, UINT64_MAX);
        while (r >= 0 && !reply)
                r = manager_step(manager, &patience);
        if (!reply)
                return r;
        if (sd_bus_message_is_method_error(reply, NULL)) {
                r = -sd_bus_message_get_errno(reply);
                sd_bus_error_copy(error, sd_bus_message_get_error(reply));
                return r < 0 ? r : -EIO;
        }
        if (ret)
                *ret = TAKE_PTR(reply);
        return 0;
}

int manager_call(struct manager *manager, const char *path, const char *interface, const char *method,
        sd_bus_error *error, sd_bus_message **ret, const char *types, ...)
{
        _cleanup_message_ sd_bus_message *request = NULL;
        va_list ap;
        int r;

        if (!manager->bus)
                return -ENOTCONN;
        r = sd_bus_message_new_method_call(
                manager->bus, &request, MANAGER_DESTINATION, path, interface, method);
        if (r >= 0 && types) {
                va_start(ap, types);
                r = sd_bus_message_appendv(request, types, ap);
                va_end(ap);
        }
        return r < 0 ? r : send_and_wait(manager, request, error, ret);
}

/* Gets a property and enters the variant. Asks again if systemd re-executes meanwhile; reading twice does no
 * harm. */
static int get_property(struct manager *manager, const char *path, const char *interface, const char *name,
        const char *type, sd_bus_message **ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        int r = -ENOTCONN;

        for (int attempt = 0; attempt < 2; attempt++) {
                _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;

                if (manager_is_lost(manager) && (r = manager_reopen(manager)) < 0)
                        return r;
                r = manager_call(
                        manager, path, PROPERTIES_INTERFACE, "Get", &error, &reply, "ss", interface, name);
                if (!manager_is_lost(manager))
                        break;
        }
        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'v', type);
        if (r >= 0)
                *ret = TAKE_PTR(reply);
        return r < 0 ? r : 0;
}

int manager_get_string(struct manager *manager, const char *path, const char *interface, const char *name,
        char *ret, size_t size)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *value;
        int r;

        r = get_property(manager, path, interface, name, "s", &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "s", &value);
        if (r >= 0)
                snprintf(ret, size, "%s", strlen(value) < size ? value : "");
        return r < 0 ? r : 0;
}

static int get_job_path(struct manager *manager, const char *path, char *ret, size_t size)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *job;
        uint32_t id;
        int r;

        r = get_property(manager, path, MANAGER_DESTINATION ".Unit", "Job", "(uo)", &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "(uo)", &id, &job);
        if (r >= 0)
                snprintf(ret, size, "%s", job);
        return r < 0 ? r : 0;
}

int manager_get_unit(struct manager *manager, const char *unit, struct unit_state *ret)
{
        static const char interface[] = MANAGER_DESTINATION ".Unit";
        _cleanup_free_ char *path = NULL;
        int r;

        r = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);
        if (r >= 0)
                r = manager_get_string(manager, path, interface, "LoadState", ret->load, sizeof(ret->load));
        /* Read the job first: if it ends in between, the state shows its effect. */
        if (r >= 0)
                r = get_job_path(manager, path, ret->job_path, sizeof(ret->job_path));
        if (r >= 0)
                r = manager_get_string(manager, path, interface, "SubState", ret->sub, sizeof(ret->sub));
        if (r >= 0)
                r = manager_get_string(
                        manager, path, interface, "ActiveState", ret->active, sizeof(ret->active));
        return r < 0 ? r : 0;
}

int manager_get_run(struct manager *manager, const char *unit, struct unit_run *ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_free_ char *path = NULL;
        const void *bytes;
        size_t size;
        int r;

        *ret = (struct unit_run){};
        r = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);
        if (r >= 0)
                r = manager_get_string(manager, path, MANAGER_DESTINATION ".Service", "Result", ret->result,
                        sizeof(ret->result));
        if (r >= 0)
                r = get_property(manager, path, MANAGER_DESTINATION ".Unit", "InvocationID", "ay", &reply);
        if (r >= 0)
                r = sd_bus_message_read_array(reply, 'y', &bytes, &size);
        if (r >= 0 && size == sizeof(ret->invocation))
                memcpy(&ret->invocation, bytes, size);
        return r < 0 ? r : 0;
}

static bool unit_waits_for_restart(const struct unit_state *state)
{
        return strncmp(state->sub, "auto-restart", strlen("auto-restart")) == 0;
}

bool unit_is_moving(const struct unit_state *state)
{
        static const char *const moving[] = {"activating", "deactivating", "reloading"};

        for (size_t i = 0; i < ELEMENTSOF(moving); i++)
                if (strcmp(state->active, moving[i]) == 0)
                        return !unit_waits_for_restart(state);
        return false;
}

bool unit_is_up(const struct unit_state *state)
{
        return strcmp(state->active, "active") == 0 || unit_waits_for_restart(state);
}

int manager_wait_for_unit(
        struct manager *manager, const char *unit, unsigned int seconds, struct unit_state *ret)
{
        struct patience patience;
        long ms = UNIT_STEP_MS;
        char what[320];
        int r;

        snprintf(what, sizeof(what), "%s to finish starting or stopping", unit);
        patience_begin(&patience, seconds, what);
        while ((r = manager_get_unit(manager, unit, ret)) >= 0 && unit_is_moving(ret)) {
                if (patience_check(&patience) == 0)
                        return -ETIMEDOUT;
                (void) sleep_msec(ms);
                if (ms < UNIT_STEP_MAX_MS)
                        ms += ms / UNIT_STEP_MS;
        }
        return r;
}
