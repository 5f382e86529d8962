/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Running a script or another program
 *
 * It is a direct child of the caller. Pipes connect its stdin, stdout
 * and stderr; all are served together, so neither side can block the other.
 * The run is over when the script ends, even if a background process of the
 * script still holds a pipe open. The script stays in the caller's process
 * group, so that signals from the terminal reach both. A timeout therefore
 * kills the script alone; in a unit, systemd kills its remaining processes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most this many bytes of an output are kept; the rest is read and discarded. */
#define PROCESS_OUTPUT_MAX (4 * 1024 * 1024)

/* How long to retry a script that another process still has open for writing, in milliseconds. */
#define PROCESS_BUSY_WAIT_MS 1000

struct process {
        const char *const *argv;    /* argv[0] is the path */
        const char *input;          /* for stdin, or NULL; the script need not read it */
        int timeout_ms;             /* until SIGTERM */
        int kill_timeout_ms;        /* from SIGTERM until SIGKILL, and again until the caller gives up */
        bool (*is_cancelled)(void); /* see struct callout_handler, or NULL */
};

/* The text ends with a NUL that size does not count. It is NULL if the script wrote nothing. */
struct process_output {
        char *text;
        size_t size;
        size_t allocated;
};

enum process_end {
        PROCESS_EXITED,       /* number is the exit status */
        PROCESS_KILLED,       /* by the signal number, sent by another process */
        PROCESS_NOT_EXECUTED, /* number is the errno of execve(2) */
        PROCESS_TIMED_OUT,
        PROCESS_CANCELLED,
};

struct process_result {
        enum process_end end;
        int number;
        struct process_output output, errors;
};

/* Runs a script. Returns 0 and sets *ret; the caller frees it with process_result_done(). Returns
 * -ENOMEM, -EAGAIN, -EMFILE and the like, or -ETXTBSY, if the script could not be tried. */
int process_run(const struct process *process, struct process_result *ret);

/* Frees the outputs. */
void process_result_done(struct process_result *result);

#define _cleanup_process_result_ __attribute__((cleanup(process_result_done)))
