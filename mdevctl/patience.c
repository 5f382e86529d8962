/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "patience.h"
#include "report.h"
#include "util.h"

void patience_begin(struct patience *ret, unsigned int seconds, const char *what)
{
        const uint64_t now = now_usec();

        *ret = (struct patience){
                .what = what,
                .announcement = now + PATIENCE_SILENT_S * USEC_PER_SEC,
                .end = now + seconds * USEC_PER_SEC,
        };
}

uint64_t patience_check(struct patience *patience)
{
        const uint64_t now = now_usec();

        if (!patience->announced && now >= patience->announcement && now < patience->end) {
                report_note("waiting for %s, at most %u s more", patience->what,
                        (unsigned int) ((patience->end - now + USEC_PER_SEC - 1) / USEC_PER_SEC));
                patience->announced = true;
        }
        return now < patience->end ? patience->end - now : 0;
}
