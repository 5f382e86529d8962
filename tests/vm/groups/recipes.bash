# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The recipes of docs/recipes, with the commands taken from the pages
#
# The software comes as an extension does, while the system runs. The image has no overlayfs, so
# it is copied into /usr.
#
# installed: no
# suites: trixie

before_boot() {
        mkdir -p "$1/tests/recipes"
        # shellcheck disable=SC2154
        cp "$top"/docs/recipes/*.md "$1/tests/recipes"
        DESTDIR=$1/tests/extension cmake --install "$build" >/dev/null
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
}

# Runs the commands of a page: recipe PAGE
recipe() {
        awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' "/tests/recipes/$1.md" >/tmp/recipe
        [ -s /tmp/recipe ]
        sh -eux /tmp/recipe
}

test_system_extension() {
        modprobe mtty
        udevadm settle
        uuid 3 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        cp -a /tests/extension/usr/. /usr
        [ ! -d /tests/extension/lib ] || cp -a /tests/extension/lib/. /usr/lib
        recipe system-extensions
        eventually 60 state 1 active
        exists 1
        eventually 60 state 3 active
        exists 3
        gone 2
}

test_suspend_stops_and_resume_starts() {
        systemctl start "$(unit 2)"
        recipe suspend
        # How the devices are while the machine sleeps. It does not really: the kernel freezes
        # all processes and wakes them after some seconds.
        mkdir -p /usr/lib/systemd/system-sleep
        # shellcheck disable=SC2016
        printf '#!/bin/sh\necho "$1" $(ls %s) >>/run/slept\n' "$devices" >/usr/lib/systemd/system-sleep/look
        chmod +x /usr/lib/systemd/system-sleep/look
        echo freezer >/sys/power/pm_test
        systemctl start suspend.target
        cat /run/slept
        equal "$(head -n 1 /run/slept)" pre
        grep -q ^post /run/slept
        eventually 60 state 1 active
        exists 1
        state 2 inactive
        gone 2
        equal "$(systemctl show -P ActiveState sleep.target)" inactive
}
