/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Functions that the fuzz targets share
 *
 * A target requires what must be true for every input. A requirement that does
 * not hold is a finding, as is whatever a sanitizer reports.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reports a finding and ends the process. */
_Noreturn void fuzz_fail(const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#define REQUIRE(condition, ...)                                                                             \
        do {                                                                                                \
                if (!(condition))                                                                           \
                        fuzz_fail(__FILE__, __LINE__, __VA_ARGS__);                                         \
        } while (0)

/* Makes a directory for the target's files, in $TMPDIR. Its path is absolute if that is. */
const char *fuzz_scratch(void);

/* Copies a part of the input and puts a NUL behind it; freed by the caller. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Sends what is written to a file descriptor (1 or 2) to a file in memory instead. */
void fuzz_capture(int fd);

/* Undoes that, and returns what was written, until the next call for this fd. */
const char *fuzz_captured(int fd);

/* Requires that a message is made of lines that begin with a prefix and have no control characters,
 * whatever the names in it hold. */
void fuzz_check_message(const char *text, const char *prefix);

/* True if a text has only the given characters. */
bool fuzz_is_made_of(const char *text, const char *characters);
