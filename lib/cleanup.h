/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Variables that give back what they hold
 *
 * A variable declared with one of these attributes frees or closes its value
 * when its scope ends, on every path out of it. TAKE_PTR() and TAKE_FD() hand
 * a value on to somebody else and leave the variable empty.
 */

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void cleanup_free(void *p)
{
        free(*(void **) p);
}

static inline void cleanup_close(int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

static inline void cleanup_closedir(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

#define TAKE_PTR(p)                                                                                         \
        ({                                                                                                  \
                __auto_type _taken = (p);                                                                   \
                (p) = NULL;                                                                                 \
                _taken;                                                                                     \
        })

#define TAKE_FD(fd)                                                                                         \
        ({                                                                                                  \
                int _taken = (fd);                                                                          \
                (fd) = -1;                                                                                  \
                _taken;                                                                                     \
        })
