/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A tree of definitions, made from text
 *
 * One entry per line; what follows the first tab is a content or target:
 *
 *   P name           the directory of a parent, for the entries that follow
 *   D name           in it, a directory
 *   F name<tab>text  a file
 *   L name<tab>path  a symbolic link
 *   I name           a FIFO
 *   f, l, i          the same beside the parents
 *   E name<tab>unit  the link that systemctl enable makes for a unit in name.wants
 *   G name           a unit file of another package
 *   C words          the kernel command line
 *
 * "\n", "\t" and "\\" stand for what they do in C, and "#" with one character
 * after it for a UUID that ends with that character. What cannot be made is
 * left out.
 */

/* Everything is made below root, which must not exist. The text is changed. */
void tree_make(const char *root, char *text);

/* Removes a tree. */
void tree_remove(const char *path);

/* Returns a checksum of a tree: the same number means the same tree. */
unsigned long tree_hash(const char *path);
