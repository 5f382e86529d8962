# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Everything at once, at random, and parents that leave in the midst of it
#
# Words on the kernel command line, see CONTRIBUTING.md:
#
#   seed=NUMBER    the events follow from it
#   events=NUMBER  how many of them
#   leaves=NUMBER  how often a parent leaves while its devices are being made
#
# suites: bookworm
# full: events=500 leaves=50
# full-seconds: 7200

sim=/sys/class/mdev_sim
sysfs=/sys/module/mdev_sim/parameters

before_boot() {
        local number
        for number in {1..40}; do
                define_number "$number"
        done
}

# The definition with a number is always the same: every second one starts by itself, on one of four parents.
define_number() {
        local start=manual
        [ $(($1 % 2)) = 0 ] || start=auto
        define "sim$(($1 / 2 % 4))" "$1" mdev_sim-small "$start" '{"sim/a": "1"}, {"sim/b": "2"}'
}

# event NUMBER KIND: something that happens to a device. Those above 40 are never defined.
event() {
        local number=$1 kind=$2 parent unit device
        parent=sim$((number / 2 % 4))
        unit=$(unit "$number")
        device=$(uuid "$number")
        echo "storm: $kind $number" >/dev/kmsg
        case $kind in
        [0-3]) systemctl --no-block start "$unit" ;;
        [4-7]) systemctl --no-block stop "$unit" ;;
        [8-9]) systemctl --no-block restart "$unit" ;;
        10) systemctl enable "$unit" ;;
        11) systemctl disable "$unit" ;;
        1[2-4]) [ "$number" -gt 40 ] || define_number "$number" ;;
        1[56]) rm -f "$definitions/$parent/$device" ;;
        1[7-9] | 20) echo "$device" >"/sys/class/mdev_bus/$parent/mdev_supported_types/mdev_sim-small/create" ;;
        2[1-4]) echo 1 >"$devices/$device/remove" ;;
        25) echo 0 >"$sim/$parent/registered" ;;
        2[67]) echo 1 >"$sim/$parent/registered" ;;
        28) systemctl daemon-reload ;;
        29) udevadm trigger --action=change ;;
        30) udevadm trigger --action=add --subsystem-match=mdev ;;
        31) systemctl restart systemd-udevd ;;
        32) pkill -KILL mdev-monitor ;;
        esac 2>/dev/null || :
}

parents_return() {
        local parent
        for parent in "$sim"/*; do
                echo 1 >"$parent/registered"
        done
}

no_jobs() {
        [ -z "$(systemctl list-jobs --no-legend | tee /tmp/jobs)" ] || { cat /tmp/jobs && return 1; }
}

# A restarted udevd forgets the events that it has not begun to process.
test_udev_forgets_events() {
        modprobe mdev-sim parents=4 instances=24
        quiet 60
        agree
        state 1 active
        state 3 active
        udevadm control --stop-exec-queue
        echo 1 >"$devices/$(uuid 1)/remove"
        uuid 41 >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        echo 0 >$sim/sim1/registered
        systemctl restart systemd-udevd
        eventually 30 state 41 active
        eventually 30 state 1 inactive
        eventually 30 state 3 inactive
        udevadm control --stop-exec-queue
        echo 1 >$sim/sim1/registered
        systemctl restart systemd-udevd
        eventually 30 state 3 active
        quiet 60
        agree
}

test_storm() {
        local number until_pause=0 events seed which kind
        events=$(given events 20)
        seed=$(given seed 98)
        RANDOM=$seed
        for ((number = 1; number <= events; number++)); do
                # Not within the command that is sent to the background: it has its own RANDOM.
                which=$((RANDOM % 44 + 1))
                kind=$((RANDOM % 33))
                event $which $kind &
                nap "0.$((RANDOM % 4))"
                if [ $((until_pause++)) = 24 ] || [ "$number" = "$events" ]; then
                        until_pause=0
                        wait
                        [ "$number" -lt "$events" ] || parents_return
                        note "seed $seed: $number events in $SECONDS s, $(echo "$devices"/* | wc -w) devices"
                        quiet 60
                        agree
                fi
        done
        eventually 30 no_jobs
}

all_active() {
        [ "$(list_units | grep -c ' active ')" = 20 ]
}

# All twenty are active again, or it is shown why not.
await_all_active() {
        local number
        eventually 60 all_active && eventually 60 no_jobs && return
        for number in {1..20}; do
                state "$number" active || story "$(uuid "$number")" 20
        done
        return 1
}

# Either the parent stays away until all has settled, or it returns at once.
test_parents_leave_while_devices_are_made() {
        local number leaves device made enough seed
        leaves=$(given leaves 2)
        seed=$(given seed 98)
        modprobe -r mdev-sim
        quiet 60
        rm -rf "${definitions:?}"/sim*
        for number in {1..20}; do
                define sim0 "$number" mdev_sim-small auto '{"sim/a": "1"}'
        done
        systemctl daemon-reload
        modprobe mdev-sim parents=1 instances=20
        RANDOM=$seed
        for ((number = 1; number <= leaves; number++)); do
                quiet 60 # or all are active still, since before the parent left
                await_all_active
                agree
                echo 0 >$sim/sim0/registered
                quiet 60
                agree
                enough=$((RANDOM % 20))
                echo $((RANDOM % 500 + 100)) >$sysfs/probe_ms
                echo 1 >$sim/sim0/registered
                made=0
                while [ $made -lt $enough ]; do
                        made=0
                        for device in "$devices"/*; do
                                [ ! -e "$device" ] || made=$((made + 1))
                        done
                        nap 0.01
                done
                nap "0.$((RANDOM % 10))"
                echo 0 >$sim/sim0/registered
                echo 0 >$sysfs/probe_ms
                if [ $((number % 2)) = 1 ]; then
                        quiet 60
                        agree
                        equal "$(echo "$devices"/*)" "$devices/*"
                        no_jobs
                fi
                echo 1 >$sim/sim0/registered
                note "seed $seed: left $number times, with $made devices"
        done
        quiet 60
        await_all_active
        agree
        note "all returned"
        for device in "$devices"/*; do
                equal "$(<"$device/sim/log")" a=1
        done
}
