/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages
 *
 * Each message is one line, written with one write(2). log_init() chooses the
 * target once. Control characters are escaped: names come from files, and a
 * message must stay one line.
 *
 * Programs log; the functions of this library log at debug level only.
 * SYSTEMD_LOG_LEVEL=debug shows those messages.
 */

#include <syslog.h>

#include "journal-entry.h"

enum log_target {
        /* Lines begin with the program's name. If stderr is connected to the journal, they begin with <N>
         * instead: the journal strips it and uses it as the priority, without a library or a socket. */
        LOG_TARGET_STDERR,
        /* For a generator: it runs before the journal and may not talk to other processes. */
        LOG_TARGET_KMSG,
};

/* Sets program name and target. Falls back to stderr if the target cannot be
 * opened. The name is borrowed. */
void log_init(const char *program, enum log_target target);

/* Writes one message; %m is the text of errno. */
void log_message(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with errno set from the negative errno r. Returns r. */
int log_message_errno(int priority, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Writes a message that the journal's catalog explains, with an id of message-id.h. If stderr is connected
 * to the journal, the message goes there with its fields instead of to stderr. %m is the text of subject->r.
 * Returns subject->r. */
int log_explained(int priority, const char *id, const struct log_subject *subject, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#define log_error(...) log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_DEBUG, __VA_ARGS__)
#define log_error_errno(r, ...) log_message_errno(LOG_ERR, r, __VA_ARGS__)
#define log_warning_errno(r, ...) log_message_errno(LOG_WARNING, r, __VA_ARGS__)
