# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Compiles the project for Debian 12 on s390x, with the headers and libraries that
# tests/vm/s390x/image unpacks; used by the preset s390x.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE s390x-linux-gnu)

if(DEFINED ENV{MDEV_CACHE})
        set(CMAKE_SYSROOT $ENV{MDEV_CACHE}/s390x/sysroot)
else()
        set(CMAKE_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../../build/vm/s390x/sysroot)
endif()
cmake_path(NORMAL_PATH CMAKE_SYSROOT)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
# -B: before a C library that the cross compiler's packages may have brought. The libraries that libsystemd
# needs are the guest's affair.
set(CMAKE_C_FLAGS_INIT -B${CMAKE_SYSROOT}/usr/lib/s390x-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,--allow-shlib-undefined)

set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/s390x-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
