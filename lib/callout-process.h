/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Running one script
 *
 * The script is a direct child of the caller, with pipes for stdin, stdout and
 * stderr, served side by side so that neither end can block the other. It is
 * over when the script has ended: a process that it leaves in the background
 * and that keeps a pipe open is not waited for. It is not given a process
 * group of its own: what interrupts the caller shall reach it, too. So a script
 * that is ended here is ended alone; in a unit, systemd ends what it has left.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that is kept of an output; what follows is read and thrown away. */
#define PROCESS_OUTPUT_MAX (4 * 1024 * 1024)

/* How long a file that is just being written to is tried again, in milliseconds. */
#define PROCESS_BUSY_WAIT_MS 1000

struct process {
        const char *const *argv;    /* argv[0] is the path */
        const char *input;          /* for stdin, or NULL; the script need not read it */
        int timeout_ms;             /* until SIGTERM */
        int kill_timeout_ms;        /* from SIGTERM until SIGKILL, and from there until it is left alone */
        bool (*is_cancelled)(void); /* see struct callout_handler, or NULL */
};

/* Ends with a NUL that is not counted; a NUL pointer if there was nothing. */
struct process_output {
        char *text;
        size_t size;
        size_t allocated;
};

enum process_end {
        PROCESS_EXITED,       /* number is the exit status */
        PROCESS_KILLED,       /* by the signal number, from elsewhere */
        PROCESS_NOT_EXECUTED, /* number is the errno of execve(2) */
        PROCESS_TIMED_OUT,
        PROCESS_CANCELLED,
};

struct process_result {
        enum process_end end;
        int number;
        struct process_output output, errors;
};

/* Runs a script. Returns 0 and sets *ret, to be ended with process_result_done(), or says that
 * it could not be tried: -ENOMEM, -EAGAIN, -EMFILE and the like, -ETXTBSY. */
int process_run(const struct process *process, struct process_result *ret);

/* The time by which timeouts are counted, in milliseconds. */
int64_t process_now_ms(void);

/* Frees the outputs. */
void process_result_done(struct process_result *result);

#define _cleanup_process_result_ __attribute__((cleanup(process_result_done)))
