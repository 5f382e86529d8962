/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the programs share that measure inside a virtual machine
 *
 * They run ahead of all other processes, wait for events and then for quiet, and
 * read CPU times from control groups, which count processes that have ended, too.
 * Threads of the kernel are in none of these. Errors end the program.
 */

#ifndef BENCH_MEASURING_H
#define BENCH_MEASURING_H

#include <stdint.h>

/*
 * PID 1 with what it forks, udevd with what its rules run, and all other services
 * but the measuring one, in microseconds.
 */
struct cpu {
        int64_t pid1;
        int64_t udevd;
        int64_t rest;
};

/* The monotonic clock, in microseconds. */
int64_t now(void);

/* The number after a word at the beginning of a line of a file. */
int64_t read_number(const char *path, const char *word);

/* Writes a text to an existing file. */
void write_file(const char *path, const char *text);

/* The CPU time since the boot. */
void cpu_read(struct cpu *ret);

/* The CPU time from a former cpu_read() until now. */
void cpu_since(const struct cpu *before, struct cpu *ret);

/* Gives this process precedence over all others, so that it sees events when they come. */
void run_first(void);

/*
 * Waits until missing() returns 0 and the processors have been idle for a second
 * then, but for the given percentage, or ends the program after the given seconds.
 * Calls take() when fd is readable.
 */
void await_quiet(int fd, void (*take)(int fd), int (*missing)(void), int busy_percent, int seconds);

#endif
