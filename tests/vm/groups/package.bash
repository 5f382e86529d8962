# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The Debian package: the change from mdevctl, an upgrade, a downgrade, a removal,
# the change back with a purge, with devices that run, one that is in use, a driver
# and a vGPU
#
# tests/vm/package makes the package.
#
# suites: bookworm
# installed: no
# layers: mdevctl
# hardware: -machine q35 -device intel-iommu -device pci-testdev,addr=5 -device pcie-root-port,id=rp0,slot=1,chassis=1
# hardware: -device nvme-subsys,id=sub0 -device nvme,serial=sim,bus=rp0,subsys=sub0,sriov_max_vfs=1,sriov_vq_flexible=2,sriov_vi_flexible=1,max_ioqpairs=26,msix_qsize=24
# cmdline: intel_iommu=on

# Variables of lib.bash.
# shellcheck disable=SC2154

pci=/sys/bus/pci/devices
five=0000:00:05.0
card=0000:01:00.0
function=0000:01:00.1
others=("mdev-driver@pci-$five.service" "vgpu@$function.service")

before_boot() {
        local deb=$top/build/package/mdev-generator.deb next=$work/next
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
        define mtty 4 mtty-1 auto
        mkdir -p "$1/opt" "$1/etc/driverctl.d" "$1/etc/vgpu.d"
        echo vfio-pci >"$1/etc/driverctl.d/pci-$five"
        echo '{"vgpu_type": "502", "start": "auto", "attrs": []}' >"$1/etc/vgpu.d/$function"
        cp "$deb" "$1/opt/"
        # The next version of it, in which the template is another.
        dpkg-deb -R "$deb" "$next"
        sed -i 's/^Version: .*/&+next/' "$next/DEBIAN/control"
        echo '# Next.' >>"$(find "$next" -name mdev@.service)"
        dpkg-deb --root-owner-group -b "$next" "$1/opt/next.deb" >/dev/null
}

# The administrator's and the kernel's things: the devices, who has one open, and the definitions.
things() {
        stat -L -c '%n %i' "$devices"/*
        readlink $pci/$five/driver || echo none
        cat $pci/$function/nvidia/current_vgpu_type
        kill -0 "$(</run/holder)" && echo held
        find "$definitions" -type f -printf '%p %i %T@ %m %U\n' -exec sha256sum {} + | sort
}

# The devices are as they were at the beginning of the test, and systemd has a unit for each.
untouched() {
        equal "$(things)" "$before"
        agree
}

runs() { # NUMBER|UNIT...
        local word units=()
        for word in "$@"; do
                case $word in
                *.service) units+=("$word") ;;
                *) units+=("$(unit "$word")") ;;
                esac
        done
        systemctl show -P ActiveState -P InvocationID "${units[@]}"
}

installed() { # PACKAGE
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

look_again() {
        udevadm trigger --action=change --subsystem-match=mtty --subsystem-match=mdev
        udevadm trigger --action=add --subsystem-match=mdev
        udevadm trigger --action=change --subsystem-match=pci
        udevadm settle
}

# Debian's rule calls it by a path where Debian's package has nothing.
with_mdevctl() {
        dpkg -i /opt/mdevctl.deb
        ln -s ../bin/mdevctl /usr/sbin/
        udevadm control --reload
}

test_change_from_mdevctl() {
        local before
        with_mdevctl
        modprobe vfio_iommu_type1
        modprobe mtty
        modprobe nvidia_sim
        echo 1 >$pci/$card/sriov_numvfs
        eventually 30 exists 1
        eventually 30 exists 4
        eventually 30 test -e $pci/$function/nvidia/current_vgpu_type
        mdevctl stop -u "$(uuid 4)"
        mdevctl start -u "$(uuid 2)"
        mdevctl start -u "$(uuid 3)" -p mtty -t mtty-2
        /tests/hold-device "$(basename "$(readlink "$devices/$(uuid 1)/iommu_group")")" "$(uuid 1)" >/tmp/held 2>&1 &
        echo $! >/run/holder
        eventually 10 grep -qs holding /tmp/held
        before=$(things)

        dpkg -i /opt/mdev-generator.deb
        installed mdev-generator
        fails installed mdevctl
        eventually 30 state 1 active
        eventually 30 state 2 active
        eventually 30 state 3 active
        settle
        untouched
        systemctl is-active mdev-monitor.service
        systemctl start "${others[@]}"
        [ "$(things)" != "$before" ]
}

# Another version takes the place of this one; systemd has its template, and the monitor is its own.
replaced_by() { # PACKAGE WHAT
        local before ids monitor
        before=$(things)
        ids=$(runs 1 2 3 "${others[@]}")
        monitor=$(systemctl show -P InvocationID mdev-monitor.service)
        dpkg -i "$1"
        equal "$(dpkg-query -W -f '${Version}' mdev-generator | sed -n 's/.*+//p')" "$2"
        equal "$(systemctl show -P NeedDaemonReload "$(unit 1)")" no
        systemctl is-active mdev-monitor.service
        [ "$(systemctl show -P InvocationID mdev-monitor.service)" != "$monitor" ]
        [ ! -e /run/mdev-generator.masks ]
        look_again
        equal "$(runs 1 2 3 "${others[@]}")" "$ids"
        untouched
}

test_upgrade() {
        systemd-run -q --unit=guest -p Requires="$(unit 2)" -p After="$(unit 2)" sleep infinity
        replaced_by /opt/next.deb next
        systemctl cat "$(unit 1)" | grep -x '# Next.'
        systemctl is-active guest
}

test_downgrade() {
        replaced_by /opt/mdev-generator.deb ''
        fails grep -rqx '# Next.' "$(systemctl show -P FragmentPath "$(unit 1)")"
        systemctl is-active guest
}

# dpkg removes one file after the other, and udev may look in between; then dpkg may give up.
test_removal_that_is_given_up() {
        local before ids rules=/usr/lib/udev/rules.d/60-mdev.rules
        before=$(things)
        ids=$(runs 1 2 3 "${others[@]}")
        /var/lib/dpkg/info/mdev-generator.prerm remove
        mv $rules /run/
        udevadm control --reload
        look_again
        eventually 30 fails systemctl is-active -q sys-class-mdev_bus-mtty.device
        sleep 1
        equal "$(things)" "$before"
        mv /run/60-mdev.rules $rules
        /var/lib/dpkg/info/mdev-generator.postinst abort-remove
        settle
        untouched
        equal "$(runs 1 2 3 "${others[@]}")" "$ids"
        systemctl is-active guest
}

# What is left of a unit has no hold of its device. Between unpacking and configuration another package may
# have systemd reloaded, and somebody may create a device.
test_removal_and_installation() {
        local before ids
        before=$(things)
        ids=$(runs 1 2 "${others[@]}")
        dpkg -r mdev-generator
        equal "$(find /etc /run /usr -name '*mdev-generator*' -o -name '*mdev-monitor*' -o -name '*mdev-boot*' -o -name 'mdev-*@*' -o -name 'mdev@*' -o -name 'vgpu@*' -o -name 60-mdev.rules | sort)" /run/mdev-generator
        look_again
        settle
        equal "$(systemctl show -P LoadState -P ActiveState "$(unit 2)" | tr '\n' ' ')" 'not-found active '
        systemctl stop "$(unit 3)"
        equal "$(things)" "$before"

        dpkg --unpack /opt/mdev-generator.deb
        systemctl daemon-reload
        uuid 5 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        look_again
        dpkg --configure mdev-generator
        eventually 30 state 3 active
        eventually 30 state 5 active
        systemctl stop "$(unit 5)"
        untouched
        look_again
        equal "$(runs 1 2 "${others[@]}")" "$ids"
        systemctl is-active guest
}

test_purge_and_change_to_mdevctl() {
        local before
        before=$(things)
        dpkg -P mdev-generator
        with_mdevctl
        equal "$(things)" "$before"
        systemctl is-active guest
        before=$(find "$definitions" -type f -printf '%p %i %T@ %m %U\n')
        kill "$(</run/holder)"
        mdevctl stop -u "$(uuid 1)"
        gone 1
        modprobe -r mtty
        modprobe mtty
        eventually 30 exists 1
        eventually 30 exists 4
        sleep 1
        exists 1
        gone 2
        equal "$(find "$definitions" -type f -printf '%p %i %T@ %m %U\n')" "$before"
}

started_anew() { # NUMBER RUN
        state "$1" active && [ "$(runs "$1")" != "$2" ]
}

# What is left of the first time are units without a device, and one with another device.
test_return() {
        local before run
        before=$(stat -L -c '%n %i' "$devices"/*)
        run=$(runs 1)
        dpkg -i /opt/mdev-generator.deb
        eventually 30 state 2 inactive
        eventually 30 state 3 inactive
        eventually 30 started_anew 1 "$run"
        eventually 30 state 4 active
        agree
        equal "$(stat -L -c '%n %i' "$devices"/*)" "$before"
        systemctl stop "$(unit 1)"
        gone 1
}

# A mask that is not ours, and a policy against services.
test_wishes_of_the_administrator() {
        systemctl mask --runtime mdev@.service
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        dpkg -r mdev-generator
        [ -L /run/systemd/system/mdev@.service ]
        dpkg -i /opt/mdev-generator.deb
        equal "$(readlink /run/systemd/system/mdev@.service)" /dev/null
        [ ! -L /run/systemd/system-generators/mdev-generator ]
        [ ! -e /run/mdev-generator.masks ]
        fails systemctl is-active -q mdev-monitor.service
        systemctl unmask --runtime mdev@.service
        rm /usr/sbin/policy-rc.d
}

