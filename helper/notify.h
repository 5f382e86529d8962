/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sets the text that systemctl status shows, as sd_notify(3) would with STATUS=; does nothing
 * without a NOTIFY_SOCKET. A library for one datagram would double the start-up time. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
