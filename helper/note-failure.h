/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Logs that the note of a device cannot be written because of a negative errno, and returns the exit status.
 */
int note_report_failure(const char *uuid, int r);
