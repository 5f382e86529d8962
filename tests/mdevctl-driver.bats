#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl driver, and the drivers of parents in status and check

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        local helper
        load mdevctl-lib
        setup_mdevctl
        setup_bus
        name=pci-0000:3b:00.0
        file=$overrides/$name
        helper=$root$(sed -n 's/^#define HELPER_DIR "\(.*\)"/\1/p' "$build/config.h")/mdev-driver-helper
        mkdir -p "$(dirname "$helper")"
        ln -s "$build/tests/mdev-driver-helper" "$helper"
}

@test "set writes the file, and nothing else without --now" {
        rmdir "$overrides"
        run -0 mdevctl_with_sysfs driver set 0000:3b:00.0 vfio-pci
        equal "$output" ""
        equal "$(<"$file")" vfio-pci
        has_driver nic
        run -0 mdevctl_with_sysfs driver unset 0000:3b:00.0
        equal "$output" ""
        missing "$file"
        # Already.
        mdevctl_with_sysfs driver unset 0000:3b:00.0
        equal "$(ls -A "$overrides")" ""
}

@test "unset takes back what systemctl enable has done" {
        local wants="$root/etc/systemd/system/sys-bus-pci-devices-0000:3b:00.0.device.wants"
        mdevctl_with_sysfs driver set 0000:3b:00.0 vfio-pci
        mkdir -p "$wants"
        touch "$wants"/mdev-driver@pci-0000:3b:00.{0,1}.service
        run -0 mdevctl_with_sysfs driver unset 0000:3b:00.0
        equal "$output" ""
        equal "$(ls "$wants")" mdev-driver@pci-0000:3b:00.1.service
}

@test "bus and device may be one word" {
        driver fsl-mc vfio-fsl-mc
        bus_device fsl-mc dpni.1 vfio-fsl-mc
        mdevctl driver set fsl-mc/dpni.1 vfio-fsl-mc
        equal "$(<"$overrides/fsl-mc-dpni.1")" vfio-fsl-mc
        mdevctl driver unset -b fsl-mc dpni.1
        missing "$overrides/fsl-mc-dpni.1"
}

@test "an absent device may be configured, with a warning" {
        run -0 mdevctl driver set -b css 0.0.0313 vfio_ccw
        equal "$output" "Warning: there is no device 0.0.0313 on bus css at present"
        equal "$(<"$overrides/css-0.0.0313")" vfio_ccw
}

@test "set --now binds, and unset --now gives back" {
        run -0 mdevctl_with_sysfs driver set --now 0000:3b:00.0 vfio-pci
        equal "$output" ""
        has_driver vfio-pci vfio-pci
        equal "$(<"$file")" vfio-pci
        mdevctl_with_sysfs driver unset --now 0000:3b:00.0
        has_driver nic
        missing "$file"
}

@test "--nosave leaves the file alone" {
        mdevctl_with_sysfs driver set --now --nosave 0000:3b:00.0 vfio-pci
        has_driver vfio-pci vfio-pci
        missing "$file"
        override "$name" other
        mdevctl_with_sysfs driver unset --now --nosave 0000:3b:00.0
        has_driver nic
        equal "$(<"$file")" other
        run -2 mdevctl driver set --nosave 0000:3b:00.0 vfio-pci
        says "--nosave needs --now, too"
}

@test "unset --now also ends an override that somebody else set" {
        ln -sfn "$root/sys/bus/pci/drivers/vfio-pci" "$directory/driver"
        echo vfio-pci >"$directory/driver_override"
        mdevctl_with_sysfs driver unset --now 0000:3b:00.0
        has_driver nic
}

@test "after a failure, driver and file are as before" {
        echo 5 >"$root/sys/bus/pci/drivers/vfio-pci/.errno"
        run -1 mdevctl_with_sysfs driver set --now 0000:3b:00.0 vfio-pci
        equal "$output" "Error: $name: driver vfio-pci did not bind: Input/output error; see the kernel log for its reason"
        has_driver nic
        missing "$file"
        override "$name" none
        run -1 mdevctl_with_sysfs driver set --now 0000:3b:00.0 vfio-pci
        equal "$(<"$file")" none
        run -1 mdevctl_with_sysfs driver set --now 0000:3c:00.0 vfio-pci
        equal "$output" "Error: pci-0000:3c:00.0: there is no device 0000:3c:00.0 on bus pci"
}

@test "what cannot be is refused" {
        run -1 mdevctl driver set -b ap 00.0001 vfio_ap
        equal "$output" "Error: 00.0001 on bus ap: devices of bus ap have no driver_override; the buses that have one are pci, css, platform, amba, fsl-mc, vmbus"
        run -1 mdevctl driver set 0000:3b:00.0 a/b
        equal "$output" "Error: driver \"a/b\" is not a single path component"
        run -1 mdevctl driver set 0000:3b:00.0
        says "Error: The driver is missing"
        run -1 mdevctl driver unset
        says "Error: The device is missing"
        run -1 mdevctl driver unset 0000:3b:00.0 x
        says "unexpected argument \"x\""
        run -2 mdevctl driver load
        says 'error: "load" is not set, unset or list'
        run -2 mdevctl driver list --now
        says "error: mdevctl driver list has no option --now"
        run -2 mdevctl driver set 0000:3b:00.0 nic --all
        says "error: mdevctl driver set has no option --all"
        run -2 mdevctl driver
        says "set, unset or list is missing"
        run -2 mdevctl driver set a b c
        says "unexpected argument \"c\""
        equal "$(ls -A "$overrides")" ""
}

@test "list prints what driverctl prints" {
        bus_device pci 0000:3c:00.0 nic
        bus_device pci 0000:3d:00.0 absent
        run -0 mdevctl driver list
        equal "$output" ""
        mdevctl_with_sysfs driver set --now 0000:3c:00.0 vfio-pci
        run -0 mdevctl driver list
        equal "$output" "0000:3c:00.0 vfio-pci"
        run -0 mdevctl driver list --all
        equal "$output" "0000:3b:00.0 nic
0000:3c:00.0 vfio-pci [*]
0000:3d:00.0 (none)"
        run -1 mdevctl driver list -b css
        says "Error: $root/sys/bus/css/devices: No such file or directory"
}

@test "check finds a device with another driver, and a file that cannot be used" {
        override "$name" vfio-pci
        run -1 mdevctl check
        equal "$output" "$file: warning: device 0000:3b:00.0 has driver nic, not vfio-pci; run \"mdevctl driver set --now -b pci 0000:3b:00.0 vfio-pci\" [driver-differs]"
        rm "$directory/driver"
        run -1 mdevctl check
        says "device 0000:3b:00.0 has no driver instead of vfio-pci"
        mkdir -p "$root/usr/lib/udev/rules.d"
        echo rule >"$root/usr/lib/udev/rules.d/05-driverctl.rules"
        run -1 mdevctl check
        says "run \"driverctl -b pci load-override 0000:3b:00.0\""
        : >"$file"
        run -1 mdevctl check
        says "$file: warning: is empty"
        override "$name" nic
        ln -s "$root/sys/bus/pci/drivers/nic" "$directory/driver"
        run -0 mdevctl check
        equal "$output" ""
        # Not there yet.
        override css-0.0.0313 vfio_ccw
        run -0 mdevctl check
        equal "$output" ""
}

@test "status shows a parent with another driver than configured" {
        define 0000:3b:00.0 1 mtty-1 auto
        override "$name" vfio-pci
        run -0 mdevctl status
        says "0000:3b:00.0  not registered, driver vfio-pci is configured"
        run -3 mdevctl status -u "$one"
        says "not registered; driver vfio-pci is configured"
        mdevctl status --json | grep -q '"configured_driver": *"vfio-pci"'
        override "$name" nic
        run -0 mdevctl status
        [[ $output != *configured* ]]
}
