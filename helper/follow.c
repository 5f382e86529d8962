/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Follow
 *
 * The unit follows its device: mdev-follow@.service runs this when a device is
 * removed of which a start has left a note, unless its own stop removes it.
 *
 * What udev tells may be old: by now the same unit may have another device, or
 * be making one. The note tells which device it has. Between a look at that and
 * systemd's decision no start may come and go: who writes the note waits as long
 * as this process has its mark. A start looks for its device itself as long as it
 * has its own mark, until the device is complete, and once more after that. For
 * systemd it ends a little later: it is asked not to cancel a start, and asked
 * again.
 *
 * To have asked is not enough. As long as a stop waits, for process 1 to have
 * time or for a user of the device to end, a start can take its place; it would
 * find the unit active and have nothing to do, and no other stop would come. So
 * this stays until the unit has stopped, and makes a restart of such a start.
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "log.h"
#include "operation.h"
#include "state.h"
#include "unit.h"

/* How long after a request to systemd to look what has become of it, in milliseconds: each time twice as
 * long, up to a limit. The note is looked at more often, since that costs little. */
#define FOLLOW_FIRST_MS 2000
#define FOLLOW_LIMIT_MS 8000
#define FOLLOW_NOTE_LOOKS 8

/* The look at which what is in the way is cancelled: a start that is through with the device but not with
 * its scripts, or one of a unit that requires this one. */
#define FOLLOW_PATIENCE 1

static bool is_gone(const struct env *env, const char *uuid)
{
        struct mark mark;

        return state_has_lost_device(env, uuid) && !state_find_mark(env, uuid, MARK_STOPPING, &mark) &&
               !(state_find_mark(env, uuid, MARK_CREATING, &mark) && mark.under_way);
}

enum request {
        REQUEST_NONE,
        REQUEST_STOP,
        REQUEST_STOP_AT_ANY_RATE,
        REQUEST_RESTART,
        REQUEST_FORGET,
};

static enum request choose_request(const char *uuid, int looks, bool was_accepted)
{
        struct unit_status status;

        unit_get_status(uuid, &status);
        if (status.active[0] == '\0')
                return REQUEST_NONE;
        /* A unit that is down has no clean-up to come. */
        if (strcmp(status.active, "inactive") == 0 || strcmp(status.active, "failed") == 0)
                return REQUEST_FORGET;
        if (strcmp(status.active, "deactivating") == 0)
                return REQUEST_NONE;
        if (strcmp(status.job, "start waiting") == 0)
                return REQUEST_RESTART;
        /* Then a start took the place of the stop, and had nothing to do. */
        if (status.job[0] == '\0' && was_accepted)
                return REQUEST_RESTART;
        if (status.job[0] != '\0' && strcmp(status.job, "start running") != 0)
                return REQUEST_NONE; /* A stop that waits, or as good as one. */
        return looks < FOLLOW_PATIENCE ? REQUEST_STOP : REQUEST_STOP_AT_ANY_RATE;
}

/* Returns true if a stop was asked for and systemd has accepted that. */
static bool make_request(const struct env *env, const char *uuid, enum request request)
{
        switch (request) {
        case REQUEST_NONE:
                return false;
        case REQUEST_STOP:
                return unit_stop_if_free(uuid);
        case REQUEST_STOP_AT_ANY_RATE:
                if (unit_stop_if_free(uuid))
                        return true;
                /* Unless what is in the way is a new start. */
                return is_gone(env, uuid) && unit_stop(uuid);
        case REQUEST_RESTART:
                unit_try_restart_if_free(uuid);
                return false;
        case REQUEST_FORGET:
                /* The next loss would find nothing to do. */
                signal(SIGTERM, SIG_IGN);
                state_forget(env, uuid);
                /* As long as there was a note, udev let it be. */
                if (device_exists(env, uuid))
                        unit_ask_for_adoption(uuid);
                return false;
        }
        return false;
}

static void wait_for_stop(const struct env *env, const char *uuid, int milliseconds)
{
        const int ms = milliseconds / FOLLOW_NOTE_LOOKS;
        const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

        for (int i = 0; i < FOLLOW_NOTE_LOOKS && is_gone(env, uuid); i++)
                nanosleep(&pause, NULL);
}

int operation_follow(const struct env *env, const char *uuid)
{
        int milliseconds = FOLLOW_FIRST_MS;
        bool was_accepted = false;

        for (int looks = 0; is_gone(env, uuid); looks++) {
                enum request request = REQUEST_STOP;

                log_debug("%s: is gone, stopping its unit", uuid);
                if (!env_is_live(env))
                        break;
                /* It costs less to ask at once, and mostly that is enough. */
                if (looks > 0)
                        request = choose_request(uuid, looks, was_accepted);
                /* That has taken its time. */
                (void) state_mark(env, uuid, MARK_FOLLOWING, 0);
                if (is_gone(env, uuid) && make_request(env, uuid, request))
                        was_accepted = true;
                (void) state_unmark(env, uuid, MARK_FOLLOWING);

                wait_for_stop(env, uuid, milliseconds);
                if (milliseconds < FOLLOW_LIMIT_MS)
                        milliseconds *= 2;
        }
        return EXIT_SUCCESS;
}
