# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# vGPUs on real virtual functions, with a driver that does what NVIDIA's does (nvidia-sim)
#
# suites: trixie
# hardware: -machine q35 -device intel-iommu -device pcie-root-port,id=rp0,slot=1,chassis=1 -device nvme-subsys,id=sub0
# hardware: -device nvme,serial=sim,bus=rp0,subsys=sub0,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=26,msix_qsize=24
# cmdline: intel_iommu=on
# full: rounds=20 kills=60 events=500
# full-seconds: 7200

pci=/sys/bus/pci/devices
parameters=/sys/module/nvidia_sim/parameters
definitions_of_vgpus=/etc/vgpu.d

# Before the boot, the addresses are not known yet; QEMU gives the root port's bus the number 1.
card=0000:01:00.0

# The address of a virtual function, counted from 0.
vf() {
        printf '0000:01:00.%d' $((1 + $1))
}

vgpu_unit() { # NUMBER
        echo "vgpu@$(vf "$1").service"
}

# The device unit of a function.
function_unit() { # NUMBER
        systemd-escape -p --suffix=device "/sys/bus/pci/devices/$(vf "$1")"
}

vgpu() { # NUMBER TYPE [START] [ATTRIBUTES], to DIRECTORY if it is set
        mkdir -p "${directory:-}$definitions_of_vgpus"
        printf '{"vgpu_type": "%s", "start": "%s", "attrs": [%s]}' "$2" "${3:-auto}" "${4:-}" \
                >"${directory:-}$definitions_of_vgpus/$(vf "$1")"
}

# The units of docs/recipes/vgpu.md, without NVIDIA's programs.
before_boot() {
        local directory=$1 units=$1/etc/systemd/system
        vgpu 0 "SIM S1-12Q" auto '{"vgpu_params": "enable_uvm=1"}'
        vgpu 1 502
        vgpu 2 "SIM S1-12Q" manual
        vgpu 3 "SIM S1-12Q"
        mkdir -p "$units/sys-bus-pci-devices-$card.device.wants" "$units/vgpu@.service.d" \
                "$1/etc/modules-load.d" "$1/etc/udev/rules.d"
        echo nvidia-sim >"$1/etc/modules-load.d/nvidia.conf"
        echo "SUBSYSTEM==\"pci\", KERNEL==\"$card\", TAG+=\"systemd\", ENV{SYSTEMD_ALIAS}+=\"/sys/bus/pci/devices/\$kernel\"" \
                >"$1/etc/udev/rules.d/70-sriov.rules"
        cat >"$units/sriov@.service" <<END
[Unit]
Description=Virtual functions of %i
BindsTo=sys-bus-pci-devices-%i.device
After=sys-bus-pci-devices-%i.device systemd-modules-load.service
DefaultDependencies=no
Before=multi-user.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'echo 4 >/sys/bus/pci/devices/%i/sriov_numvfs'
ExecStartPost=sh -c 'sleep 0.5; echo set >/run/mode'

[Install]
WantedBy=sys-bus-pci-devices-%i.device
END
        ln -s ../sriov@.service "$units/sys-bus-pci-devices-$card.device.wants/sriov@$card.service"
        printf '[Unit]\nAfter=sriov@%s.service\n' $card >"$units/vgpu@.service.d/sriov.conf"
}

type_is() { # NUMBER TYPE, 0 for none
        equal "$(<"$pci/$(vf "$1")/nvidia/current_vgpu_type")" "$2"
}

vgpu_state() { # NUMBER STATE...
        local now
        now=$(systemctl show -P ActiveState "$(vgpu_unit "$1")")
        shift
        [[ " $* " == *" $now "* ]] || { echo "is: $now" && return 1; }
}

vgpu_logged() { # NUMBER TEXT
        journalctl --sync
        journalctl -o cat -u "$(vgpu_unit "$1")" | contains "$2"
}

# SR-IOV off and on again.
again() {
        echo 0 >$pci/$card/sriov_numvfs
        echo 4 >$pci/$card/sriov_numvfs
}

all_up() {
        local number
        for number in 0 1 3; do
                eventually 60 vgpu_state $number active
                type_is $number 502
        done
        type_is 2 0
}

# A time of a unit, in µs: when ExecMainStart 0
when() { # PROPERTY NUMBER
        systemctl show -P "$1TimestampMonotonic" "$(vgpu_unit "$2")"
}

# The last starts of these functions came one after the other: in_order NUMBER...
in_order() {
        local -i before=0
        local number
        for number; do
                [ "$(when ExecMainStart "$number")" -gt $before ] || return 1
                before=$(when ExecMainExit "$number")
        done
}

# Opens a function as a guest does, and leaves the process in $holder. The kernel refuses an open with EAGAIN
# while somebody else has the function's lock.
hold_vf() { # NUMBER
        local group try
        group=$(basename "$(readlink "$pci/$(vf "$1")/iommu_group")")
        modprobe vfio_iommu_type1
        for try in 1 2 3 4 5; do
                rm -f /tmp/held
                /tests/hold-device "$group" "$(vf "$1")" >/tmp/held &
                holder=$!
                eventually 10 eval 'grep -qs holding /tmp/held || ! kill -0 $holder 2>/dev/null'
                ! grep -qs holding /tmp/held || return 0
                nap 0.$try
        done
        return 1
}

let_go() {
        kill "$holder"
        wait "$holder" || :
}

test_types_are_set_at_boot_in_the_order_of_the_functions() {
        all_up
        equal "$(<"$pci/$(vf 0)/nvidia/vgpu_params")" enable_uvm=1
        # They came after the mode of the card was set.
        [ "$(when ExecMainStart 0)" -gt "$(systemctl show -P ActiveEnterTimestampMonotonic "sriov@$card.service")" ]
        in_order 0 1 3
        systemctl show -P Before "$(vgpu_unit 0)" | contains multi-user.target
        vgpu_state 2 inactive
}

test_status_and_journal_explain() {
        systemctl status "$(vgpu_unit 0)" >/tmp/status || :
        cat /tmp/status
        contains "vGPU SIM S1-12Q on $(vf 0)" </tmp/status
        contains "Status: \"Type SIM S1-12Q on card $card\"" </tmp/status
        vgpu_logged 0 "$(vf 0): type SIM S1-12Q (502) set on card $card, 1 attributes set"
        equal "$(systemctl is-enabled "$(vgpu_unit 0)")" enabled-runtime
        equal "$(systemctl is-enabled "$(vgpu_unit 2)" || :)" disabled
}

test_stop_start_and_restart() {
        systemctl stop "$(vgpu_unit 0)"
        type_is 0 0
        systemctl start "$(vgpu_unit 0)" "$(vgpu_unit 2)"
        type_is 0 502
        type_is 2 502
        # Others take the type back without an event.
        echo 0 >"$pci/$(vf 2)/nvidia/current_vgpu_type"
        vgpu_state 2 active
        systemctl restart "$(vgpu_unit 2)"
        type_is 2 502
        systemctl stop "$(vgpu_unit 2)"
        type_is 2 0
        systemctl mask --runtime "$(vgpu_unit 2)"
        fails systemctl start "$(vgpu_unit 2)"
        systemctl unmask --runtime "$(vgpu_unit 2)"
}

test_open_function_keeps_its_type() {
        local proposed
        for proposed in Y N; do
                echo $proposed >$parameters/proposed
                hold_vf 1
                mdevctl status >/tmp/status
                grep -E "$(vf 1) .* active +group [0-9]+ +used by hold-device \($holder\)" /tmp/status
                equal "$(grep -c 'used by' /tmp/status)" 1
                mdevctl status -p "$(vf 1)" >/tmp/status
                contains "Unit: $(vgpu_unit 1); active (exited)" </tmp/status
                contains "In use by: hold-device ($holder)" </tmp/status
                mdevctl status --json >/tmp/status
                equal "$(grep -c '"in_use": true' /tmp/status) $(grep -c '"in_use": false' /tmp/status)" "1 3"
                fails systemctl stop "$(vgpu_unit 1)" || vgpu_state 1 failed
                vgpu_state 1 failed
                type_is 1 502
                vgpu_logged 1 "in use by hold-device ($holder); stop that first"
                mdevctl status | contains "failed, but the function has a type"
                let_go
                systemctl start "$(vgpu_unit 1)"
                vgpu_logged 1 "had type 502 already"
                echo 2 >$parameters/linger
                systemctl stop "$(vgpu_unit 1)"
                type_is 1 0
                equal "$(<$parameters/linger)" 0
                mdevctl status | grep -E "$(vf 1) .* inactive"
                systemctl start "$(vgpu_unit 1)"
        done
        all_up
}

# refused NUMBER TYPE TEXT...: the start fails, and the journal has the texts.
refused() {
        local number=$1 text
        vgpu "$number" "$2" manual
        systemctl daemon-reload
        fails systemctl start "$(vgpu_unit "$number")"
        vgpu_state "$number" failed
        for text in "${@:3}"; do
                vgpu_logged "$number" "$text"
        done
        systemctl reset-failed "$(vgpu_unit "$number")"
}

# The helper asks the card for its list first, so the kind of the driver's errors does not matter here.
test_refusals() {
        local before
        refused 2 "SIM S2-4Q" "card $card cannot create type SIM S2-4Q now; it offers SIM S1-12Q (502)"
        refused 2 "SIM S1-24Q" "cannot create type SIM S1-24Q now"
        refused 2 999 "cannot create type 999 now"
        type_is 2 0
        echo 36 >$parameters/room
        refused 2 "SIM S1-12Q" "it offers no type, because it is full"
        echo 48 >$parameters/room
        echo 502 >"$pci/$(vf 2)/nvidia/current_vgpu_type"
        # Its own list is empty now, and the full card's others are, too.
        before=$(<"$pci/$(vf 3)/nvidia/current_vgpu_type")
        equal "$before" 502
        refused 2 503 "has type 502 already, but $definitions_of_vgpus/$(vf 2) defines type 503; nothing changed"
        type_is 2 502
        echo 0 >"$pci/$(vf 2)/nvidia/current_vgpu_type"
        vgpu 2 502 manual '{"vgpu_params": "no equals sign"}'
        fails systemctl start "$(vgpu_unit 2)"
        type_is 2 0
        vgpu_logged 2 'attribute 1 of 1, vgpu_params, did not take the value "no equals sign": Invalid argument; correct the definition'
        vgpu 2 "SIM S1-12Q" manual
        systemctl reset-failed "$(vgpu_unit 2)"
        systemctl daemon-reload
}

test_sizes_of_a_card_that_mixes_them() {
        local number
        local -a before=("$definitions_of_vgpus"/*)
        mkdir /tmp/before
        cp "${before[@]}" /tmp/before
        vgpu 0 "SIM S1-24Q" auto '{"placement_id": "0"}'
        vgpu 1 "SIM S1-4Q" auto '{"placement_id": "24"}'
        vgpu 3 "SIM S1-12Q" auto '{"placement_id": "32"}, {"vgpu_params": "enable_uvm=1"}'
        systemctl daemon-reload
        echo Y >$parameters/mixed
        again
        eventually 60 eval 'type_is 3 502 && vgpu_state 3 active'
        type_is 0 503
        type_is 1 501
        for number in 0 1 3; do
                vgpu_state $number active
                cat "$pci/$(vf $number)/nvidia/placement_id"
        done >/tmp/placements
        equal "$(paste -sd ' ' /tmp/placements)" "0 24 32"
        in_order 0 1 3
        # 8 GB are free.
        refused 2 "SIM S1-24Q" "cannot create type SIM S1-24Q now; it offers SIM S1-4Q (501)"

        # Without the mode, a function has no place.
        echo N >$parameters/mixed
        systemctl stop "$(vgpu_unit 0)" "$(vgpu_unit 1)" "$(vgpu_unit 3)"
        fails systemctl start "$(vgpu_unit 0)"
        vgpu_logged 0 'attribute 1 of 1, placement_id, did not take the value "0": Operation not permitted'
        type_is 0 0

        # And the first function decides about the size of the others.
        vgpu 0 "SIM S1-12Q"
        vgpu 1 "SIM S1-24Q"
        vgpu 3 "SIM S1-12Q"
        systemctl daemon-reload
        again
        eventually 60 eval 'type_is 3 502 && vgpu_state 3 active'
        type_is 0 502
        type_is 1 0
        vgpu_state 1 failed
        vgpu_logged 1 "cannot create type SIM S1-24Q now; it offers SIM S1-12Q (502)"
        mdevctl check >/tmp/check || :
        grep "$(vf 1): .*vgpu-exceeded" /tmp/check
        cp /tmp/before/* "$definitions_of_vgpus"
        systemctl daemon-reload
        again
        all_up
}

# The physical function, and a device that has no functions.
test_wrong_devices_are_named() {
        local device
        for device in $card 0000:00:1f.2; do
                mdevctl vgpu define "$device" -t 502 2>/tmp/warning
                contains "$device is not a virtual function of SR-IOV" </tmp/warning
                eventually 30 eval 'systemctl cat vgpu@$device.service | contains SourcePath'
                fails systemctl start "vgpu@$device.service"
                journalctl --sync
                journalctl -o cat -u "vgpu@$device.service" |
                        contains "$device: is not a virtual function of SR-IOV, and only such a function can be a vGPU"
                mdevctl status | grep -E "$device .* failed"
                mdevctl vgpu undefine "$device"
                systemctl reset-failed "vgpu@$device.service"
        done
        all_up
}

test_types_return_with_the_functions() {
        local round
        echo 0 >$pci/$card/sriov_numvfs
        eventually 30 vgpu_state 0 inactive
        echo 3000 >$parameters/late_ms
        echo 4 >$pci/$card/sriov_numvfs
        all_up
        echo 0 >$parameters/late_ms
        for ((round = 0; round < $(given rounds 3); round++)); do
                again
                all_up
        done
}

# How long the last start took, in ms.
start_took() { # NUMBER
        echo $((($(when ExecMainExit "$1") - $(when ExecMainStart "$1")) / 1000))
}

test_functions_share_the_limit_for_the_directory() {
        local number
        echo 3600000 >$parameters/late_ms
        again
        for number in 0 1 3; do
                eventually 60 vgpu_state $number failed
                vgpu_logged $number "has no directory nvidia/ after 3"
        done
        in_order 0 1 3
        [ "$(start_took 0)" -gt 25000 ]
        [ $(($(start_took 0) + $(start_took 1) + $(start_took 3))) -lt 33000 ]
        fails systemctl start "$(vgpu_unit 0)"
        [ "$(start_took 0)" -lt 1000 ]
        # The function is old, but its driver is not.
        echo 2000 >$parameters/late_ms
        vf 0 >/sys/bus/pci/drivers/nvidia/unbind
        vf 0 >/sys/bus/pci/drivers/nvidia/bind
        systemctl start "$(vgpu_unit 0)"
        type_is 0 502
        [ "$(start_took 0)" -gt 500 ]
        echo 0 >$parameters/late_ms
        again
        all_up
}

test_no_directory_names_the_driver() {
        systemctl stop "$(vgpu_unit 3)"
        modprobe vfio-pci
        echo vfio-pci >"$pci/$(vf 3)/driver_override"
        vf 3 >/sys/bus/pci/drivers/nvidia/unbind
        vf 3 >/sys/bus/pci/drivers_probe
        fails systemctl start "$(vgpu_unit 3)"
        vgpu_logged 3 "has no directory nvidia/ after 30 s; driver vfio-pci is bound to it"
        again
        all_up
}

test_killed_helpers_leave_nothing_half_done() {
        local kill
        echo 100 >$parameters/set_ms
        for ((kill = 0; kill < $(given kills 3); kill++)); do
                systemctl stop "$(vgpu_unit 0)"
                type_is 0 0
                systemctl start --no-block "$(vgpu_unit 0)"
                nap "0.$(printf %03d $((kill * 67 % 300)))"
                systemctl kill -s KILL "$(vgpu_unit 0)" 2>/dev/null || :
                eventually 30 vgpu_state 0 active failed inactive
                equal "$(systemctl show -P Job "$(vgpu_unit 0)")" ''
                if vgpu_state 0 active; then type_is 0 502; else type_is 0 0; fi
                systemctl reset-failed "$(vgpu_unit 0)" 2>/dev/null || :
                systemctl start "$(vgpu_unit 0)"
        done
        echo 0 >$parameters/set_ms
        all_up
}

test_removed_definition_leaves_the_type_until_the_unit_stops() {
        mv "$definitions_of_vgpus/$(vf 0)" /tmp/definition
        udevadm trigger --settle "$pci/$(vf 0)"
        vgpu_state 0 active
        systemctl daemon-reload
        type_is 0 502
        systemctl stop "$(vgpu_unit 0)"
        type_is 0 0
        mv /tmp/definition "$definitions_of_vgpus/$(vf 0)"
        # The monitor sees it and reloads systemd.
        eventually 30 eval 'systemctl cat "$(vgpu_unit 0)" | contains SourcePath'
        udevadm trigger --settle "$pci/$(vf 0)"
        systemctl start "$(vgpu_unit 0)"
        all_up
}

# Removes the definition of function 2, and udev's and systemd's memory of it.
forget_2() {
        rm "$definitions_of_vgpus/$(vf 2)"
        systemctl daemon-reload
        udevadm trigger --settle "$pci/$(vf 2)"
        eventually 30 fails systemctl is-active "$(function_unit 2)"
}

# A function that is there already gets its device unit, so that a start need not wait for one.
test_mdevctl_defines_a_present_function() {
        forget_2
        mdevctl vgpu define "$(vf 2)" --type "SIM S1-12Q"
        udevadm settle
        eventually 30 eval 'systemctl cat "$(vgpu_unit 2)" | contains SourcePath'
        eventually 30 systemctl is-active "$(function_unit 2)"
        systemctl start "$(vgpu_unit 2)"
        type_is 2 502
        mdevctl vgpu list | contains "$(vf 2)"
        mdevctl status >/tmp/status
        cat /tmp/status
        contains "$(vf 2)" </tmp/status
        contains $card </tmp/status
        mdevctl check
        systemctl stop "$(vgpu_unit 2)"
        type_is 2 0
        systemctl enable "$(vgpu_unit 2)"
        equal "$(systemctl is-enabled "$(vgpu_unit 2)")" enabled
        # The target wants what systemctl enables, too.
        systemctl start mdev.target
        vgpu_state 2 active
        type_is 2 502
        systemctl stop mdev.target "$(vgpu_unit 2)"
        type_is 2 0
        mdevctl vgpu undefine "$(vf 2)"
        equal "$(find /etc/systemd -name "$(vgpu_unit 2)")" ''
        vgpu 2 "SIM S1-12Q" manual
}

# The monitor does what mdevctl vgpu define does. Neither starts a vGPU.
test_files_written_by_hand_count_at_once() {
        forget_2
        vgpu 2 "SIM S1-12Q"
        eventually 30 eval 'systemctl cat "$(vgpu_unit 2)" | contains SourcePath'
        eventually 30 systemctl is-active "$(function_unit 2)"
        nap 2
        vgpu_state 2 inactive
        type_is 2 0
        systemctl start "$(vgpu_unit 2)"
        type_is 2 502
        systemctl stop "$(vgpu_unit 2)"
        vgpu 2 "SIM S1-12Q" manual
        eventually 30 fails systemctl is-enabled "$(vgpu_unit 2)"
}

# Units are active where the functions have their types, and nowhere else.
agree_on_types() {
        local number
        for number in 0 1 2 3; do
                if vgpu_state $number active; then
                        type_is $number 502 || return 1
                elif [ -e "$pci/$(vf $number)" ]; then
                        type_is $number 0 || return 1
                fi
        done
}

settled() {
        ! list_units 'vgpu@*' | grep -E ' (de|)activating ' && agree_on_types
}

test_random_events() {
        local event number seed events
        seed=$(given seed 21)
        events=$(given events 15)
        RANDOM=$seed
        for ((event = 1; event <= events; event++)); do
                number=$((RANDOM % 4))
                case $((RANDOM % 10)) in
                0 | 1) systemctl start --no-block "$(vgpu_unit $number)" ;;
                2 | 3) systemctl stop --no-block "$(vgpu_unit $number)" ;;
                4) systemctl restart --no-block "$(vgpu_unit $number)" ;;
                5) again ;;
                6) echo $((RANDOM % 400)) >$parameters/late_ms ;;
                7) systemctl kill -s KILL "$(vgpu_unit $number)" 2>/dev/null || : ;;
                8) udevadm trigger "$pci/$(vf $number)" 2>/dev/null || : ;;
                9) systemctl daemon-reload ;;
                esac
                nap "0.$((RANDOM % 3))"
                if [ $((event % 10)) = 0 ]; then
                        udevadm settle
                        systemctl reset-failed 'vgpu@*' 2>/dev/null || :
                        eventually 60 settled || { note "seed $seed, event $event" && return 1; }
                fi
        done
        note "seed $seed: $events events"
        echo 0 >$parameters/late_ms
        systemctl stop "$(vgpu_unit 2)"
        again
        all_up
}

test_functions_that_are_open_leave() {
        hold_vf 0
        # The driver waits for the process before it lets the function go. With Linux 6.1, all who read the
        # function's uevent wait, too, even journald; so the test does nothing else meanwhile.
        (nap 1 && kill "$holder") &
        echo 0 >$pci/$card/sriov_numvfs
        wait
        echo 4 >$pci/$card/sriov_numvfs
        all_up
}
