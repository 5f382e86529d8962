/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The FNV-1a digest of nothing. Digests tell one state of some files from another. */
#define DIGEST_BEGIN UINT64_C(14695981039346656037)

/* Returns the digest with the data added. */
static inline uint64_t digest_add(uint64_t digest, const char *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                digest = (digest ^ (unsigned char) data[i]) * UINT64_C(1099511628211);
        return digest;
}
