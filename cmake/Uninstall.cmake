# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Removes the files of the list MANIFEST, below DESTDIR, and the DIRECTORIES that
# are empty then. Definitions and running devices stay: on the running system,
# the SCRIPTS of the Debian package see to that.

if(NOT EXISTS "${MANIFEST}")
        message(FATAL_ERROR "${MANIFEST} does not exist; run \"cmake --install\" in this build directory first")
endif()
file(STRINGS "${MANIFEST}" files)

function(run_script name)
        if("$ENV{DESTDIR}" STREQUAL "")
                execute_process(COMMAND sh "${SCRIPTS}/${name}" remove COMMAND_ERROR_IS_FATAL ANY)
        endif()
endfunction()

run_script(prerm)
foreach(file IN LISTS files)
        file(REMOVE "$ENV{DESTDIR}${file}")
        if(EXISTS "$ENV{DESTDIR}${file}" OR IS_SYMLINK "$ENV{DESTDIR}${file}")
                message(FATAL_ERROR "Failed to remove $ENV{DESTDIR}${file}; run this as root")
        endif()
endforeach()
foreach(directory IN LISTS DIRECTORIES)
        file(GLOB content "$ENV{DESTDIR}${directory}/*")
        if(NOT content)
                file(REMOVE_RECURSE "$ENV{DESTDIR}${directory}")
        endif()
endforeach()
run_script(postrm)
