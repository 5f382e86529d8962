# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Jobs that wait, contradict each other or change under way, parents that take
# turns, and resources that run out
#
# Held elsewhere: a stop during a slow start (attributes), a masked unit
# (lifecycle, mdevctl), a transient EAGAIN of an attribute (attributes), the
# timeout of a start (attributes).
#
# suites: bookworm

# Variables of lib.bash.
# shellcheck disable=SC2154

missing=sys-class-mdev_bus-sim9.device

# What an attribute or a creation may be refused with: number and text of the errno, and the advice.
refusals=(
        "5:Input/output error:see the kernel log for the driver's reason"
        '11:Resource temporarily unavailable:the driver or its hardware is busy, start again later'
        '16:Device or resource busy:the driver or its hardware is busy, start again later'
        '28:No space left on device:stop another device of this parent first'
        '87:Too many users:stop another device of this parent first'
)

before_boot() {
        local number=20 refusal
        define sim0 1 mdev_sim-small manual
        define sim0 2 mdev_sim-small auto
        define sim0 3 mdev_sim-small auto
        define sim1 3 mdev_sim-small auto
        define sim9 4 mdev_sim-small manual
        define sim0 5 mdev_sim-small manual
        define sim0 6 mdev_sim-small manual '{"sim/a": "1"}'
        for refusal in "${refusals[@]}"; do
                define sim1 $((number++)) mdev_sim-small manual '{"sim/errno": "'"${refusal%%:*}"'"}'
        done
        mkdir -p "$definitions/sim9" "$1/etc/systemd/system/$missing.d"
        printf '[Unit]\nJobRunningTimeoutSec=2s\n' >"$1/etc/systemd/system/$missing.d/timeout.conf"
}

parameter() { # NAME VALUE
        echo "$2" >"/sys/module/mdev_sim/parameters/$1"
}

registered() { # PARENT 0|1
        echo "$2" >"/sys/class/mdev_sim/$1/registered"
}

parent_of() { # NUMBER
        basename "$(dirname "$(readlink -f "$devices/$(uuid "$1")")")"
}

# Prints the journal of the units: journal NUMBER...
journal() {
        local number units=()
        for number in "$@"; do
                units+=(-u "$(unit "$number")")
        done
        journalctl --sync
        journalctl -o cat "${units[@]}"
}

test_two_parents_that_take_turns() {
        local inode
        modprobe mdev-sim parents=3
        eventually 30 state 2 active
        eventually 30 state 3 failed
        logged 3 'defined under parent sim0 and under parent sim1, and both are registered; remove one of the definitions'
        registered sim0 0
        registered sim1 0
        eventually 30 state 2 inactive
        systemctl reset-failed "$(unit 3)"
        registered sim1 1
        eventually 30 state 3 active
        equal "$(parent_of 3)" sim1
        inode=$(stat -L -c %i "$devices/$(uuid 3)")
        registered sim0 1
        eventually 30 state 2 active
        state 3 active
        equal "$(stat -L -c %i "$devices/$(uuid 3)")" "$inode"
        registered sim1 0
        eventually 30 state 3 inactive
        systemctl start "$(unit 3)"
        equal "$(parent_of 3)" sim0
        registered sim1 1
        systemctl stop "$(unit 3)"
}

test_a_missing_parent_ends_the_wait() {
        fails systemctl start "$(unit 4)" 2>/tmp/text
        cat /tmp/text
        grep -q 'dependency job' /tmp/text
        state 4 inactive
        equal "$(systemctl show -P Result "$(unit 4)")" success
        equal "$(systemctl list-jobs --no-legend)" ''
        logged 4 'Dependency failed'
}

test_start_during_a_slow_stop() {
        local inode
        systemctl start "$(unit 1)"
        settle
        inode=$(stat -L -c %i "$devices/$(uuid 1)")
        echo 2000 >/sys/module/mdev_sim/parameters/remove_ms
        systemctl --no-block stop "$(unit 1)"
        eventually 10 state 1 deactivating
        systemctl --no-block start "$(unit 1)"
        state 1 deactivating
        echo 0 >/sys/module/mdev_sim/parameters/remove_ms
        eventually 30 state 1 active
        settle
        sleep 1
        state 1 active
        fails equal "$(stat -L -c %i "$devices/$(uuid 1)")" "$inode"
        equal "$(systemctl list-jobs --no-legend)" ''
        systemctl stop "$(unit 1)"
        gone 1
}

# Whoever loads a driver again right after a definition need not wait for the reload. It starts nothing else.
test_a_parent_returns_before_the_reload() {
        define sim1 41 mdev_sim-small auto
        eventually 30 eval 'systemctl cat "$(unit 41)" | contains SourcePath'
        state 41 inactive
        define sim2 42 mdev_sim-small auto
        registered sim2 0
        eventually 30 fails systemctl -q is-active sys-class-mdev_bus-sim2.device
        registered sim2 1
        eventually 30 systemctl -q is-active sys-class-mdev_bus-sim2.device
        fails eval 'systemctl cat "$(unit 42)" | contains SourcePath'
        eventually 30 state 42 active
        exists 42
        quiet 60
        state 41 inactive
        systemctl stop "$(unit 42)"
        rm "${definitions:?}/sim1/$(uuid 41)" "$definitions/sim2/$(uuid 42)"
        eventually 30 fails eval 'systemctl cat "$(unit 42)" | contains SourcePath'
}

# A start that finds its parent returned is stopped when systemd, being late, hears of the loss before that.
# systemd hears nothing as long as it waits for a generator. The parent has no other device, for
# which udev would wait for systemd.
loss_is_heard_of_late() {
        local drop_in
        define sim2 30 mdev_sim-small auto
        drop_in=/run/systemd/system/$(unit 30).d
        mkdir -p "$drop_in" /run/systemd/system-generators
        printf '[Service]\nExecStart=\nExecStart=sh -c "sleep 8; exec %s start %%i"\n' \
                "$(systemctl show -P ExecStopPost "$(unit 30)" | sed 's/^.*path=\([^ ]*\).*/\1/')" >"$drop_in/slow.conf"
        printf '#!/bin/sh\n[ ! -e /run/late ] || exec sleep 16\n' >/run/systemd/system-generators/late
        chmod +x /run/systemd/system-generators/late
        systemctl daemon-reload
        registered sim2 0
        quiet 60
        registered sim2 1
        eventually 30 state 30 activating
        : >/run/late
        systemctl daemon-reload &
        sleep 1
        registered sim2 0
        udevadm settle
        registered sim2 1
        udevadm settle
        gone 30
        wait $!
        rm /run/late
        quiet 60
        state 30 active
        exists 30
        rm -r /run/systemd/system-generators/late "$drop_in" "${definitions:?}/sim2/$(uuid 30)"
        systemctl daemon-reload
        systemctl stop "$(unit 30)"
}

test_a_loss_that_systemd_hears_of_late() {
        loss_is_heard_of_late
}

# Then the start has made the device on the returned parent already.
test_a_loss_that_systemd_hears_of_late_during_a_slow_script() {
        local scripts=/usr/lib/mdevctl/scripts.d/callouts
        mkdir -p $scripts
        printf '#!/bin/sh\n[ "$6-$4-${10}" != "start-post-%s" ] || [ -e /tmp/was-slow ] || { : >/tmp/was-slow; exec sleep 40; }\n' \
                "$(uuid 30)" >$scripts/slow
        chmod +x $scripts/slow
        loss_is_heard_of_late
        rm $scripts/slow
        test -e /tmp/was-slow
        logged 30 'stopped after the device was created'
}

# As long as the stop waits that the loss of the parent asks for, a start can take its place. The unit must not
# stay active for that until the parent returns, for then it would stay so without a device.
test_start_after_a_loss_of_which_the_stop_waits() {
        local inode
        define sim2 30 mdev_sim-small manual
        slow_user 30 5
        inode=$(stat -L -c %i "$devices/$(uuid 30)")
        registered sim2 0
        eventually 30 has_job 30
        systemctl --no-block start "$(unit 30)"
        sleep 8
        gone 30
        state 30 inactive
        registered sim2 1
        systemctl start "$(unit 30)"
        exists 30
        fails equal "$(stat -L -c %i "$devices/$(uuid 30)")" "$inode"
        systemctl stop "$(unit 30)"
}

# udev must not wait for that user: it keeps back what happens to the parent meanwhile.
test_the_parent_returns_before_a_slow_user_has_stopped() {
        local number
        define sim2 30 mdev_sim-small auto
        define sim2 31 mdev_sim-small auto
        slow_user 30 5
        systemctl start "$(unit 31)"
        registered sim2 0
        sleep 2
        registered sim2 1
        eventually 30 state 31 active
        eventually 30 exists 30
        quiet 60
        for number in 30 31; do
                state $number active
                exists $number
        done
        rm -r "${definitions:?}/sim2/$(uuid 30)" "${definitions:?}/sim2/$(uuid 31)" /run/systemd/system/user.service
        systemctl daemon-reload
        systemctl stop "$(unit 30)" "$(unit 31)"
}

# What systemd reads of it may not stop the unit: the new parent need not be there.
test_a_definition_moves_to_another_parent() {
        local inode
        inode=$(stat -L -c %i "$devices/$(uuid 2)")
        mv "$definitions/sim0/$(uuid 2)" "$definitions/sim9/"
        systemctl daemon-reload
        systemctl daemon-reload # only the second one would do it
        settle
        sleep 1
        state 2 active
        equal "$(stat -L -c %i "$devices/$(uuid 2)")" "$inode"
        mv "$definitions/sim9/$(uuid 2)" "$definitions/sim1/"
        systemctl restart "$(unit 2)"
        equal "$(parent_of 2)" sim1
}

test_refusals_of_a_creation() {
        local refusal all advice
        for refusal in "${refusals[@]}"; do
                parameter probe_errno "${refusal%%:*}"
                fails systemctl start "$(unit 5)"
                gone 5
        done
        parameter probe_errno 0
        all=$(journal 5)
        for refusal in "${refusals[@]}"; do
                advice=${refusal#*:}
                grep -F "$(uuid 5): parent sim0 refused to create type mdev_sim-small (" <<<"$all" | contains "available): ${advice/:/; }"
        done
        systemctl start "$(unit 5)"
        systemctl stop "$(unit 5)"
}

test_refusals_of_an_attribute() {
        local refusal all advice number units=()
        for number in {20..24}; do
                units+=("$(unit "$number")")
        done
        fails systemctl start "${units[@]}"
        all=$(journal {20..24})
        for number in {20..24}; do
                gone "$number"
                refusal=${refusals[number - 20]}
                advice=${refusal#*:}
                contains "$(uuid "$number"): attribute 1 of 1, sim/errno, did not take the value \"${refusal%%:*}\": ${advice/:/; }" <<<"$all"
        done
        systemctl reset-failed "${units[@]}"
}

# Nothing here starts a process: the helper tries for little more than a second.
test_a_passing_eagain_of_a_creation() {
        local job idle _
        exec {idle}<> <(:)
        parameter probe_errno 11
        systemctl start "$(unit 5)" &
        job=$!
        for _ in {1..400}; do
                ! noted 5 creating || break
                read -r -t 0.05 -u "$idle" _ || :
        done
        read -r -t 0.1 -u "$idle" _ || :
        parameter probe_errno 0
        wait "$job"
        exists 5
        systemctl stop "$(unit 5)"
}

test_etc_is_read_only() {
        mount --bind /etc /etc
        mount -o remount,bind,ro /etc
        systemctl start "$(unit 6)"
        equal "$(cat "$devices/$(uuid 6)/sim/log")" a=1
        systemctl stop "$(unit 6)"
        gone 6
        mdevctl list -d | contains "$(uuid 6)"
        fails mdevctl define -u "$(uuid 7)" -p sim0 -t mdev_sim-small 2>/tmp/text
        fails mdevctl modify -u "$(uuid 6)" --auto 2>>/tmp/text
        umount /etc
        cat /tmp/text
        contains "$definitions/sim0/$(uuid 7): Read-only file system" </tmp/text
        contains "$definitions/sim0/$(uuid 6): Read-only file system" </tmp/text
}

test_run_is_full() {
        local where=/run/mdev-generator
        mount -t tmpfs -o size=8k tmpfs $where
        head -c 8192 /dev/zero >$where/fill
        fails systemctl start "$(unit 5)"
        gone 5
        logged 5 "Failed to write $where/$(uuid 5): No space left on device; is /run full or read-only?"
        # Room for the first note of a start, but not for the one that replaces it.
        rm $where/fill
        mount -o remount,size=4k $where
        fails systemctl start "$(unit 5)"
        gone 5
        mount -o remount,size=16k $where
        systemctl start "$(unit 5)"
        exists 5
        systemctl stop "$(unit 5)"
        umount $where
}

# A file is written completely or not at all, and a missing one is named.
test_the_generator_without_room() {
        local where=/run/small status=0
        mkdir $where
        mount -t tmpfs -o size=16k tmpfs $where
        SYSTEMD_EXEC_PID='' /usr/lib/systemd/system-generators/mdev-generator $where 2>/tmp/text || status=$?
        cat /tmp/text
        find $where -type f -exec tail -n +1 {} +
        equal "$status" 1
        contains 'Failed to write the units of this definition: No space left on device; is /run full' </tmp/text
        equal "$(find $where -type f -empty)" ''
        umount $where
}

test_memory_limit_of_the_unit() {
        systemctl set-property --runtime "$(unit 6)" MemoryMax=4K
        fails systemctl start "$(unit 6)"
        state 6 failed
        gone 6
        # By the kernel, or before there is a process to kill: systemd says either.
        journal 6 | grep -qE 'killed by the OOM killer|Cannot allocate memory'
        systemctl set-property --runtime "$(unit 6)" MemoryMax=infinity
        systemctl start "$(unit 6)"
        exists 6
        systemctl stop "$(unit 6)"
}
