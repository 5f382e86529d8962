/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is wrong with a file or a text, in words that follow its name. */
struct reason {
        char text[256];
};

/* Sets a reason, shortened in the middle if need be, and returns r, for use in a return statement. */
int reason_set(struct reason *ret, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));
