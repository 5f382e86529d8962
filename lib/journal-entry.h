/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages with fields, in the journal's native protocol
 *
 * An entry is a datagram to the journal's socket. That takes a socket and two
 * system calls more than a line on stderr, but no library.
 */

/* What a message is about; borrowed. What is NULL or 0 becomes no field. */
struct log_subject {
        const char *uuid, *parent, *type, *attribute, *driver;
        const char *unit; /* if it is not that of the UUID */
        int r;            /* a negative errno */
};

/* Sends a message with a MESSAGE_ID and returns when the journal has read it. It attributes the message to
 * the unit of this process, which may exit at once. Returns a negative errno if the journal cannot be
 * reached or has no room. */
int journal_entry_send(const char *program, int priority, const char *id, const struct log_subject *subject,
        const char *message);
