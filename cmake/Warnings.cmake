# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The project compiles without these warnings under gcc and clang. They are errors
# in the presets dev and asan, and off in a release, so that a newer compiler
# cannot break it.

option(WARNINGS "Turn on the project's warnings, as errors" OFF)
if(WARNINGS)
        add_compile_options(
                -Wall -Wextra -Werror
                -Wcast-align -Wcast-qual -Wdate-time -Wformat=2 -Wimplicit-fallthrough
                -Wmissing-declarations -Wmissing-prototypes -Wold-style-definition
                -Wpointer-arith -Wredundant-decls -Wshadow -Wstrict-prototypes
                -Wswitch-enum -Wundef -Wvla -Wwrite-strings
        )
endif()

option(ANALYZER "Have gcc follow the paths through the code for errors, as warnings" OFF)
if(ANALYZER)
        add_compile_options(-fanalyzer)
        # gcc 13 and newer report descriptors that a child uses, and texts that snprintf() has filled.
        if(CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
                add_compile_options(-Wno-analyzer-fd-leak -Wno-analyzer-fd-use-without-check
                        -Wno-analyzer-use-of-uninitialized-value)
        endif()
endif()

# gcc 12 loses track of pointers stored in a growing array and reports them as leaks.
function(analyzer_sees_no_leaks)
        if(ANALYZER)
                set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -Wno-analyzer-malloc-leak)
        endif()
endfunction()
