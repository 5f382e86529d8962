# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# systemd.mdev=no on the kernel command line
#
# cmdline: systemd.mdev=no
# suites: bookworm

before_boot() {
        local wants=$1/etc/systemd/system/sys-class-mdev_bus-mtty.device.wants
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
        mkdir -p "$wants"
        ln -s /usr/lib/systemd/system/mdev@.service "$wants/$(unit 2)"
}

test_nothing_starts_with_the_parent() {
        modprobe mtty
        eventually 30 systemctl is-active -q sys-class-mdev_bus-mtty.device
        settle
        sleep 2
        gone 1
        gone 2
        state 1 inactive
        state 2 inactive
}

test_starting_by_hand_works() {
        systemctl start "$(unit 1)" "$(unit 2)"
        exists 1
        exists 2
        systemctl status "$(unit 1)" | contains "Loaded: loaded ($definitions/mtty/$(uuid 1)"
}

test_adoption_works() {
        uuid 3 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        eventually 30 state 3 active
}
