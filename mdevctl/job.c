/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "util.h"

#define JOB_INTERFACE MANAGER_DESTINATION ".Job"

/* How often to check whether a job is held back, in microseconds. */
#define LOOK_USEC (250 * 1000ULL)

struct job {
        const char *unit;
        char path[64];   /* "" until it is known */
        char before[64]; /* the unit's job before the request; if systemd merges the two, the job is not ours
                          */
        char *result;
        size_t result_size;
        bool has_ended;
};

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        struct job *job = userdata;
        const char *path, *unit, *result;
        uint32_t id;

        (void) error;
        if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0)
                return 0;
        if (strcmp(job->path, path) == 0) {
                snprintf(job->result, job->result_size, "%s", result);
                job->has_ended = true;
        }
        return 0;
}

static int subscribe(struct manager *manager, struct job *job, sd_bus_slot **slot)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_match_signal(manager->bus, slot, MANAGER_DESTINATION, MANAGER_PATH, MANAGER_INTERFACE,
                "JobRemoved", on_job_removed, job);
        if (r >= 0)
                r = manager_call(manager, MANAGER_PATH, MANAGER_INTERFACE, "Subscribe", &error, NULL, NULL);
        if (r < 0 && sd_bus_error_has_name(&error, MANAGER_DESTINATION ".AlreadySubscribed"))
                return 0;
        return r < 0 ? r : 0;
}

/* True for a decision of the administrator and for a broken unit: the command then fails. After any other
 * error the caller still does the work. */
static bool is_refusal(const sd_bus_error *error)
{
        static const char *const names[] = {
                "UnitMasked", "OnlyByDependency", "LoadFailed", "BadUnitSetting"};
        const size_t n = strlen(MANAGER_DESTINATION ".");

        if (!error->name || strncmp(error->name, MANAGER_DESTINATION ".", n) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(error->name + n, names[i]) == 0)
                        return true;
        return false;
}

/* Queues the job. Returns 1, 0 if there is no job, or a negative errno if systemd refuses. */
static int job_make(struct manager *manager, struct job *job, const char *method, const char *mode)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        const char *path;
        int r;

        r = manager_call(
                manager, MANAGER_PATH, MANAGER_INTERFACE, method, &error, &reply, "ss", job->unit, mode);
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0) {
                snprintf(job->path, sizeof(job->path), "%s", path);
                return 1;
        }
        if (!is_refusal(&error))
                return 0;
        snprintf(job->result, job->result_size, "%s", error.message ? error.message : error.name);
        return r;
}

/* True if there are jobs that this one waits for ("GetBefore") or that wait for it ("GetAfter"). */
static bool has_neighbours(struct manager *manager, const char *path, const char *method)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;

        return manager_call(manager, path, JOB_INTERFACE, method, &error, &reply, NULL) >= 0 &&
               sd_bus_message_enter_container(reply, 'a', "(usssoo)") > 0 &&
               sd_bus_message_at_end(reply, false) == 0;
}

void job_cancel(struct manager *manager, const char *path)
{
        _cleanup_bus_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        char state[16];

        if (manager_get_string(manager, path, JOB_INTERFACE, "State", state, sizeof(state)) < 0 ||
                strcmp(state, "waiting") != 0 || has_neighbours(manager, path, "GetAfter"))
                return;
        (void) manager_call(manager, path, JOB_INTERFACE, "Cancel", &error, NULL, NULL);
}

/* True if the job waits for other jobs. A job that waits for process 1 or for its own unit runs soon. */
static bool is_held_back(struct manager *manager, struct job *job)
{
        char state[16];
        int r;

        r = manager_get_string(manager, job->path, JOB_INTERFACE, "State", state, sizeof(state));
        if (r == -EBADR || r == -ENOENT || r == -ENXIO) {
                /* The JobRemoved signal was lost with a connection. */
                job->has_ended = true;
                return false;
        }
        return r >= 0 && strcmp(state, "waiting") == 0 && has_neighbours(manager, job->path, "GetBefore");
}

/* Returns 1 if the job has ended, 0 if it is held back, or a negative errno. */
static int job_wait(struct manager *manager, struct job *job, sd_bus_slot **slot)
{
        uint64_t next = now_usec() + JOB_ORDER_LIMIT_MS * 1000ULL;
        struct patience patience;
        char what[320];
        int r = 0;

        snprintf(what, sizeof(what), "the job of %s", job->unit);
        patience_begin(&patience, JOB_RUN_LIMIT_S, what);
        while (!job->has_ended) {
                r = manager_step(manager, &patience);
                /* systemd keeps its jobs across a re-execution. */
                if (!job->has_ended && manager_is_lost(manager)) {
                        *slot = sd_bus_slot_unref(*slot);
                        r = manager_reopen(manager);
                        if (r >= 0)
                                r = subscribe(manager, job, slot);
                }
                if (job->has_ended || (r >= 0 && now_usec() < next))
                        continue;
                if (r < 0)
                        return r;
                if (is_held_back(manager, job))
                        return 0;
                next = now_usec() + LOOK_USEC;
        }
        return 1;
}

/* Cancels a job. A job that has begun meanwhile is not cancelled and counts as running. */
static int job_take_back(struct manager *manager, struct job *job)
{
        struct unit_state state = {};

        if (strcmp(job->path, job->before) != 0)
                job_cancel(manager, job->path);
        if (manager_get_unit(manager, job->unit, &state) >= 0 && unit_is_moving(&state))
                return JOB_ENDED;
        return job->has_ended && strcmp(job->result, "canceled") != 0 ? JOB_ENDED : JOB_TAKEN_BACK;
}

/* After a lost answer, the unit shows whether systemd received the request. */
static bool find_job(struct manager *manager, struct job *job)
{
        struct unit_state state = {};

        if (!manager_is_lost(manager) || manager_get_unit(manager, job->unit, &state) < 0)
                return false;
        if (strcmp(state.job_path, "/") == 0) {
                job->has_ended = unit_is_moving(&state);
                return job->has_ended;
        }
        snprintf(job->path, sizeof(job->path), "%s", state.job_path);
        return true;
}

int job_run(struct manager *manager, const char *method, const char *unit, const char *mode, char *ret,
        size_t size)
{
        struct job job = {.unit = unit, .result = ret, .result_size = size};
        _cleanup_slot_ sd_bus_slot *slot = NULL;
        struct unit_state state = {};
        int r;

        snprintf(ret, size, "unknown");
        if (manager_get_unit(manager, unit, &state) < 0)
                return JOB_TAKEN_BACK;
        strcpy(job.before, state.job_path);
        /* Subscribe before the request: the job may end at once. Its path still arrives before the signal,
         * because messages are handled one by one. */
        if (subscribe(manager, &job, &slot) < 0)
                return JOB_TAKEN_BACK;
        r = job_make(manager, &job, method, mode);
        if (r < 0)
                return r;
        if (r == 0 && !find_job(manager, &job))
                return JOB_TAKEN_BACK;

        return job_wait(manager, &job, &slot) > 0 ? JOB_ENDED : job_take_back(manager, &job);
}
