/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>

#include "reason.h"
#include "text.h"

int reason_set(struct reason *ret, int r, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        text_format(ret->text, sizeof(ret->text), format, ap);
        va_end(ap);
        return r;
}
