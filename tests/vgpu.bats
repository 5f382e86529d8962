#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vGPUs: the generator and the helper, with a sysfs that reacts (fake-sysfs.c)

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# Statuses of sysexits.h.
usage=64 data=65 unavailable=69 cannot_create=73 try_again=75 config=78

setup() {
        load lib
        setup_tree
        load vgpu-lib
        setup_vgpu
        note=$root/run/mdev-generator/$name
        background=()
}

teardown() {
        [ ${#background[@]} -eq 0 ] || { kill "${background[@]}"; wait "${background[@]}"; } 2>/dev/null || :
}

has_type() {
        equal "$(<"$directory/current_vgpu_type")" "$1"
}

noted() {
        equal "$(sed -n 's/^STATE=//p' "$note" 2>/dev/null)" "$1"
}

# Opens the function's group in a process that stays.
hold() {
        mkdir -p "$root/dev/vfio" "$root/sys/kernel/iommu_groups/7"
        ln -sfn "$root/sys/kernel/iommu_groups/7" "$root/sys/bus/pci/devices/$name/iommu_group"
        touch "$root/dev/vfio/7" "$root/dev/vfio/7.busy"
        sleep 60 7<"$root/dev/vfio/7" 3>&- >/dev/null 2>&1 &
        background+=($!)
}

released() {
        kill "${background[@]}"
        wait "${background[@]}" 2>/dev/null || :
        background=()
        rm "$root/dev/vfio/7.busy"
}

# Invocation and definitions.

@test "what is no address of a function is a usage error" {
        local function
        for function in "" / 41:00.4 0000:41:00.8 0000:41:00.4/ 0000:41:0.4 0000:4G:00.4 0000:41:00.44 000:41:00.4 000000000:41:00.4; do
                run -$usage vgpu_helper start "$function"
                equal "$output" "vgpu-helper: \"$function\" is not the address of a PCI function, such as 0000:41:00.4"
        done
        missing "$root/run/mdev-generator"
}

@test "an unusable definition is named with its fault" {
        run -$config vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: not defined; there is no file /etc/vgpu.d/$name"
        echo '{"mdev_type": "x", "start": "auto"}' >"$vgpus/$name"
        run -$config vgpu_helper start "$name"
        equal "$output" "vgpu-helper: /etc/vgpu.d/$name: \"vgpu_type\" is missing"
        local type
        for type in -1 1.5 2147483648 '["x"]' true; do
                vgpu "$name" "$type"
                run -$config vgpu_helper start "$name"
                says "/etc/vgpu.d/$name: \"vgpu_type\" is not a"
        done
        vgpu "$name" '"NVIDIA/L40S"'
        run -$config vgpu_helper start "$name"
        says '"vgpu_type": "NVIDIA/L40S" is not a single path component'
        vgpu "$name" '"x"' auto '{"../remove": "1"}'
        run -$config vgpu_helper start "$name"
        says 'the name "../remove" contains an empty, "." or ".." component'
        rm "$vgpus/$name"
        mkfifo "$vgpus/$name"
        run -$config vgpu_helper start "$name"
        says "is not a regular file"
        has_type 0
        missing "$note"
}

# Start and stop.

@test "start sets the type by its name and the attributes in order, and stop takes it back" {
        vgpu "$name" '"NVIDIA L40S-24Q"' auto '{"vgpu_params": "a=1"}, {"vgpu_params": "b=2"}'
        run -0 vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: type NVIDIA L40S-24Q (1155) set on card $card, 2 attributes set"
        has_type 1155
        equal "$(<"$directory/.log")" $'vgpu_params=a=1\nvgpu_params=b=2'
        noted active
        run -0 vgpu_helper stop "$name"
        equal "$output" "vgpu-helper: $name: type NVIDIA L40S-24Q taken back from card $card"
        has_type 0
        missing "$note"
        run -0 vgpu_helper clean-up "$name"
        equal "$output" ""
}

@test "a type may be a number, in JSON or in a string" {
        local type
        for type in 1156 '"1156"'; do
                vgpu "$name" "$type"
                run -0 vgpu_helper start "$name"
                says "type NVIDIA L40S-48Q (1156) set"
                has_type 1156
                vgpu_helper stop "$name"
        done
}

@test "the start waits for the directory of the driver" {
        mv "$directory" "$directory.later"
        vgpu "$name" 1155
        (sleep 0.3 && mv "$directory.later" "$directory") 3>&- &
        background+=($!)
        run -0 vgpu_helper start "$name"
        has_type 1155
}

@test "without the directory, the message names the driver that is bound" {
        mv "$directory" "$directory.away"
        vgpu "$name" 1155
        run -$unavailable vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: the function has no directory nvidia/ after 1 s; driver nvidia is bound to it"
        rm "$root/sys/bus/pci/devices/$name/driver"
        run -$unavailable vgpu_helper start "$name"
        says "no driver is bound to it"
        missing "$note"
}

# The kernel's count of the ms for which the function was active and suspended: aged ACTIVE SUSPENDED
aged() {
        mkdir -p "$root/sys/bus/pci/devices/$name/power"
        echo "$1" >"$root/sys/bus/pci/devices/$name/power/runtime_active_time"
        echo "$2" >"$root/sys/bus/pci/devices/$name/power/runtime_suspended_time"
}

# Registers the function with VFIO at a time: registered TIME
registered() {
        mkdir -p "$root/dev/vfio" "$root/sys/kernel/iommu_groups/7"
        ln -sfn "$root/sys/kernel/iommu_groups/7" "$root/sys/bus/pci/devices/$name/iommu_group"
        touch -d "$1" "$root/dev/vfio/7"
}

@test "the limit for the directory counts from the appearance of the function or from its driver" {
        mv "$directory" "$directory.away"
        vgpu "$name" 1155
        aged 3000000000 600500
        run -$unavailable vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: the function has no directory nvidia/ after 3000600 s; driver nvidia is bound to it"
        registered "2 hours ago"
        run -$unavailable vgpu_helper start "$name"
        says "has no directory nvidia/ after 720"
        registered now
        run -$unavailable vgpu_helper start "$name"
        says "has no directory nvidia/ after 1 s"
        # The clock was set back since.
        registered "1 hour"
        run -$unavailable vgpu_helper start "$name"
        says "has no directory nvidia/ after 3000600 s"
        # The directory of an old function counts whenever it comes.
        mv "$directory.away" "$directory"
        run -0 vgpu_helper start "$name"
        vgpu_helper stop "$name"
        # Without these counts, the start counts for itself.
        mv "$directory" "$directory.away"
        registered "2 hours ago"
        aged x 1
        run -$unavailable vgpu_helper start "$name"
        says "has no directory nvidia/ after 1 s"
}

@test "an absent function and one that is not virtual are told apart" {
        vgpu 0000:41:00.5 1155
        run -$unavailable vgpu_helper start 0000:41:00.5
        says "there is no PCI function of this address; is SR-IOV enabled on its card?"
        run -0 vgpu_helper stop 0000:41:00.5
        says "the function is gone already"
        run -0 vgpu_helper clean-up 0000:41:00.5
        equal "$output" ""
        rm "$root/sys/bus/pci/devices/$name/physfn"
        vgpu "$name" 1155
        run -$unavailable vgpu_helper start "$name"
        says "is not a virtual function of SR-IOV"
}

@test "the wanted type is adopted, and stop takes it back" {
        present 1155
        vgpu "$name" 1155 auto '{"vgpu_params": "a=1"}'
        run -0 vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: had type 1155 already; nothing changed"
        missing "$directory/.log"
        noted active
        vgpu_helper stop "$name"
        has_type 0
}

@test "a name is recognized in the lists of the card's other functions" {
        present 1155
        : >"$directory/creatable_vgpu_types"
        vgpu "$name" '"NVIDIA L40S-24Q"'
        run -$unavailable vgpu_helper start "$name"
        says "has type 1155 already; whether that is NVIDIA L40S-24Q, which /etc/vgpu.d/$name defines, is unknown"
        missing "$note"
        virtual_function 0000:41:00.5
        controls 0000:41:00.5
        directory=$root/sys/bus/pci/devices/$name/nvidia
        run -0 vgpu_helper start "$name"
        says "had type NVIDIA L40S-24Q already"
}

@test "after a start, a name is recognized without any list" {
        vgpu "$name" '"NVIDIA L40S-24Q"'
        vgpu_helper start "$name"
        : >"$directory/creatable_vgpu_types"
        run -0 vgpu_helper start "$name"
        says "had type NVIDIA L40S-24Q already"
}

@test "another type is never overwritten, and both are named" {
        present 1156
        vgpu "$name" '"NVIDIA L40S-24Q"'
        run -$unavailable vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: has type NVIDIA L40S-48Q already, but /etc/vgpu.d/$name defines type NVIDIA L40S-24Q; nothing changed"
        SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
        vgpu_helper stop "$name"
        has_type 1156
        missing "$note"
}

@test "stop leaves a type alone that others have set meanwhile" {
        vgpu "$name" 1155
        vgpu_helper start "$name"
        present 1156
        run -0 vgpu_helper stop "$name"
        says "leaving type 1156 alone, which somebody else has set"
        has_type 1156
        missing "$note"
        present 0
        vgpu_helper start "$name"
        present 0
        run -0 vgpu_helper stop "$name"
        says "has no type any more"
        missing "$note"
}

@test "what the card cannot create is refused with what it offers" {
        vgpu "$name" '"NVIDIA L40S-1Q"'
        run -$unavailable vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: card $card cannot create type NVIDIA L40S-1Q now; it offers NVIDIA L40S-24Q (1155), NVIDIA L40S-48Q (1156)"
        echo "ID    : vGPU Name" >"$directory/creatable_vgpu_types"
        run -$unavailable vgpu_helper start "$name"
        says "it offers no type, because it is full or because MIG or another mode is missing"
        has_type 0
        missing "$note"
}

@test "errors of the driver are named, and nothing remains" {
        local number
        vgpu "$name" 1155
        for number in 5 19 22 28; do
                echo $number >"$directory/.errno-current_vgpu_type"
                run -$unavailable vgpu_helper start "$name"
                says "card $card refused type 1155: "
                SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
                has_type 0
                missing "$note"
        done
}

@test "a type that another program sets at the same moment is adopted or left" {
        vgpu "$name" 1155
        echo 1155 >"$directory/.rival"
        run -0 vgpu_helper start "$name"
        says "had type 1155 already"
        vgpu_helper stop "$name"
        echo 1156 >"$directory/.rival"
        run -$unavailable vgpu_helper start "$name"
        says "has type NVIDIA L40S-48Q already, but /etc/vgpu.d/$name defines type 1155"
        SERVICE_RESULT=exit-code vgpu_helper clean-up "$name"
        has_type 1156
}

@test "a driver that reports another type than it took is an error" {
        vgpu "$name" 1155
        echo 1156 >"$directory/.reported"
        run ! vgpu_helper start "$name"
        says "the driver took type NVIDIA L40S-24Q (1155), but now reports 1156"
}

@test "after a refused attribute, the type is taken back" {
        vgpu "$name" 1155 auto '{"vgpu_params": "a=1"}, {"placement_id": "3"}'
        : >"$directory/placement_id"
        echo 22 >"$directory/.errno-placement_id"
        run -$data vgpu_helper start "$name"
        equal "$output" "vgpu-helper: $name: attribute 2 of 2, placement_id, did not take the value \"3\": Invalid argument; correct the definition"
        has_type 1155
        SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
        has_type 0
        rm "$directory/placement_id"
        run -$data vgpu_helper start "$name"
        says "type 1155 on parent $card has no attribute placement_id"
}

# In use.

@test "an open function keeps its type, and the process is named" {
        vgpu "$name" 1155
        vgpu_helper start "$name"
        hold
        run -$try_again vgpu_helper stop "$name"
        equal "$output" "vgpu-helper: $name: keeps type 1155, it is in use by sleep (${background[0]}); stop that first"
        SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
        has_type 1155
        noted left
        released
        run -0 vgpu_helper start "$name"
        says "had type 1155 already"
        vgpu_helper stop "$name"
        has_type 0
}

@test "the stop tries again while the driver is busy with a guest that has ended" {
        vgpu "$name" 1155
        vgpu_helper start "$name"
        echo "16 1" >"$directory/.errno-current_vgpu_type"
        run -0 vgpu_helper stop "$name"
        has_type 0
        vgpu_helper start "$name"
        # As some releases answer.
        echo "1 1" >"$directory/.errno-current_vgpu_type"
        run -0 vgpu_helper stop "$name"
        has_type 0
        vgpu_helper start "$name"
        echo 16 >"$directory/.errno-current_vgpu_type"
        run -$try_again vgpu_helper stop "$name"
        equal "$output" "vgpu-helper: $name: keeps type 1155; no process has it open, but card $card is not done with its last guest after 1 s; stop it again later"
        SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
        noted left
        has_type 1155
}

@test "a stop that the driver refuses for another reason does not wait for a guest" {
        local number reason
        vgpu "$name" 1155
        while read -r number reason; do
                vgpu_helper start "$name"
                echo "$number" >"$directory/.errno-current_vgpu_type"
                run -$unavailable vgpu_helper stop "$name"
                equal "$output" "vgpu-helper: $name: keeps type 1155; no process has it open, but card $card did not take back the type: $reason; see the kernel log for the driver's reason"
                SERVICE_RESULT=exit-code run -0 vgpu_helper clean-up "$name"
                noted left
                has_type 1155
                rm "$directory/.errno-current_vgpu_type"
        done <<<'1 Operation not permitted
5 Input/output error'
        # One refusal of the second kind is enough.
        echo "5 1" >"$directory/.errno-current_vgpu_type"
        run -$unavailable vgpu_helper stop "$name"
        vgpu_helper stop "$name"
        has_type 0
}

# Killed, and lost.

@test "a helper that is killed at any step leaves no half configured vGPU" {
        local n status
        vgpu "$name" 1155 auto '{"vgpu_params": "a=1"}'
        for n in {1..9}; do
                status=0
                FAKE_SYSFS_KILL=$n vgpu_helper start "$name" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                present "$(<"$directory/.present")"
                SERVICE_RESULT=signal vgpu_helper clean-up "$name"
                has_type 0
                missing "$note"
        done
        # Note, type, attribute, note.
        equal "$n" 5
        for n in {1..9}; do
                status=0
                FAKE_SYSFS_KILL=$n vgpu_helper stop "$name" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                present "$(<"$directory/.present")"
                SERVICE_RESULT=signal vgpu_helper clean-up "$name"
                # The first step is the note: without it, nothing shows that a stop has begun.
                [ "$n" = 1 ] || has_type 0
                vgpu_helper start "$name"
                has_type 1155
        done
        equal "$n" 3
        has_type 0
}

@test "a stop that comes too late for the start is done by the clean-up" {
        vgpu "$name" 1155
        vgpu_helper start "$name"
        SERVICE_RESULT=success run -0 vgpu_helper clean-up "$name"
        says "type 1155 taken back"
        has_type 0
}

@test "a function that left and returned is forgotten" {
        vgpu "$name" 1155
        vgpu_helper start "$name"
        mv "$root/sys/devices/pci0000:3a/$name" "$root/sys/devices/pci0000:3a/gone"
        virtual_function "$name"
        controls "$name"
        present 1155
        run -0 vgpu_helper stop "$name"
        says "has no type of this unit"
        has_type 1155
        SERVICE_RESULT=success run -0 vgpu_helper clean-up "$name"
        says "the device left and returned"
        missing "$note"
        rm "$root/sys/bus/pci/devices/$name"
        vgpu_helper start "$name" || :
        SERVICE_RESULT=success run -0 vgpu_helper clean-up "$name"
}

@test "without a writable /run nothing changes" {
        vgpu "$name" 1155
        touch "$root/run/mdev-generator"
        run -$cannot_create vgpu_helper start "$name"
        says "$name: Failed to write /run/mdev-generator/$name: Not a directory"
        has_type 0
}

# The generator.

@test "a definition becomes a unit that its function wants" {
        vgpu "$name" '"NVIDIA L40S-24Q%"'
        run -0 generator "$out"/{normal,early,late}
        equal "$output" ""
        equal "$(<"$out/normal/vgpu@$name.service.d/50-mdev.conf")" "# Automatically generated by mdev-generator

[Unit]
SourcePath=/etc/vgpu.d/$name
Description=vGPU NVIDIA L40S-24Q%% on $name
BindsTo=sys-bus-pci-devices-0000:41:00.4-driver_override.device
After=sys-bus-pci-devices-0000:41:00.4-driver_override.device

[Service]
LogExtraFields=\"MDEV_TYPE=NVIDIA L40S-24Q%%\"

[Install]
WantedBy=sys-bus-pci-devices-0000:41:00.4.device"
        equal "$(cd "$out" && find . -type l -printf '%P -> %l\n')" \
                "normal/sys-bus-pci-devices-0000:41:00.4.device.wants/vgpu@$name.service -> $(sed -n 's/^#define UNIT_DIR "\(.*\)"/\1/p' "$build/config.h")/vgpu@.service"
        grep -qx "Wants=vgpu@$name.service" "$out/normal/mdev.target.d/50-mdev.conf"
}

@test "functions of a card start in the order of their addresses, after their driver" {
        mkdir -p "$root/etc/driverctl.d"
        echo nvidia >"$root/etc/driverctl.d/pci-0000:41:01.0"
        for function in 0000:41:01.0 0000:41:00.5 0000:41:00.4 0000:42:00.4 10000:41:00.4; do
                vgpu "$function" 1155
        done
        run -0 generator "$out"/{normal,early,late}
        order() { sed -n 's/^After=\(vgpu@\|mdev-driver@\)/\1/p' "$out/normal/vgpu@$1.service.d/50-mdev.conf" | paste -sd ' '; }
        equal "$(order 0000:41:01.0)" "mdev-driver@pci-0000:41:01.0.service vgpu@0000:41:00.4.service vgpu@0000:41:00.5.service"
        equal "$(order 0000:41:00.5)" "vgpu@0000:41:00.4.service"
        equal "$(order 0000:41:00.4)$(order 0000:42:00.4)$(order 10000:41:00.4)" ""
}

@test "a manual definition is not wanted, and a broken file spoils no other" {
        vgpu "$name" 1155 manual
        vgpu 0000:41:00.5 1155
        echo x >"$vgpus/0000:41:00.6"
        echo x >"$vgpus/41:00.7"
        run -0 generator "$out"/{normal,early,late}
        says "/etc/vgpu.d/0000:41:00.6: is not valid JSON (line 1), ignoring" \
                "/etc/vgpu.d/41:00.7: is not named by the address of a PCI function, such as 0000:41:00.4, ignoring"
        exists "$out/normal/vgpu@$name.service.d/50-mdev.conf"
        equal "$(cd "$out/normal" && ls -d ./*.wants/*)" ./sys-bus-pci-devices-0000:41:00.5.device.wants/vgpu@0000:41:00.5.service
}

@test "an enabled vGPU is automatic, too" {
        local wants=sys-bus-pci-devices-0000:41:00.4.device.wants
        vgpu "$name" 1155 manual
        generator "$out"/{normal,early,late}
        missing "$out/normal/mdev.target.d"
        mkdir -p "$root/run/systemd/system/$wants"
        ln -s vgpu@.service "$root/run/systemd/system/$wants/vgpu@$name.service"
        rm -rf "$out"/normal/*
        generator "$out"/{normal,early,late}
        grep -qx "Wants=vgpu@$name.service" "$out/normal/mdev.target.d/50-mdev.conf"
        missing "$out/normal/$wants"
        # A mask of higher precedence.
        mkdir -p "$root/etc/systemd/system/$wants"
        ln -s /dev/null "$root/etc/systemd/system/$wants/vgpu@$name.service"
        rm -rf "$out"/normal/*
        generator "$out"/{normal,early,late}
        missing "$out/normal/mdev.target.d"
}

@test "installed guest managers come after" {
        mkdir -p "$root/etc/systemd/system"
        touch "$root/etc/systemd/system/"{nova-compute,kubelet,k3s-agent,rke2-server,rke2-agent}.service
        vgpu "$name" 1155
        generator "$out"/{normal,early,late}
        grep -qx "Before=nova-compute.service kubelet.service k3s-agent.service rke2-server.service rke2-agent.service" "$out/normal/vgpu@$name.service.d/50-mdev.conf"
}

@test "systemd.mdev=no keeps types, too, from being set" {
        vgpu "$name" 1155
        SYSTEMD_PROC_CMDLINE=systemd.mdev=no run -0 generator "$out"/{normal,early,late}
        equal "$(cd "$out" && find . -type l -printf '%P -> %l\n')" \
                "early/sys-bus-pci-devices-0000:41:00.4.device.wants/vgpu@$name.service -> /dev/null"
}
