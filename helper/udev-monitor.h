/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What udev reports
 *
 * After its rules have run for an event, udev passes the event on to everybody
 * who listens, to systemd among others. Whoever has seen a report can rely on
 * systemd having it in its queue. The library for this would double the
 * helper's start-up time; what is needed of it is little.
 */

#include "env.h"

/* Starts to listen. Returns a file descriptor, -ENOENT where udev does not run. */
int udev_monitor_open(const struct env *env);

/* Waits for the report of an action ("remove", "change") on a device, for a bounded time; logs if
 * it does not come. */
void udev_monitor_wait(int fd, const char *uuid, const char *action);
