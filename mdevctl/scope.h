/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether systemd should do the work
 *
 * The systemd that answers may not be the caller's: a container may share the
 * host's /run, and a mount namespace may have its own definitions. The caller's
 * systemd may also be unable to do the work now, because it is shutting the
 * system down or because its next job waits for the caller.
 *
 * In doubt, this process does the work itself. That is correct everywhere: a
 * unit follows a device that others create or remove.
 */

#include "manager.h"

/* True if systemd can start or stop the unit of a device. With a parent, systemd and the caller must see the
 * same definition file in DEFINITIONS_DIR; "" means that no definition is stored, NULL that definitions do
 * not matter. Sets *ret to the state of the unit. */
bool scope_has_unit(struct manager *manager, const char *unit, const char *parent, const char *uuid,
        struct unit_state *ret);
