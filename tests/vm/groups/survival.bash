# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Helpers that are killed, and users who hold on to their devices
#
# Words on the kernel command line, see CONTRIBUTING.md:
#
#   seed=NUMBER   what is killed when follows from it, as far as time does
#   kills=NUMBER  how many helpers are killed at random points
#
# suites: trixie
# full: kills=200
# full-seconds: 7200

sysfs=/sys/module/mdev_sim/parameters
scripts=/usr/lib/mdevctl/scripts.d/callouts

before_boot() {
        local number
        for number in {1..10}; do
                define sim0 "$number" mdev_sim-small manual '{"sim/a": "1"}, {"sim/again": "4"}, {"sim/b": "2"}'
        done
        define sim0 11 mdev_sim-small manual '{"sim/a": "1"}, {"sim/again": "1000"}, {"sim/b": "2"}'
        define sim0 12 mdev_sim-small manual '{"sim/errno": "5"}'
}

# The process of the helper in a control group, in $pid; fails if there is none.
find_helper_in() { # DIRECTORY
        local comm
        while read -r pid; do
                comm=$(<"/proc/$pid/comm") || continue
                [ "$comm" != mdev-helper ] || return 0
        done <"$1/cgroup.procs"
        return 1
} 2>/dev/null

find_helper() { # NUMBER
        find_helper_in "/sys/fs/cgroup/system.slice/$(unit "$1")"
}

# The device is there with all its attributes.
is_whole() { # NUMBER
        equal "$(<"$devices/$(uuid "$1")/sim/log")" $'a=1\nagain=4\nb=2'
}

# No unit is active without a whole device, and none has failed without a cause.
agree_on_whole_devices() {
        local name active uuid
        quiet 60
        systemctl reset-failed 'mdev@*' # a kill needs no further cause
        while read -r name _ active _; do
                uuid=${name#mdev@}
                uuid=${uuid%.service}
                case $active in
                active) is_whole "$((10#${uuid##*-}))" || { story "$uuid" && return 1; } ;;
                inactive) ;;
                *) echo "$name is $active" && story "$uuid" && return 1 ;;
                esac
        done < <(list_units)
}

# A start succeeds, or says why not; then the next one does.
recover() { # NUMBER...
        local number since=$EPOCHSECONDS
        for number in "$@"; do
                systemctl start "$(unit "$number")" && continue
                journalctl --sync
                journalctl -q -t mdev-helper -p err -o cat --since "@$since" | contains "$(uuid "$number"): "
                systemctl start "$(unit "$number")" || { story "$(uuid "$number")" && return 1; }
        done
        for number in "$@"; do
                state "$number" active
                is_whole "$number"
        done
}

test_helpers_killed_at_random() {
        local kills killed=0 seed units=() number verb=start in_batch busy was_busy end pid
        shopt -s nullglob
        kills=$(given kills 3)
        seed=$(given seed 1)
        RANDOM=$seed
        modprobe mdev-sim instances=20
        eventually 30 systemctl is-active -q sys-class-mdev_bus-sim0.device
        for number in {1..10}; do
                units+=("$(unit "$number")")
        done
        while [ $killed -lt "$kills" ]; do
                echo $((RANDOM % 4 * 50)) >$sysfs/probe_ms
                systemctl --no-block $verb "${units[@]}"
                in_batch=0
                end=$((SECONDS + 20))
                # A unit has a control group as long as it has a process.
                busy=()
                while [ $in_batch -lt 6 ] && [ $SECONDS -lt $end ]; do
                        was_busy=${#busy[@]}
                        busy=(/sys/fs/cgroup/system.slice/mdev@*)
                        [ "$was_busy" = 0 ] || [ ${#busy[@]} -gt 0 ] || break
                        nap "0.0$((RANDOM % 10))"
                        if [ ${#busy[@]} -gt 0 ] && find_helper_in "${busy[RANDOM % ${#busy[@]}]}" &&
                                kill -KILL "$pid" 2>/dev/null; then
                                in_batch=$((in_batch + 1))
                        fi
                done
                killed=$((killed + in_batch))
                note "seed $seed: killed $killed in $verb"
                agree_on_whole_devices
                recover {1..10}
                case $((RANDOM % 3)) in
                0) verb=stop ;;
                1) verb=restart ;;
                2)
                        systemctl stop "${units[@]}"
                        verb=start
                        ;;
                esac
        done
}

# killed_at NUMBER VERB CONDITION...: starts or stops a unit and kills its helper once the condition holds.
killed_at() {
        local number=$1 verb=$2 pid
        shift 2
        note "killed at: $*"
        systemctl --no-block "$verb" "$(unit "$number")"
        eventually 20 "$@"
        find_helper "$number"
        kill -KILL "$pid"
        # A device that was complete by then is adopted at once.
        eventually 30 state "$number" failed active
}

# While a script sleeps in that action and event, a file tells: slow ACTION-EVENT
slow() {
        rm -f /tmp/slow-* /tmp/in-*
        [ $# = 0 ] || : >"/tmp/slow-$1"
}

# The process is stopped when it comes back from the kernel, between creation and attributes.
has_created_and_no_more() { # NUMBER
        local pid
        exists "$1" || return
        ! find_helper "$1" || kill -STOP "$pid"
        [ -e "$devices/$(uuid "$1")/mdev_type" ]
}

# The same between two attributes.
is_writing_and_no_more() { # NUMBER
        [[ $(cat "$devices/$(uuid "$1")/sim/log" 2>/dev/null) == a=1* ]] && find_helper "$1" && kill -STOP "$pid"
}

# While the driver takes its time to remove the device: is_removing NUMBER STATE
is_removing() {
        [ "$(systemctl show -P SubState "$(unit "$1")")" = "$2" ] && find_helper "$1" &&
                grep -q '^State:.*D' /proc/"$pid"/task/*/status
}

test_helpers_killed_at_each_step() {
        systemctl stop 'mdev@*'
        echo 0 >$sysfs/probe_ms
        mkdir -p $scripts
        printf '#!/bin/sh\n[ ! -e "/tmp/slow-$6-$4" ] || { : >"/tmp/in-$6-$4"; exec sleep 30; }\n' >$scripts/slow
        chmod +x $scripts/slow

        slow start-pre
        killed_at 1 start test -e /tmp/in-start-pre
        gone 1
        slow
        echo 2000 >$sysfs/probe_ms
        killed_at 1 start noted 1 creating
        gone 1
        killed_at 1 start has_created_and_no_more 1
        gone 1
        echo 0 >$sysfs/probe_ms
        killed_at 11 start is_writing_and_no_more 11
        gone 11
        recover 1
        systemctl stop "$(unit 1)"

        # From here on the device is complete, and the next start takes it.
        slow start-post
        killed_at 1 start test -e /tmp/in-start-post
        slow
        recover 1
        slow stop-pre
        killed_at 1 stop test -e /tmp/in-stop-pre
        # Nobody starts again what somebody wanted to stop.
        quiet 30
        state 1 failed
        exists 1
        slow
        recover 1
        slow stop-post
        killed_at 1 stop test -e /tmp/in-stop-post
        gone 1
        slow
        recover 1
        echo 4000 >$sysfs/remove_ms
        killed_at 1 stop is_removing 1 stop-post
        echo 0 >$sysfs/remove_ms
        gone 1
        recover 1
        # A transient definition ends with its device, whoever sees the end.
        mdevctl start -u "$(uuid 30)" -p sim0 -t mdev_sim-small
        exists 30
        test -e "/run/mdevctl.d/sim0/$(uuid 30)"
        echo 4000 >$sysfs/remove_ms
        killed_at 30 stop is_removing 30 stop-post
        echo 0 >$sysfs/remove_ms
        gone 30
        eventually 30 test ! -e "/run/mdevctl.d/sim0/$(uuid 30)"
        rm $scripts/slow
}

# The remains of a stop must not affect a device that another process creates.
test_stop_of_a_failed_start_killed() {
        local inode
        echo 4000 >$sysfs/remove_ms
        killed_at 12 start is_removing 12 stop-post
        echo 0 >$sysfs/remove_ms
        gone 12
        eventually 30 test ! -e "/run/mdev-generator/$(uuid 12)"
        quiet 30
        uuid 12 >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        inode=$(stat -L -c %i "$devices/$(uuid 12)")
        eventually 30 state 12 active
        quiet 30
        state 12 active
        equal "$(stat -L -c %i "$devices/$(uuid 12)")" "$inode"
        systemctl stop "$(unit 12)"
}

nothing_hangs() {
        ! grep -E '^State:.*D' /proc/[0-9]*/status 2>/dev/null
}

# still_held WHAT: after that, the holder has its device, and nothing hangs.
still_held() {
        quiet 60
        note "held after: $1"
        kill -0 "$holder"
        equal "$(stat -L -c %i "$devices/$(uuid 1)")" "$held_inode"
        eventually 5 nothing_hangs
}

test_a_device_in_use_is_kept() {
        local file
        modprobe vfio_iommu_type1
        systemctl start "$(unit 1)"
        hold 1
        held_inode=$(stat -L -c %i "$devices/$(uuid 1)")
        systemctl stop "$(unit 1)"
        still_held stop
        systemctl start "$(unit 1)"
        systemctl restart "$(unit 1)"
        still_held restart
        fails mdevctl stop -u "$(uuid 1)"
        still_held 'mdevctl stop'
        mdevctl undefine -u "$(uuid 1)"
        systemctl daemon-reload
        still_held 'undefine and reload'
        systemctl stop "$(unit 1)"
        still_held 'stop without a definition'
        define sim0 1 mdev_sim-small manual
        systemctl start "$(unit 1)"
        for file in "+mdev:$(uuid 1)" +mdev_sim:sim0; do
                rm -f "/run/udev/data/$file" # a device that was not adopted has none
                systemctl daemon-reload
                still_held "loss of udev's entry $file and reload"
                udevadm trigger --action=change
                udevadm settle
                systemctl start "$(unit 1)"
                state 1 active
        done
        systemctl daemon-reexec
        systemctl restart systemd-udevd
        still_held 'restart of udev and systemd'
        state 1 active
        kill "$holder"
        wait "$holder" || :
        systemctl stop "$(unit 1)"
        gone 1
}
