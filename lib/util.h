/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What C lacks: the size of an array, the end of a string, the clock, a short sleep. */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* The number of elements of an array. */
#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)

/* True if a text ends with another one. */
static inline bool ends_with(const char *text, const char *end)
{
        const size_t length = strlen(text), end_length = strlen(end);

        return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* The monotonic clock, in microseconds. */
static inline uint64_t now_usec(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * USEC_PER_SEC + (uint64_t) now.tv_nsec / 1000;
}

/* The same in milliseconds. */
static inline int64_t now_msec(void)
{
        return (int64_t) (now_usec() / USEC_PER_MSEC);
}

/* Sleeps for some milliseconds. -EINTR if a signal comes first. */
static inline int sleep_msec(unsigned int ms)
{
        const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

        return nanosleep(&pause, NULL) < 0 ? -errno : 0;
}
