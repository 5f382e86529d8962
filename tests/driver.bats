#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Drivers of devices: the generator and the helper, with a sysfs that reacts (fake-sysfs.c)

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# Statuses of sysexits.h.
usage=64 unavailable=69 cannot_create=73 try_again=75 config=78

setup() {
        load lib
        setup_tree
        one=$(uuid 1)
        name=pci-0000:3b:00.0
        note=$root/run/mdev-generator/$name
        background=()
        setup_bus
}

teardown() {
        [ ${#background[@]} -eq 0 ] || { kill "${background[@]}"; wait "${background[@]}"; } 2>/dev/null || :
}

# The device leaves, and another one comes in its place.
device_returns() {
        mv "$directory" "$directory.gone"
        bus_device pci 0000:3b:00.0 nic
}

# A module that can be loaded: its driver is there afterwards.
modprobe() {
        cat >"$root/usr/sbin/modprobe" <<END
#!/bin/bash
echo "\$*" >>"$root/loaded"
[ "\$1" = "$1" ] || { echo "modprobe: FATAL: Module \$1 not found" >&2; exit 1; }
mkdir -p "$root/sys/bus/pci/drivers/$2"
touch "$root/sys/bus/pci/drivers/$2"/{bind,unbind}
END
        chmod +x "$root/usr/sbin/modprobe"
}

noted() {
        equal "$(sed -n 's/^STATE=//p' "$note" 2>/dev/null)" "$1"
}

# Opens a file in a process that stays: its process is $!.
hold() {
        sleep 60 7<"$1" 3>&- >/dev/null 2>&1 &
        background+=($!)
}

# Invocation.

@test "what is no <bus>-<device> is a usage error" {
        local name
        # A backslash is meant.
        # shellcheck disable=SC1003
        for name in "" / ../x "pci-0000:3b:00.0/x" 'pci-\' 'pci-\x' 'pci-\x0' 'pci-\x00' 'pci-\x2f'; do
                run -$usage driver_helper start "$name"
                equal "$output" "mdev-driver-helper: \"$name\" is not <bus>-<device>"
        done
        missing "$root/run/mdev-generator"
}

@test "a bus whose devices have no driver_override is refused" {
        override ap-00.0001 vfio_ap
        run -$config driver_helper start ap-00.0001
        equal "$output" "mdev-driver-helper: /etc/driverctl.d/ap-00.0001: devices of bus ap have no driver_override; the buses that have one are pci, css, platform, amba, fsl-mc, vmbus"
        run -$usage driver_helper stop ap-00.0001
        override nothing vfio_ap
        run -$config driver_helper start nothing
        says "is not named <bus>-<device>"
}

@test "a device without driver_override is refused" {
        override "$name" vfio-pci
        rm "$directory/driver_override"
        run -$unavailable driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: the device has no driver_override; the kernel may be too old for bus pci"
}

# The file.

@test "without a file, or with an unusable one, nothing changes" {
        run -$config driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: no driver is configured; there is no file /etc/driverctl.d/$name"
        : >"$overrides/$name"
        run -$config driver_helper start "$name"
        equal "$output" "mdev-driver-helper: /etc/driverctl.d/$name: is empty; it should have the name of a driver"
        override "$name" ../vfio-pci
        run -$config driver_helper start "$name"
        says "driver \"../vfio-pci\" is not a single path component"
        override "$name" -r
        run -$config driver_helper start "$name"
        says "driver \"-r\" begins with \"-\""
        printf 'a\nb\n' >"$overrides/$name"
        run -$config driver_helper start "$name"
        says "contains control characters"
        rm "$overrides/$name"
        mkfifo "$overrides/$name"
        run -$config driver_helper start "$name"
        says "is not a regular file"
        has_driver nic
        missing "$note"
}

@test "names with - and with what systemd escapes are those of the file" {
        local device
        driver vmbus uio_hv_generic
        driver fsl-mc vfio-fsl-mc
        driver platform vfio-platform
        for device in vmbus-f8615163-df3e-46c5-913f-f2d2f965ed0e/uio_hv_generic fsl-mc-dpni.1/vfio-fsl-mc 'platform-a,b@c d/vfio-platform'; do
                name=${device%/*}
                case "$name" in
                fsl-mc-*) bus_device fsl-mc "${name#fsl-mc-}" nic ;;
                *) bus_device "${name%%-*}" "${name#*-}" nic ;;
                esac
                override "$name" "${device#*/}"
                name=${name//,/\\x2c} name=${name//@/\\x40} name=${name// /\\x20}
                run -0 driver_helper start "$name"
                says "bound to driver ${device#*/}"
                run -0 generator "$out/normal"
                exists "$out/normal/mdev-driver@$name.service.d/50-mdev.conf"
        done
}

# Start and stop.

@test "start binds the configured driver, and stop gives the device back" {
        override "$name" vfio-pci
        run -0 driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: bound to driver vfio-pci"
        has_driver vfio-pci vfio-pci
        noted active
        run -0 driver_helper stop "$name"
        equal "$output" "mdev-driver-helper: $name: released by driver vfio-pci; bound to driver nic"
        has_driver nic
        missing "$note"
        run -0 driver_helper clean-up "$name"
        equal "$output" ""
}

@test "start loads the module of the driver" {
        override "$name" mdev_sim
        modprobe mdev_sim mdev_sim
        run -0 driver_helper start "$name"
        equal "$(<"$root/loaded")" mdev_sim
        has_driver mdev_sim mdev_sim
        # It is there now.
        driver_helper stop "$name"
        driver_helper start "$name"
        equal "$(<"$root/loaded")" mdev_sim
}

@test "without the module, the device keeps what it has" {
        override "$name" other
        modprobe mdev_sim mdev_sim
        run -$unavailable driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: there is no driver other: modprobe: FATAL: Module other not found"
        has_driver nic
        missing "$note"
        modprobe other sibling
        run -$unavailable driver_helper start "$name"
        says "there is no driver other: its bus has none of that name, although its module is loaded"
        rm "$root/usr/sbin/modprobe"
        run -$unavailable driver_helper start "$name"
        says "there is no driver other: cannot run $root/usr/sbin/modprobe: No such file or directory"
        has_driver nic
}

@test "a device without a driver gets one, and has none again after the stop" {
        rm "$directory/driver" "$directory/.default"
        override "$name" vfio-pci
        driver_helper start "$name"
        has_driver vfio-pci vfio-pci
        run -0 driver_helper stop "$name"
        says "released by driver vfio-pci; no driver is bound"
        has_driver ""
}

@test "none leaves the device without a driver" {
        override "$name" none
        run -0 driver_helper start "$name"
        says "bound to driver none"
        has_driver "" none
        run -0 driver_helper start "$name"
        says "had driver none already"
        driver_helper stop "$name"
        has_driver nic
}

@test "a driver that is bound already keeps the device, which stop gives to the driver of the kernel's choice" {
        ln -sfn "$root/sys/bus/pci/drivers/vfio-pci" "$directory/driver"
        override "$name" vfio-pci
        run -0 driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: had driver vfio-pci already"
        has_driver vfio-pci vfio-pci
        driver_helper stop "$name"
        has_driver nic
}

@test "a driver that was bound by hand gets the device back, not that of the kernel's choice" {
        driver pci other
        ln -sfn "$root/sys/bus/pci/drivers/other" "$directory/driver"
        override "$name" vfio-pci
        driver_helper start "$name"
        has_driver vfio-pci vfio-pci
        driver_helper stop "$name"
        has_driver other
}

@test "a driver that is bound already keeps the device even if the start is killed" {
        override "$name" vfio-pci
        ln -sfn "$root/sys/bus/pci/drivers/vfio-pci" "$directory/driver"
        FAKE_SYSFS_KILL=2 run -137 driver_helper start "$name"
        SERVICE_RESULT=signal driver_helper clean-up "$name"
        equal "$(readlink "$directory/driver")" "$root/sys/bus/pci/drivers/vfio-pci"
}

@test "an override that somebody set before is set again" {
        driver pci other
        ln -sfn "$root/sys/bus/pci/drivers/other" "$directory/driver"
        echo other >"$directory/driver_override"
        override "$name" vfio-pci
        driver_helper start "$name"
        has_driver vfio-pci vfio-pci
        driver_helper stop "$name"
        has_driver other other
}

@test "a new driver takes the place of the old one, and stop still gives the device back" {
        driver pci other
        override "$name" vfio-pci
        driver_helper start "$name"
        override "$name" other
        run -0 driver_helper start "$name"
        has_driver other other
        driver_helper stop "$name"
        has_driver nic
}

@test "stop leaves a driver alone that somebody else bound meanwhile" {
        driver pci other
        override "$name" vfio-pci
        driver_helper start "$name"
        ln -sfn "$root/sys/bus/pci/drivers/other" "$directory/driver"
        echo other >"$directory/driver_override"
        run -0 driver_helper stop "$name"
        has_driver other other
}

@test "an absent device is an error for start and none for stop" {
        rm "$root/sys/bus/pci/devices/0000:3b:00.0"
        override "$name" vfio-pci
        run -$unavailable driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: there is no device 0000:3b:00.0 on bus pci"
        run -0 driver_helper stop "$name"
        equal "$output" "mdev-driver-helper: $name: the device is gone already"
        run -0 driver_helper clean-up "$name"
}

@test "stop leaves a device alone that has left and returned, and the clean-up forgets the old one" {
        override "$name" vfio-pci
        driver_helper start "$name"
        device_returns
        run -0 driver_helper stop "$name"
        says "leaving the device alone"
        has_driver nic
        run -0 driver_helper clean-up "$name"
        equal "$output" "mdev-driver-helper: $name: the device left and returned"
        missing "$note"
        driver_helper start "$name"
        has_driver vfio-pci vfio-pci
}

@test "without a writable /run nothing changes" {
        override "$name" vfio-pci
        touch "$root/run/mdev-generator"
        run -$cannot_create driver_helper start "$name"
        says "$name: Failed to write /run/mdev-generator/$name: Not a directory"
        has_driver nic
}

# Failures.

@test "after a driver that refuses, the device has the driver it had before" {
        override "$name" vfio-pci
        echo 5 >"$root/sys/bus/pci/drivers/vfio-pci/.errno"
        run -$unavailable driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: driver vfio-pci did not bind: Input/output error; see the kernel log for its reason"
        SERVICE_RESULT=exit-code run -0 driver_helper clean-up "$name"
        equal "$output" "mdev-driver-helper: $name: released by driver vfio-pci; bound to driver nic"
        has_driver nic
        missing "$note"
        echo 19 >"$root/sys/bus/pci/drivers/vfio-pci/.errno"
        run -$unavailable driver_helper start "$name"
        says "did not bind: No such device; it does not support this device"
}

@test "a driver that the kernel does not let bind by name is probed" {
        rm "$root/sys/bus/pci/drivers/vfio-pci/bind"
        override "$name" vfio-pci
        run -0 driver_helper start "$name"
        has_driver vfio-pci vfio-pci
}

@test "a driver that cannot be given back to is an error" {
        override "$name" vfio-pci
        driver_helper start "$name"
        echo 5 >"$root/sys/bus/pci/drivers/nic/.errno"
        run ! driver_helper stop "$name"
        equal "$output" "mdev-driver-helper: $name: driver nic, which the device had before, did not bind again"
}

@test "a helper that is killed at any step leaves the device to one driver or the other" {
        local n status
        override "$name" vfio-pci
        for n in {1..9}; do
                status=0
                FAKE_SYSFS_KILL=$n driver_helper start "$name" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                SERVICE_RESULT=signal driver_helper clean-up "$name"
                has_driver nic
                missing "$note"
        done
        # Note, override, unbind, bind, note.
        equal "$n" 6
        for n in {1..9}; do
                status=0
                FAKE_SYSFS_KILL=$n driver_helper stop "$name" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                SERVICE_RESULT=signal driver_helper clean-up "$name"
                case $n in
                1) has_driver vfio-pci vfio-pci ;;
                *) has_driver nic ;;
                esac
                driver_helper start "$name"
                has_driver vfio-pci vfio-pci
        done
        equal "$n" 5
        has_driver nic
}

@test "a clean-up that is killed at any step leaves the rest to the next start and stop" {
        local n status
        override "$name" vfio-pci
        for n in {1..9}; do
                FAKE_SYSFS_KILL=4 driver_helper start "$name" 2>/dev/null || :
                has_driver "" vfio-pci
                status=0
                FAKE_SYSFS_KILL=$n SERVICE_RESULT=signal driver_helper clean-up "$name" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                driver_helper start "$name"
                has_driver vfio-pci vfio-pci
                driver_helper stop "$name"
                has_driver nic
        done
        has_driver nic
}

@test "a stop that comes too late for the start is done by the clean-up" {
        override "$name" vfio-pci
        driver_helper start "$name"
        SERVICE_RESULT=success run -0 driver_helper clean-up "$name"
        has_driver nic
        missing "$note"
}

# Devices in use.

@test "a device that is open through VFIO is not taken away, and the process is named" {
        mkdir -p "$root/dev/vfio" "$root/sys/kernel/iommu_groups/7"
        ln -s "$root/sys/kernel/iommu_groups/7" "$directory/iommu_group"
        touch "$root/dev/vfio/7" "$root/dev/vfio/7.busy"
        hold "$root/dev/vfio/7"
        override "$name" vfio-pci
        run -$try_again driver_helper start "$name"
        equal "$output" "mdev-driver-helper: $name: not taken from driver nic: the device or a mediated device on it is in use by sleep ($!)"
        has_driver nic
        rm "$root/dev/vfio/7.busy"
        driver_helper start "$name"
        touch "$root/dev/vfio/7.busy"
        run -$try_again driver_helper stop "$name"
        says "not taken from driver vfio-pci" "sleep ($!)"
        SERVICE_RESULT=exit-code run -0 driver_helper clean-up "$name"
        has_driver vfio-pci vfio-pci
        noted left
        # What the device had before is not forgotten.
        rm "$root/dev/vfio/7.busy"
        driver_helper start "$name"
        driver_helper stop "$name"
        has_driver nic
}

@test "a device without an IOMMU that is open through VFIO is not taken away" {
        mkdir -p "$root/dev/vfio" "$root/sys/kernel/iommu_groups/7"
        ln -s "$root/sys/kernel/iommu_groups/7" "$directory/iommu_group"
        touch "$root/dev/vfio/noiommu-7" "$root/dev/vfio/noiommu-7.busy"
        hold "$root/dev/vfio/noiommu-7"
        override "$name" vfio-pci
        run -$try_again driver_helper start "$name"
        says "sleep ($!)"
}

@test "a parent is not taken away while a mediated device on it is open" {
        mkdir -p "$root/dev/vfio" "$root/sys/kernel/iommu_groups/8" "$directory/$one"
        ln -s "$root/sys/kernel/iommu_groups/8" "$directory/$one/iommu_group"
        ln -s "$directory/$one" "$root/sys/bus/mdev/devices/$one"
        touch "$root/dev/vfio/8" "$root/dev/vfio/8.busy"
        hold "$root/dev/vfio/8"
        override "$name" vfio-pci
        run -$try_again driver_helper start "$name"
        says "not taken from driver nic" "sleep ($!)"
        has_driver nic
        rm "$root/dev/vfio/8.busy"
        run -0 driver_helper start "$name"
        has_driver vfio-pci vfio-pci
}

# The generator.

@test "a configured driver becomes a unit that its device wants" {
        override "$name" vfio-pci
        define 0000:3b:00.0 1 mtty-2 manual
        define 0000:3c:00.0 2 mtty-2 manual
        run -0 generator "$out"/{normal,early,late}
        equal "$output" ""
        equal "$(<"$out/normal/mdev-driver@$name.service.d/50-mdev.conf")" "# Automatically generated by mdev-generator

[Unit]
SourcePath=/etc/driverctl.d/$name
Description=Driver vfio-pci for $name
BindsTo=sys-bus-pci-devices-0000:3b:00.0-driver_override.device
After=sys-bus-pci-devices-0000:3b:00.0-driver_override.device

[Service]
LogExtraFields=\"MDEV_PARENT=0000:3b:00.0\" \"MDEV_DRIVER=vfio-pci\"

[Install]
WantedBy=sys-bus-pci-devices-0000:3b:00.0.device"
        equal "$(cd "$out" && find . -type l -printf '%P -> %l\n')" \
                "normal/sys-bus-pci-devices-0000:3b:00.0.device.wants/mdev-driver@$name.service -> $(sed -n 's/^#define UNIT_DIR "\(.*\)"/\1/p' "$build/config.h")/mdev-driver@.service"
        # The devices on this parent come after its driver.
        equal "$(grep -l "^After=mdev-driver@$name.service$" "$out"/normal/mdev@*.d/*)" "$out/normal/mdev@$one.service.d/50-mdev.conf"
}

@test "there need be no definition, and a broken file spoils no other" {
        rm -r "$definitions"
        override "$name" vfio-pci
        override pci-0000:3c:00.0 ""
        override ap-1 x
        : >"$overrides/.hidden"
        run -0 generator "$out"/{normal,early,late}
        says "/etc/driverctl.d/pci-0000:3c:00.0: is empty; it should have the name of a driver, ignoring" \
                "/etc/driverctl.d/ap-1: devices of bus ap have no driver_override"
        equal "${#lines[@]}" 2
        equal "$(ls "$out/normal")" "mdev-driver@$name.service.d
sys-bus-pci-devices-0000:3b:00.0.device.wants"
}

@test "systemd.mdev=no keeps drivers, too, from being bound" {
        override "$name" vfio-pci
        echo systemd.mdev=no >"$root/cmdline"
        SYSTEMD_PROC_CMDLINE=systemd.mdev=no run -0 generator "$out"/{normal,early,late}
        equal "$(cd "$out" && find . -type l -printf '%P -> %l\n')" \
                "early/sys-bus-pci-devices-0000:3b:00.0.device.wants/mdev-driver@$name.service -> /dev/null"
}

@test "where udev runs driverctl, the generator leaves its files alone" {
        local rules
        override "$name" vfio-pci
        for rules in usr/lib etc; do
                mkdir -p "$root/$rules/udev/rules.d"
                echo rule >"$root/$rules/udev/rules.d/05-driverctl.rules"
                run -0 generator "$out"/{normal,early,late}
                equal "$(ls "$out/normal")" ""
        done
        # Masked.
        ln -sf /dev/null "$root/etc/udev/rules.d/05-driverctl.rules"
        run -0 generator "$out"/{normal,early,late}
        exists "$out/normal/mdev-driver@$name.service.d/50-mdev.conf"
}
