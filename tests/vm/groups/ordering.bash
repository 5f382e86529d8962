# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Services that come before and after devices at boot: the recipes of
# mdev@.service(8), with services that stand for the real ones
#
# suites: bookworm

# Variables of lib.bash, and scripts in quotes.
# shellcheck disable=SC2016,SC2154

# Puts a file into the overlay, from stdin: put PATH
put() {
        mkdir -p "$(dirname "$overlay/$1")"
        cat >"$overlay/$1"
}

# service NAME SCRIPT [LINE-OF-UNIT...]: a service that is enabled and is up when the script has ended.
service() {
        local name=$1.service script=$2
        shift 2
        put "etc/systemd/system/$name" < <(
                printf '%s\n' '[Unit]' "$@" '[Service]' Type=oneshot RemainAfterExit=yes "ExecStart=/bin/sh -c '$script'"
        )
        ln -s "../$name" "$overlay/etc/systemd/system/multi-user.target.wants/"
}

before_boot() {
        local look="ls $devices >/run/seen-by-" overlay=$1
        define mtty 1 mtty-2 auto
        define sim0 2 mdev_sim-small auto
        define sim0 3 mdev_sim-small manual
        define sim9 4 mdev_sim-small auto
        printf '%s\n' mtty vfio_iommu_type1 | put etc/modules-load.d/mdev-test.conf
        ln -s /usr/lib/systemd/system/mdev.target "$overlay/etc/systemd/system/multi-user.target.wants/"
        printf '[Unit]\nJobRunningTimeoutSec=5s\n' |
                put etc/systemd/system/sys-class-mdev_bus-sim9.device.d/timeout.conf

        # Services that prepare parents.
        service nvidia-vgpud 'sleep 3'
        printf '[Unit]\nAfter=nvidia-vgpud.service\n' | put etc/systemd/system/mdev@.service.d/nvidia.conf
        service sriov-setup 'sleep 2; modprobe mdev-sim; udevadm settle; sleep 3'
        printf '[Unit]\nRequires=sriov-setup.service\nAfter=sriov-setup.service\n' |
                put "etc/systemd/system/$(unit 2).d/sriov.conf"

        # Services that use devices.
        service libvirtd "${look}libvirtd"
        service after-all "${look}after-all" After=mdev.target
        service compute "${look}compute"
        printf '[Unit]\nWants=%s\nAfter=%s\n' "$(unit 2)" "$(unit 2)" |
                put etc/systemd/system/compute.service.d/device.conf
        service guest '' "Requires=$(unit 3)" "After=$(unit 3)"
        printf '[Service]\nType=simple\nExecStart=\nExecStart=%s\n' \
                "/bin/sh -c 'exec /tests/hold-device \$\$(basename \$\$(readlink $devices/$(uuid 3)/iommu_group)) $(uuid 3)'" |
                put etc/systemd/system/guest.service.d/exec.conf
}

# When the unit began to start, or was started, in microseconds since the boot.
began() {
        systemctl show -P InactiveExitTimestampMonotonic "$1"
}

up() {
        systemctl show -P ActiveEnterTimestampMonotonic "$1"
}

before() { # TIME TIME
        [ "$1" -gt 0 ] && [ "$1" -le "$2" ]
}

test_what_prepares_a_parent_comes_first() {
        before "$(up nvidia-vgpud.service)" "$(began "$(unit 1)")"
        # It has made the parent and goes on for a while.
        before "$(up sys-class-mdev_bus-sim0.device)" "$(up sriov-setup.service)"
        before "$(up sriov-setup.service)" "$(began "$(unit 2)")"
}

test_what_starts_guests_sees_the_devices() {
        local name number
        for name in libvirtd after-all; do
                for number in 1 2; do
                        grep -q "$(uuid "$number")" "/run/seen-by-$name"
                        before "$(up "$(unit "$number")")" "$(began "$name.service")"
                done
        done
        grep -q "$(uuid 2)" /run/seen-by-compute
}

test_mdev_target_gives_up_on_a_parent_that_never_appears() {
        systemctl is-active mdev.target
        state 4 inactive
        journalctl -b -o cat -u "$(unit 4)" | contains 'Dependency failed'
        equal "$(systemctl list-jobs --no-legend | grep -E 'mdev|sim' || :)" ''
}

test_a_guest_lives_with_its_device() {
        local inode
        systemctl is-active guest.service
        inode=$(stat -L -c %i "$devices/$(uuid 3)")
        systemctl restart "$(unit 3)"
        systemctl is-active guest.service
        fails equal "$(stat -L -c %i "$devices/$(uuid 3)")" "$inode"
        systemctl stop "$(unit 3)"
        fails systemctl is-active guest.service
        gone 3
        fails logged 3 'in use'
}
