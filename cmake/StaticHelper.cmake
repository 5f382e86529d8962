# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Decides whether to link the helpers statically. One runs for each device, and the
# dynamic linker would take a quarter of its time. Sets HELPER_IS_STATIC and
# CJSON_ARCHIVE.

include(CheckCSourceCompiles)
include(CMakePushCheckState)

set(STATIC_HELPER AUTO CACHE STRING "Link the helpers statically: ON, OFF, or AUTO, if libc and cJSON are there as archives")
set_property(CACHE STATIC_HELPER PROPERTY STRINGS AUTO ON OFF)

set(HELPER_IS_STATIC OFF)
if(STATIC_HELPER)
        find_library(CJSON_ARCHIVE libcjson.a HINTS ${CJSON_LIBRARY_DIRS})
        if(CJSON_ARCHIVE)
                cmake_push_check_state(RESET)
                set(CMAKE_REQUIRED_INCLUDES ${CJSON_INCLUDE_DIRS})
                set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
                set(CMAKE_REQUIRED_LIBRARIES ${CJSON_ARCHIVE})
                check_c_source_compiles("#include <cjson/cJSON.h>\nint main(void) { return !cJSON_CreateObject(); }" HELPER_CAN_BE_STATIC)
                cmake_pop_check_state()
        endif()
        if(CJSON_ARCHIVE AND HELPER_CAN_BE_STATIC)
                set(HELPER_IS_STATIC ON)
        elseif(NOT STATIC_HELPER STREQUAL AUTO)
                message(FATAL_ERROR "STATIC_HELPER is on, but libc.a or libcjson.a is missing or cannot be linked as a static PIE")
        endif()
endif()
message(STATUS "the helpers are linked statically: ${HELPER_IS_STATIC}")
