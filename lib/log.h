/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages
 *
 * One message is one line is one write. Where it goes is decided once:
 *
 *   kernel log    a generator runs before there is a journal and may not talk
 *                 to anybody, so systemd gives it nothing else
 *   stderr, with  the journal takes a leading <N> off a line and makes it the
 *   priorities    priority, without a library and without a socket
 *   stderr        for people, with the program's name in front
 *
 * Control characters are shown escaped: names come from files and a message
 * must stay one line, whatever they hold.
 *
 * Programs log; the functions of this library do not, except at debug level.
 * SYSTEMD_LOG_LEVEL=debug shows those messages.
 */

#include <syslog.h>

enum log_target {
        LOG_TARGET_STDERR, /* with priorities if stderr is connected to the journal */
        LOG_TARGET_KMSG,
};

/* Sets program name and target. Falls back to stderr if the target cannot be
 * opened. The name is borrowed. */
void log_init(const char *program, enum log_target target);

/* Writes one message; errno text is available as %m. */
void log_message(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with errno set from a negative errno, which is also returned. */
int log_message_errno(int priority, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_error(...) log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_DEBUG, __VA_ARGS__)
#define log_error_errno(r, ...) log_message_errno(LOG_ERR, r, __VA_ARGS__)
#define log_warning_errno(r, ...) log_message_errno(LOG_WARNING, r, __VA_ARGS__)
