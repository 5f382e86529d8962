/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Why an operation failed or an input was refused, in words that follow a name in a message. */
struct reason {
        char text[256];
};

/* Sets a reason and returns r, for use in a return statement. Shortens a long reason in the middle. */
int reason_set(struct reason *ret, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));
