/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sets the text that systemctl status shows, like STATUS= of sd_notify(3). Does nothing if $NOTIFY_SOCKET is
 * not set. Linking libsystemd for this one datagram would double the start-up time. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
