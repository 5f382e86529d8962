# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether mdev-helper is linked statically. It runs for each device, and a third of
# its time would be the dynamic linker's. Sets HELPER_IS_STATIC and JANSSON_ARCHIVE.

include(CheckCSourceCompiles)
include(CMakePushCheckState)

set(STATIC_HELPER AUTO CACHE STRING "Link mdev-helper statically: ON, OFF, or AUTO, if libc and Jansson are there as archives")
set_property(CACHE STATIC_HELPER PROPERTY STRINGS AUTO ON OFF)

set(HELPER_IS_STATIC OFF)
if(STATIC_HELPER)
        find_library(JANSSON_ARCHIVE libjansson.a HINTS ${JANSSON_LIBRARY_DIRS})
        if(JANSSON_ARCHIVE)
                cmake_push_check_state(RESET)
                set(CMAKE_REQUIRED_INCLUDES ${JANSSON_INCLUDE_DIRS})
                set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
                set(CMAKE_REQUIRED_LIBRARIES ${JANSSON_ARCHIVE})
                check_c_source_compiles("#include <jansson.h>\nint main(void) { return !json_object(); }" HELPER_CAN_BE_STATIC)
                cmake_pop_check_state()
        endif()
        if(HELPER_CAN_BE_STATIC)
                set(HELPER_IS_STATIC ON)
        elseif(NOT STATIC_HELPER STREQUAL AUTO)
                message(FATAL_ERROR "STATIC_HELPER is on, but libc.a or libjansson.a is missing or cannot be linked as a static PIE")
        endif()
endif()
message(STATUS "mdev-helper is linked statically: ${HELPER_IS_STATIC}")
