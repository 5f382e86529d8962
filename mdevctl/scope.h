/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether systemd is the one to do the work
 *
 * Not every systemd that answers is the caller's: a container may share the
 * host's /run, and a mount namespace may have definitions of its own. And the
 * caller's may be unable to do the work now, because it shuts the system down
 * or because what it does next has to wait for the caller.
 *
 * Doubt is settled by doing the work in this process. That is right wherever
 * the caller is: a unit follows a device that others make or remove.
 */

#include "manager.h"

/* True if the unit of a device can be asked to start or stop it. With a parent, its definition in
 * DEFINITIONS_DIR must be the same file for systemd as for the caller; with "", there is none stored; NULL
 * if definitions do not matter. Sets *ret to what systemd knows of the unit. */
bool scope_has_unit(struct manager *manager, const char *unit, const char *parent, const char *uuid,
        struct unit_state *ret);
