/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "manager.h"

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE DESTINATION ".Manager"
#define PRIVATE_SOCKET "/run/systemd/private"

/* How often to look whether a unit has come to rest, in milliseconds. */
#define UNIT_STEP_MS 10

#define _cleanup_bus_error_ _cleanup_(sd_bus_error_free)
#define _cleanup_message_ _cleanup_(sd_bus_message_unrefp)
#define _cleanup_slot_ _cleanup_(sd_bus_slot_unrefp)
#define _cleanup_bus_ _cleanup_(sd_bus_unrefp)

bool manager_is_running(const struct env *env)
{
        return env_is_live(env) && access("/run/systemd/system", F_OK) == 0;
}

int manager_connect(sd_bus **ret)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, "unix:path=" PRIVATE_SOCKET);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return sd_bus_open_system(ret);
        *ret = TAKE_PTR(bus);
        return 0;
}

struct job {
        const char *path; /* NULL until it is known */
        char *result;
        size_t result_size;
        bool is_done;
};

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct job *job = userdata;
        const char *path, *unit, *result;
        uint32_t id;

        (void) error;
        if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0)
                return 0;
        if (job->path && strcmp(job->path, path) == 0) {
                snprintf(job->result, job->result_size, "%s", result);
                job->is_done = true;
        }
        return 0;
}

int manager_run_job(sd_bus *bus, const char *method, const char *unit, char *ret, size_t size)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_slot_ sd_bus_slot *slot = NULL;
        struct job job = {.result = ret, .result_size = size};
        int r;

        /* Before the job is made: it may be done before the answer is read. Signals are only
         * handed out by sd_bus_process(), so none is missed until then. */
        r = sd_bus_match_signal(bus, &slot, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved",
                on_job_removed, &job);
        if (r >= 0)
                r = sd_bus_call_method(
                        bus, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, "Subscribe", &error, NULL, NULL);
        if (r >= 0 || sd_bus_error_has_name(&error, DESTINATION ".AlreadySubscribed")) {
                sd_bus_error_free(&error);
                r = sd_bus_call_method(bus, DESTINATION, MANAGER_PATH, MANAGER_INTERFACE, method, &error,
                        &reply, "ss", unit, "replace");
        }
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &job.path);
        while (r >= 0 && !job.is_done) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        if (r < 0)
                snprintf(ret, size, "%s", error.message ? error.message : strerror(-r));
        return r < 0 ? r : 0;
}

static int unit_get_state(sd_bus *bus, const char *path, struct unit_state *ret)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_free_ char *active = NULL, *result = NULL;
        const void *bytes;
        size_t size;
        int r;

        r = sd_bus_get_property_string(
                bus, DESTINATION, path, DESTINATION ".Unit", "ActiveState", NULL, &active);
        if (r >= 0)
                r = sd_bus_get_property_string(
                        bus, DESTINATION, path, DESTINATION ".Service", "Result", NULL, &result);
        if (r >= 0)
                r = sd_bus_get_property(
                        bus, DESTINATION, path, DESTINATION ".Unit", "InvocationID", NULL, &reply, "ay");
        if (r >= 0)
                r = sd_bus_message_read_array(reply, 'y', &bytes, &size);
        if (r < 0)
                return r;

        snprintf(ret->active, sizeof(ret->active), "%s", active);
        snprintf(ret->result, sizeof(ret->result), "%s", result);
        ret->invocation = SD_ID128_NULL;
        if (size == sizeof(ret->invocation))
                memcpy(&ret->invocation, bytes, size);
        return 0;
}

int manager_wait_for_unit(sd_bus *bus, const char *unit, struct unit_state *ret)
{
        const struct timespec pause = {.tv_nsec = UNIT_STEP_MS * 1000000L};
        _cleanup_free_ char *path = NULL;
        int r;

        r = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);
        while (r >= 0) {
                r = unit_get_state(bus, path, ret);
                if (r < 0 ||
                        (strcmp(ret->active, "activating") != 0 && strcmp(ret->active, "deactivating") != 0))
                        break;
                if (nanosleep(&pause, NULL) < 0)
                        r = -errno;
        }
        return r;
}
