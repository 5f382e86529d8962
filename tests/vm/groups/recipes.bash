# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The recipes of docs/recipes, with the commands taken from the pages
#
# The software comes as an extension does, while the system runs. The image has no overlayfs, so
# it is copied into /usr, and a mount stands in for another /etc.
#
# installed: no
# suites: trixie

# The root of an image, and the UUIDs of the pages.
export IMAGE=/tmp/image
first=83b8f4f2-509f-482f-bc1e-e6bfe0fa1001
second=83b8f4f2-509f-482f-bc1e-e6bfe0fa1002

before_boot() {
        mkdir -p "$1/tests/recipes"
        # shellcheck disable=SC2154
        cp "$top"/docs/*.md "$top"/docs/recipes/*.md "$1/tests/recipes"
        cp "$top/README.md" "$1/tests/recipes/first-screen.md"
        DESTDIR=$1/tests/extension cmake --install "$build" >/dev/null
        take_qemu "$1"
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
}

# Runs the commands of a page, or of one block of it: recipe PAGE [NUMBER]
recipe() {
        awk -v number="${2:-0}" '/^```sh$/ {on = ++n == number || !number; next} /^```$/ {on = 0} on' \
                "/tests/recipes/$1.md" >/tmp/recipe
        [ -s /tmp/recipe ]
        sh -eux /tmp/recipe
}

# The unit of a UUID is in that state: is UUID STATE
is() {
        equal "$(systemctl show -P ActiveState "mdev@$1.service")" "$2"
}

# There is such a service, and it starts after mdev.target: waits SERVICE
waits() {
        printf '[Service]\nExecStart=sleep infinity\n' >"/etc/systemd/system/$1"
        recipe "$2"
        systemctl show -P After "$1" | tr ' ' '\n' | grep -qx mdev.target
        systemctl is-enabled mdev.target
        systemctl disable mdev.target
        rm -r "/etc/systemd/system/$1" "/etc/systemd/system/$1.d"
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

test_first_screen_of_the_readme() {
        local devices_before
        devices_before=$(ls "$devices")
        recipe first-screen
        fails equal "$(ls "$devices")" "$devices_before"
}

test_suspend_stops_and_resume_starts() {
        systemctl start "$(unit 2)"
        recipe suspend
        # How the devices are while the machine sleeps. It does not really: the kernel freezes
        # all processes and wakes them, at once rather than after five seconds in a loop.
        mkdir -p /usr/lib/systemd/system-sleep
        # shellcheck disable=SC2016
        printf '#!/bin/sh\necho "$1" $(ls %s) >>/run/slept\n' "$devices" >/usr/lib/systemd/system-sleep/look
        chmod +x /usr/lib/systemd/system-sleep/look
        echo 0 >/sys/module/suspend/parameters/pm_test_delay
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

test_mtty() {
        recipe mtty 1
        is $first active
        recipe mtty 2
        eventually 30 is $first inactive
        modprobe mtty
        eventually 30 is $first active
        recipe mtty 3
        is $first inactive
        [ ! -e "$devices/$first" ]
        equal "$(mdevctl list -d -u $first)" ''
}

test_guest_as_a_unit() {
        modprobe vfio_iommu_type1
        # The guest is smaller, and has no disk and no KVM.
        sed -n '/^    # .*\/guest.service$/,/^[^ ]/s/^    //p' /tests/recipes/units.md |
                sed -e "s/$first/$(uuid 2)/; s/-enable-kvm -m 2048 -nographic/-M pc,accel=tcg -m 16 -nodefaults -display none/; /-drive/d" \
                        >/etc/systemd/system/guest.service
        cat /etc/systemd/system/guest.service
        systemctl daemon-reload
        systemctl start guest
        state 2 active
        eventually 60 eval 'ls -l /proc/$(systemctl show -P MainPID guest)/fd | contains vfio-device'
        fails mdevctl stop -u "$(uuid 2)"
        systemctl stop "$(unit 2)"
        gone 2
        state 2 inactive
        fails systemctl is-active guest
}

test_gvt_g() {
        recipe gvt-g
        fails mdevctl start -u $first 2>/tmp/refusal
        contains "Unable to find parent device '0000:00:02.0'" </tmp/refusal
        mdevctl check >/tmp/findings || :
        contains '[parent-absent]' </tmp/findings
        mdevctl undefine -u $first
}

test_a_script_becomes_a_definition() {
        local create=/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        modprobe mdev-sim
        echo $first >$create
        echo 1 >"$devices/$first/sim/a"
        eventually 30 is $first active
        recipe mdevctl
        modprobe -r mdev-sim
        eventually 30 is $first inactive
        modprobe mdev-sim
        eventually 30 is $first active
        equal "$(<"$devices/$first/sim/log")" a=1
        fails bash -c "echo $first >$create" 2>/tmp/refusal
        contains 'File exists' </tmp/refusal
        mdevctl stop -u $first
        mdevctl undefine -u $first
}

test_kubevirt() {
        waits kubelet.service kubevirt
        eventually 30 state 1 active
        echo 1 >"$devices/$(uuid 1)/remove"
        eventually 30 state 1 inactive
        systemctl start mdev.target
        state 1 active
        exists 1
}

test_nova() {
        waits nova-compute.service nova
}

test_proxmox() {
        local uuid=00000000-0000-0000-0000-000000000100
        waits pve-guests.service proxmox
        echo $uuid >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        eventually 30 is $uuid active
        echo 1 >"$devices/$uuid/remove"
        eventually 30 is $uuid inactive
}

test_image() {
        mkdir -p $IMAGE/etc $IMAGE/usr/lib/systemd/system
        cp /usr/lib/systemd/system/mdev.target $IMAGE/usr/lib/systemd/system/
        recipe images 1
        grep -q '"start": "auto"' "$IMAGE/etc/mdevctl.d/mtty/$first"
        systemctl --root="$IMAGE" is-enabled mdev.target
        [ ! -e "$definitions/mtty/$first" ]
        is $first inactive
}

# As a merge does, /etc becomes another mount, and read-only.
test_read_only_etc_and_confext() {
        cp -a /etc /run/etc
        cp "$IMAGE"/etc/mdevctl.d/mtty/$first /run/etc/mdevctl.d/mtty/
        mount --bind /run/etc /etc
        mount -o remount,bind,ro /etc
        recipe images 3
        eventually 30 is $first active
        fails mdevctl define -u $second -p mtty -t mtty-1 2>/tmp/refusal
        contains 'Read-only file system' </tmp/refusal
        recipe images 2
        is $second active
        mdevctl stop -u $second
        mdevctl stop -u $first
        [ ! -e "$devices/$first" ]
        umount /etc
        systemctl daemon-reload
        systemctl restart mdev-monitor.service
}
