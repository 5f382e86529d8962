/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Variables that release their value
 *
 * A variable with one of these attributes frees or closes its value on every
 * path out of its scope. TAKE_PTR() and TAKE_FD() pass the value to a new
 * owner and leave the variable empty.
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
