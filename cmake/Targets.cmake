# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two targets for people:
#
#   dist       <name>-<version>.tar.gz in the build directory, of the commit that is checked out
#   uninstall  takes away what "cmake --install" of this build directory has installed

set(DIST ${PROJECT_NAME}-${PROJECT_VERSION})
add_custom_target(
        dist
        COMMAND git archive --format=tar.gz --prefix=${DIST}/ -o ${PROJECT_BINARY_DIR}/${DIST}.tar.gz HEAD
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMENT "Making ${DIST}.tar.gz"
        VERBATIM
)

add_custom_target(
        uninstall
        COMMAND ${CMAKE_COMMAND}
                -D "MANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt"
                -D "DIRECTORIES=${CMAKE_INSTALL_FULL_DOCDIR}/docs/recipes;${CMAKE_INSTALL_FULL_DOCDIR}/docs;${CMAKE_INSTALL_FULL_DOCDIR};${UNIT_DIR}/systemd-udevd.service.wants"
                -D "SCRIPTS=${PROJECT_SOURCE_DIR}/debian"
                -P ${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake
        VERBATIM
)
