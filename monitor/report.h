/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Logs a message that "journalctl -u" shows for the unit of the device. Ignores errors. */
void report_info(const char *uuid, const char *format, ...) __attribute__((format(printf, 2, 3)));
