/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The units of all devices, as systemd sees them
 *
 * One call lists the loaded units. systemd's list lacks a few facts; requests for
 * them, where somebody wants them, are sent together and answered together, so that
 * a thousand units cost one round trip. Root asks systemd directly, everybody else
 * over the system bus.
 */

#include <stdint.h>
#include <systemd/sd-id128.h>

#include "name.h"
#include "unit-name.h"

struct unit_facts {
        char uuid[UUID_LENGTH + 1];
        char name[UNIT_NAME_SIZE];
        char load[32], active[32], sub[32]; /* as in struct unit_state */
        char result[32];                    /* "success", "exit-code" …, empty if unknown */
        uint64_t since;        /* of the last change of state, in µs since 1970; 0 if unknown */
        sd_id128_t invocation; /* of a failed unit */
};

/* What systemd's list lacks. */
enum unit_extra {
        UNITS_FAILURES = 1 << 0, /* the result and the invocation of units that have failed */
        UNITS_SINCE = 1 << 1,    /* when each unit changed its state */
};

/* The loaded units, sorted by UUID. systemd forgets a unit that is inactive and that nothing refers to. */
struct unit_list {
        struct unit_facts *units;
        size_t n, size;
        size_t n_open; /* requests that have no answer yet */
        bool is_known; /* false if systemd does not run, or does not answer this user */
};

/* Lists the units of devices, or the unit of one device if uuid is not NULL, with the facts that the
 * flags of enum unit_extra name. The caller ends the list with unit_list_done() in any case. -ENOMEM;
 * systemd not answering is no error. */
int unit_list_load(const char *uuid, unsigned int extras, struct unit_list *ret);

/* Finds the unit of a UUID, or NULL. */
const struct unit_facts *unit_list_find(const struct unit_list *list, const char *uuid);

/* Frees the list. */
void unit_list_done(struct unit_list *list);

#define _cleanup_unit_list_ __attribute__((cleanup(unit_list_done)))
