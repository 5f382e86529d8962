/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Queues of vfio_ap devices
 *
 * A vfio_ap device gets adapters and domains of the host's crypto cards. Each
 * adapter with each domain is a queue (APQN), and a queue belongs to one device
 * or to the host. These functions read the attributes of a definition and the
 * files of the kernel as vfio_ap and the AP bus do.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "definition.h"

#define AP_NUMBERS 256 /* of adapters, and of domains */

struct ap_queues {
        uint64_t bits[AP_NUMBERS * AP_NUMBERS / 64];
};

/* True if devices of a type have queues. */
bool ap_is_type(const char *type);

/* Gets the queues that the attributes of a definition assign: in order, with numbers in any base. Ignores
 * what the kernel refuses. */
void ap_queues_of_definition(const struct definition *definition, struct ap_queues *ret);

/* Gets the queues in the text of a device's file "matrix". Ignores incomplete lines: adapters without
 * domains. */
void ap_queues_of_matrix(const char *text, struct ap_queues *ret);

/* Gets the queues that the texts of apmask and aqmask leave to the host. False if one is no mask. */
bool ap_queues_of_masks(const char *apmask, const char *aqmask, struct ap_queues *ret);

/* Adds or tests one queue. */
void ap_queues_add(struct ap_queues *queues, unsigned int adapter, unsigned int domain);
bool ap_queues_have(const struct ap_queues *queues, unsigned int adapter, unsigned int domain);

/* Adds the queue with a name as in /sys/bus/ap/devices ("05.0004"). False for any other name. */
bool ap_queues_add_name(struct ap_queues *queues, const char *name);

/* Sets *ret to the queues that are in both sets; to those that are only in the first one. True if there are
 * any. *ret may be one of the sets. */
bool ap_queues_intersect(const struct ap_queues *a, const struct ap_queues *b, struct ap_queues *ret);
bool ap_queues_subtract(const struct ap_queues *a, const struct ap_queues *b, struct ap_queues *ret);

/* Adds the queues of another set. */
void ap_queues_unite(struct ap_queues *queues, const struct ap_queues *more);

/* Lists as many queues as fit, for a message. */
void ap_queues_list(const struct ap_queues *queues, char *ret, size_t size);
