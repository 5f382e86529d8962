/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * XML on stdout, in the form in which libvirt prints it
 *
 * Texts are escaped as libvirt escapes them. They lose the characters that XML
 * 1.0 cannot hold, and U+FFFD replaces invalid UTF-8. The other control
 * characters become references: no terminal obeys them, and no parser turns a
 * newline in an attribute into a space.
 */

/* Prints a line of XML, indented by a number of spaces: each "%s" of the format stands for the next
 * argument, escaped. The format may contain no other conversion. */
void xml_print(int indent, const char *format, ...) __attribute__((format(printf, 2, 3)));
