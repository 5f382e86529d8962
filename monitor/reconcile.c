/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "definition-file.h"
#include "device.h"
#include "enablement.h"
#include "log.h"
#include "manager.h"
#include "note.h"
#include "parent.h"
#include "reconcile.h"
#include "report.h"
#include "unit-name.h"

/* The pause before the next look, in microseconds. It doubles with each look. */
#define PAUSE_FIRST_USEC (UINT64_C(100) * 1000)
#define PAUSE_LIMIT_USEC (UINT64_C(4) * 1000 * 1000)

/* A start that lost its device usually ends by itself, and so does a unit whose note says it stopped. Stop
 * it if it has not ended after this many looks, about 3 s. */
#define LOOKS_UNTIL_EXPIRY 5

/* After this many looks, a stop or restart replaces a conflicting job, for example of a unit that uses the
 * device. By then, systemd's own reaction to the loss would have arrived. */
#define LOOKS_UNTIL_REPLACEMENT 2

/* How many times to request an adoption that does not happen, over 15 s in all. */
#define LOOKS_FOR_ADOPTION 9

/* Device and note at one moment. */
struct facts {
        struct device device;
        struct note note;
        enum device_fact device_fact;
        enum note_fact note_fact;
};

static enum note_fact fact_of_note(const struct note *note)
{
        switch (note->state) {
        case NOTE_NONE:
        case _NOTE_STATES:
                break;
        case NOTE_STARTING:
        case NOTE_CREATING:
                return note_has_process(note) ? NOTED_WORK : NOTED_STALE;
        case NOTE_STOPPING:
                /* Somebody wanted to stop the unit. That the stop was killed does not mean the contrary. */
                return note_has_process(note) ? NOTED_WORK : NOTED_LEFT;
        case NOTE_ACTIVE:
                return NOTED_ACTIVE;
        case NOTE_LOST:
                return NOTED_LOST;
        case NOTE_STOPPED:
                return NOTED_DOWN;
        case NOTE_LEFT:
        case NOTE_UNFINISHED:
                return note->adopting ? NOTED_ADOPTION : NOTED_LEFT;
        }
        return NOTED_NOTHING;
}

static enum device_fact fact_of_device(const struct device *device, const struct note *note)
{
        if (device->fd < 0)
                return DEVICE_ABSENT;
        if (device->type[0] == '\0')
                return DEVICE_INCOMPLETE;
        return note->state != NOTE_NONE && note_is_about(note, device->inode) ? DEVICE_OWN : DEVICE_OTHER;
}

static void facts_done(struct facts *facts)
{
        device_done(&facts->device);
}
#define _cleanup_facts_ _cleanup_(facts_done)

static int facts_get(const struct root *root, const char *uuid, struct facts *ret)
{
        int r;

        *ret = (struct facts){.device = DEVICE_NONE};
        (void) note_load(root, uuid, &ret->note);
        r = device_find(root, uuid, &ret->device);
        if (r < 0)
                return r;
        ret->note_fact = fact_of_note(&ret->note);
        ret->device_fact = fact_of_device(&ret->device, &ret->note);
        return 0;
}

static int ask(sd_bus *bus, const char *uuid, const char *method, const char *mode)
{
        char unit[UNIT_NAME_SIZE];

        unit_name_of_definition(unit, uuid);
        return manager_request(bus, method, unit, mode);
}

/* The monitor holds the lock, so no helper can write a note: no stop can end, and no start can create a
 * device. The stop therefore reaches the unit without its device, and never a later start. */
static void stop(
        const struct root *root, sd_bus *bus, const char *uuid, struct facts *facts, const char *mode)
{
        int r = ask(bus, uuid, "StopUnit", mode);

        if (r < 0)
                return;
        report_info(uuid, "%s: the device is gone; stopping mdev@%s.service", uuid, uuid);
        facts->note.state = NOTE_LOST;
        facts->note.adopting = false;
        (void) note_replace(root, uuid, &facts->note);
}

static bool adopt(const struct root *root, sd_bus *bus, const struct queue_entry *entry, struct facts *facts)
{
        struct note *note = &facts->note;

        if (entry->looks < LOOKS_FOR_ADOPTION) {
                /* If a killed start left the device half configured, the new start refuses it, and its
                 * stop removes it. */
                const bool unfinished = facts->device_fact == DEVICE_OWN &&
                                        (note->state == NOTE_CREATING || note->state == NOTE_UNFINISHED);

                *note = (struct note){
                        .state = unfinished ? NOTE_UNFINISHED : NOTE_LEFT,
                        .adopting = true,
                        .device = facts->device.inode,
                };
                strcpy(note->parent, facts->device.parent);
                (void) parent_get_registration(root, note->parent, &note->registration);
                if (note_replace(root, entry->uuid, note) >= 0)
                        (void) ask(bus, entry->uuid, "StartUnit", "fail");
                return true;
        }
        report_info(entry->uuid,
                "%s: another program created the device, but mdev@%s.service could not be started",
                entry->uuid, entry->uuid);
        note->adopting = false;
        (void) note_replace(root, entry->uuid, note);
        return false;
}

/* When a parent returns, systemd starts the units that it wants, except those it is still stopping. This
 * starts them. Both the kernel and systemd know that the parent was away, but either may be late, so this
 * asks both. Returns true if another look is needed. */
static bool start_returned(const struct root *root, sd_bus *bus, const char *uuid, const struct note *note)
{
        uint64_t registration;

        /* The stop was killed after the removal, before it could do this. */
        if (note->state == NOTE_STOPPING)
                definition_remove_transient(root, uuid);
        /* Keep the note until the parent returns. */
        if (note->parent[0] && parent_get_registration(root, note->parent, &registration) < 0)
                return false;
        if (note->parent[0] && unit_is_wanted(root, note->parent, uuid) &&
                (registration != note->registration ||
                        manager_unit_has_lost_parent(bus, uuid, note->parent))) {
                if (ask(bus, uuid, "StartUnit", "fail") < 0)
                        return true;
                report_info(uuid, "%s: parent %s has returned; starting mdev@%s.service", uuid, note->parent,
                        uuid);
        }
        (void) note_remove(root, uuid);
        return false;
}

/* Reads the facts and acts on them under one lock. Returns true if another look is needed. */
static bool act(const struct root *root, sd_bus *bus, const struct queue_entry *entry, enum unit_fact unit)
{
        _cleanup_facts_ struct facts facts = {.device = DEVICE_NONE};
        _cleanup_close_ int lock = note_lock(root);
        const char *const uuid = entry->uuid;
        const char *const mode = entry->looks < LOOKS_UNTIL_REPLACEMENT ? "fail" : "replace";
        enum action action;

        if (lock < 0 || facts_get(root, uuid, &facts) < 0)
                return true;
        action = action_choose(facts.device_fact, facts.note_fact, unit);
        log_debug("%s: device %d, note %d, unit %d: %s", uuid, facts.device_fact, facts.note_fact, unit,
                action_to_text(action));
        switch (action) {
        case ACTION_NONE:
                return false;
        case ACTION_WAIT:
                return true;
        case ACTION_STOP:
                stop(root, bus, uuid, &facts, mode);
                return true;
        case ACTION_EXPIRE:
                if (entry->looks >= LOOKS_UNTIL_EXPIRY)
                        stop(root, bus, uuid, &facts, "replace");
                return true;
        case ACTION_CANCEL:
                (void) ask(bus, uuid, "StopUnit", "replace");
                return true;
        case ACTION_RESTART:
                (void) ask(bus, uuid, "TryRestartUnit", mode);
                return true;
        case ACTION_ADOPT:
                return adopt(root, bus, entry, &facts);
        case ACTION_RETURN:
                return start_returned(root, bus, uuid, &facts.note);
        }
        return false;
}

/* Returns true if the unit stopped and its parent is away. The return of the parent brings another look. */
static bool is_away(const struct root *root, const struct facts *facts)
{
        uint64_t registration;

        return facts->note_fact == NOTED_DOWN && facts->device_fact == DEVICE_ABSENT &&
               facts->note.parent[0] != '\0' &&
               parent_get_registration(root, facts->note.parent, &registration) < 0;
}

/* Returns true if device and note alone show that there is nothing to do, or nothing yet; *ret_again then
 * says whether another look is needed. Most events come from starts and from the loss of parents, and these
 * leave no question for systemd, which would load each unit again to answer it. */
static bool needs_no_unit(const struct root *root, const struct queue_entry *entry, bool *ret_again)
{
        _cleanup_facts_ struct facts facts = {.device = DEVICE_NONE};

        if (entry->thorough || facts_get(root, entry->uuid, &facts) < 0)
                return false;
        *ret_again = facts.note_fact == NOTED_WORK;
        return *ret_again || is_away(root, &facts) ||
               (facts.note_fact == NOTED_ACTIVE && facts.device_fact == DEVICE_OWN);
}

static void look_later(struct queue *queue, const char *uuid, uint64_t now)
{
        struct queue_entry *entry = queue_find(queue, uuid);
        uint64_t pause = PAUSE_FIRST_USEC << (entry->looks < 8 ? entry->looks : 8);

        entry->looks++;
        entry->due = now + (pause < PAUSE_LIMIT_USEC ? pause : PAUSE_LIMIT_USEC);
}

static void settle(struct queue *queue, const char *uuid, bool again, uint64_t now)
{
        if (again)
                look_later(queue, uuid, now);
        else
                queue_remove(queue, uuid);
}

static void reconcile_with_units(
        const struct root *root, struct queue *queue, const char *const *uuids, size_t n, uint64_t now)
{
        _cleanup_bus_ sd_bus *bus = NULL;
        _cleanup_free_ enum unit_fact *units = calloc(n, sizeof(*units));
        int r = units ? manager_open(&bus) : -ENOMEM;

        if (r >= 0)
                r = manager_get_units(bus, uuids, n, units);
        if (r < 0)
                log_debug("systemd does not answer, trying again: %s", strerror(-r));
        for (size_t i = 0; i < n; i++) {
                const struct queue_entry entry = *queue_find(queue, uuids[i]);

                settle(queue, uuids[i], r < 0 || !units || act(root, bus, &entry, units[i]), now);
        }
}

void reconcile_due(const struct root *root, struct queue *queue, uint64_t now)
{
        _cleanup_free_ char(*due)[UUID_LENGTH + 1] = calloc(queue->n + 1, sizeof(*due));
        _cleanup_free_ const char **open = calloc(queue->n + 1, sizeof(*open));
        size_t n = 0, n_open = 0;

        if (!due || !open)
                return;
        for (size_t i = 0; i < queue->n; i++)
                if (queue->entries[i].due <= now)
                        memcpy(due[n++], queue->entries[i].uuid, sizeof(*due));
        for (size_t i = 0; i < n; i++) {
                bool again;

                if (needs_no_unit(root, queue_find(queue, due[i]), &again))
                        settle(queue, due[i], again, now);
                else
                        open[n_open++] = due[i];
        }
        if (n_open > 0)
                reconcile_with_units(root, queue, open, n_open, now);
}

struct collection {
        struct queue *queue;
        uint64_t now;
};

static void collect(void *userdata, const char *uuid)
{
        const struct collection *collection = userdata;

        (void) queue_add(collection->queue, uuid, collection->now, true);
}

/* Calls a function with the name of each file in a directory that is a UUID. */
static void for_each_uuid(const struct root *root, const char *directory,
        void (*function)(void *userdata, const char *uuid), void *userdata)
{
        _cleanup_closedir_ DIR *dir = NULL;
        char path[PATH_MAX];
        struct dirent *entry;

        if (root_path(root, path, "%s", directory) >= 0)
                dir = opendir(path);
        while (dir && (entry = readdir(dir)))
                if (uuid_is_canonical(entry->d_name))
                        function(userdata, entry->d_name);
}

int reconcile_queue_all(const struct root *root, struct queue *queue, uint64_t now)
{
        struct collection collection = {queue, now};
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        for_each_uuid(root, DEVICES_DIR, collect, &collection);
        for_each_uuid(root, NOTES_DIR, collect, &collection);
        r = manager_open(&bus);
        return r < 0 ? r : manager_for_each_unit(bus, collect, &collection);
}

struct parent_collection {
        struct collection collection;
        const struct root *root;
        const char *parent;
};

static void collect_of_parent(void *userdata, const char *uuid)
{
        struct parent_collection *of = userdata;
        struct note note;

        if (note_load(of->root, uuid, &note) >= 0 && strcmp(note.parent, of->parent) == 0)
                collect(&of->collection, uuid);
}

void reconcile_queue_parent(const struct root *root, struct queue *queue, const char *parent, uint64_t now)
{
        struct parent_collection of = {{queue, now}, root, parent};

        for_each_uuid(root, NOTES_DIR, collect_of_parent, &of);
}
