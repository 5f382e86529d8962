# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The warnings the code is free of, under gcc and clang; errors in the presets
# dev and asan. In a release they are off: a newer compiler must not break it.

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
endif()

# gcc 12 loses sight of what is put into an array that grows, and takes it for a leak.
function(analyzer_sees_no_leaks)
        if(ANALYZER)
                set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -Wno-analyzer-malloc-leak)
        endif()
endfunction()
