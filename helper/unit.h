/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* True if systemd is stopping the unit of a device. Runs systemctl, which takes longer than all the rest
 * that the helper does: only for a start that got SIGTERM. */
bool unit_is_stopping(const char *uuid);
