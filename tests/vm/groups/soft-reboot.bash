# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A soft-reboot, with the command of docs/recipes/soft-reboot.md
#
# suites: trixie

before_boot() {
        mkdir -p "$1/tests"
        # shellcheck disable=SC2154
        cp "$top/docs/recipes/soft-reboot.md" "$1/tests"
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
}

inodes() {
        stat -L -c %i "$devices/$(uuid 1)" "$devices/$(uuid 2)" "$devices/$(uuid 3)"
}

since() {
        systemctl show -P ActiveEnterTimestampMonotonic "$(unit 1)" "$(unit 2)" "$(unit 3)"
}

# Before the first test, once: the tests then run from their beginning, in a service that is stopped and
# started, as that of the tests is not.
before_each() {
        local service=/run/systemd/system/again.service
        [ ! -e /run/before ] || return 0
        modprobe mtty
        eventually 60 state 1 active
        systemctl start "$(unit 2)"
        uuid 3 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        eventually 60 state 3 active
        { inodes; since; } >/run/before
        printf '[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/tests/main\nStandardOutput=file:/dev/ttyS1\nStandardError=file:/dev/ttyS1\n' >$service
        mkdir -p /run/systemd/system/multi-user.target.wants
        ln -s $service /run/systemd/system/multi-user.target.wants/
        sh -eux <(awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' /tests/soft-reboot.md)
        sleep infinity
}

test_devices_and_units_survive() {
        equal "$(systemctl show -P SoftRebootsCount)" 1
        quiet 60
        state 1 active
        state 2 active
        state 3 active
        equal "$(inodes; since)" "$(</run/before)"
}

test_units_follow_their_devices_afterwards() {
        systemctl stop "$(unit 2)"
        gone 2
        echo 1 >"$devices/$(uuid 3)/remove"
        eventually 60 state 3 inactive
        rmmod mtty
        eventually 60 state 1 inactive
        modprobe mtty
        eventually 60 state 1 active
        exists 1
}
