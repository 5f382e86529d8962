/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "definition.h"

/* Reads the definition that --jsonfile names, which may be a pipe: /dev/stdin is what libvirt
 * gives. Errors have been reported. */
int json_file_read(const char *path, struct definition *ret);
