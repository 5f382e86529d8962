/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition.h"

/* Reads the definition that --jsonfile names. The file may be a pipe: libvirt passes /dev/stdin. Reports its
 * errors. */
int json_file_read(const char *path, struct definition *ret);
