/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Logs that writing the note of a device failed with r, a negative errno. Returns -EROFS. */
int note_report_failure(const char *uuid, int r);
