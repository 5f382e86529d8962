# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Attributes, refusals of the driver, starts that are interrupted, and a helper that misbehaves
#
# suites: trixie

before_boot() {
        define sim0 1 mdev_sim-small auto '{"sim/a": "1"}, {"sim/b": "two words"}, {"sim/a": "3"}'
        define sim0 2 mdev_sim-small manual '{"sim/a": "1"}, {"sim/errno": "28"}, {"sim/b": "never"}'
        define sim0 3 mdev_sim-small manual '{"sim/again": "3"}'
        define sim0 4 mdev_sim-small manual '{"sim/missing": "1"}'
        define sim0 5 mdev_sim-small manual '{"subsystem/drivers_autoprobe": "0"}'
        define sim0 6 mdev_sim-none manual
        define sim0 7 mdev_sim-small manual
        define sim0 8 mdev_sim-small manual '{"sim/again": "1000"}'
        define sim9 9 mdev_sim-small manual
        define SIM0 10 mdev_sim-small manual
        define sim0 20 mdev_sim-small manual '{"sim/a": "1"}'

        # $here and $build are those of tests/vm/boot.
        # shellcheck disable=SC2154
        cc -shared -fPIC -O1 -o "$1/tests/misbehave.so" "$here/guest/misbehave.c"
        # shellcheck disable=SC2154
        cp "$build/tests/mdev-helper" "$1/tests/"
        mkdir -p "$1/etc/systemd/system/$(unit 20).d"
        cat >"$1/etc/systemd/system/$(unit 20).d/misbehave.conf" <<'END'
[Service]
EnvironmentFile=-/run/misbehave
ExecStart=
ExecStart=/tests/mdev-helper start %i
ExecStopPost=
ExecStopPost=/tests/mdev-helper stop %i
END
}

parameter() { # NAME VALUE
        echo "$2" >"/sys/module/mdev_sim/parameters/$1"
}

before_each() {
        [ ! -d /sys/module/mdev_sim ] || { parameter probe_ms 0; parameter probe_errno 0; }
}

# The start fails with that status and text, and nothing is left.
refused() { # NUMBER STATUS TEXT
        local status
        fails systemctl start "$(unit "$1")"
        state "$1" failed
        gone "$1"
        logged "$1" "$3"
        status=$(systemctl show -P ExecStart "$(unit "$1")" | sed 's/.*status=\([0-9]*\).*/\1/')
        equal "$status" "$2"
        settle
        sleep 1
        gone "$1"
        state "$1" failed
        systemctl reset-failed "$(unit "$1")"
        eventually 10 test ! -e "/run/mdev-generator/$(uuid "$1")"
}

test_attributes_are_written_in_order() {
        modprobe mdev-sim
        eventually 30 state 1 active
        equal "$(cat "$devices/$(uuid 1)/sim/log")" $'a=1\nb=two words\na=3'
        logged 1 'type mdev_sim-small on parent sim0, 3 attributes set'
}

test_the_first_attribute_that_fails_unwinds() {
        refused 2 65 'attribute 2 of 3, sim/errno, did not take the value "28": No space left on device'
        logged 2 'removed again from parent sim0'
}

test_eagain_is_retried_for_a_while() {
        systemctl start "$(unit 3)"
        equal "$(cat "$devices/$(uuid 3)/sim/log")" again=3
        systemctl stop "$(unit 3)"
        refused 8 65 'sim/again, did not take the value "1000": Resource temporarily unavailable'
}

test_attribute_that_does_not_exist() {
        refused 4 65 'attribute 1 of 1: type mdev_sim-small on parent sim0 has no attribute sim/missing'
}

test_attribute_that_leads_out_of_the_device() {
        refused 5 65 "subsystem/drivers_autoprobe leads out of the device's directory"
        equal "$(cat /sys/bus/mdev/drivers_autoprobe)" 1
}

test_unknown_type_lists_the_known_ones() {
        refused 6 69 'parent sim0 does not support type mdev_sim-none; it supports mdev_sim-large, mdev_sim-small'
}

test_no_instance_left() {
        local number
        for number in {20..34}; do # beside the one of the first test
                uuid "$number" >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        done
        eventually 60 state 34 active
        refused 7 69 '(0 instances available): Too many users; stop another device of this parent first'
        for number in {20..34}; do
                echo 1 >"$devices/$(uuid "$number")/remove"
        done
        eventually 60 state 34 inactive
        eventually 60 state 20 inactive
}

test_parent_in_other_case() {
        systemctl --no-block start "$(unit 10)"
        sleep 1
        state 10 inactive # waits for its parent
        systemctl stop "$(unit 10)"
        fails /usr/libexec/mdev-helper start "$(uuid 10)" 2>/tmp/text
        cat /tmp/text
        grep -q 'parent SIM0 is not registered; did you mean sim0?' /tmp/text
        /usr/libexec/mdev-helper stop "$(uuid 10)"
}

# A killed helper cannot take the creation back: the kernel finishes it.
test_killed_start_leaves_nothing() {
        parameter probe_ms 3000
        systemctl --no-block start "$(unit 7)"
        eventually 10 noted 7 creating
        sleep 0.5
        systemctl kill --signal=KILL "$(unit 7)"
        eventually 30 state 7 failed
        parameter probe_ms 0
        sleep 4
        eventually 30 gone 7
        systemctl reset-failed "$(unit 7)" || :
        systemctl start "$(unit 7)"
        exists 7
        systemctl stop "$(unit 7)"
}

# The process is given up by systemd while the kernel still creates the device.
test_start_that_outlives_its_timeout_leaves_nothing() {
        mkdir -p "/run/systemd/system/$(unit 7).d"
        printf '[Service]\nTimeoutStartSec=1s\nTimeoutStopSec=1s\n' >"/run/systemd/system/$(unit 7).d/timeout.conf"
        systemctl daemon-reload
        parameter probe_ms 8000
        fails systemctl start "$(unit 7)"
        state 7 failed
        parameter probe_ms 0
        sleep 10
        eventually 30 gone 7
        settle
        gone 7
        rm -r "/run/systemd/system/$(unit 7).d"
        systemctl daemon-reload
        systemctl reset-failed "$(unit 7)"
        systemctl start "$(unit 7)"
        exists 7
        systemctl stop "$(unit 7)"
        gone 7
}

# A signal that is no stop must not pass for a device that is ready.
test_terminated_start_is_a_failure() {
        parameter probe_ms 2000
        systemctl --no-block start "$(unit 7)"
        eventually 10 noted 7 creating
        sleep 0.5
        systemctl kill "$(unit 7)"
        eventually 30 state 7 failed
        gone 7
        systemctl reset-failed "$(unit 7)"
}

test_stop_during_a_slow_start_is_no_failure() {
        parameter probe_ms 2000
        systemctl --no-block start "$(unit 7)"
        eventually 10 state 7 activating
        eventually 10 noted 7 creating
        systemctl stop "$(unit 7)"
        parameter probe_ms 0
        state 7 inactive
        gone 7
        settle
        sleep 1
        state 7 inactive
        gone 7
        equal "$(systemctl show -P Result "$(unit 7)")" success
}

test_parent_unregistered_during_a_slow_start() {
        parameter probe_ms 2000
        systemctl --no-block start "$(unit 7)"
        eventually 10 noted 7 creating
        echo 0 >/sys/class/mdev_sim/sim0/registered
        parameter probe_ms 0
        eventually 30 state 7 inactive failed
        eventually 30 state 1 inactive
        gone 7
        echo 1 >/sys/class/mdev_sim/sim0/registered
        eventually 30 state 1 active
        exists 1
        systemctl reset-failed "$(unit 7)" || :
}

# The parent's own device stays: only the registration comes and goes.
test_fast_reregistration() {
        local _
        for _ in 1 2 3 4 5; do
                echo 0 >/sys/class/mdev_sim/sim0/registered
                echo 1 >/sys/class/mdev_sim/sim0/registered
                eventually 30 exists 1
                eventually 30 state 1 active
        done
        settle
        sleep 2
        state 1 active
        exists 1
        equal "$(cat "$devices/$(uuid 1)/sim/log")" $'a=1\nb=two words\na=3'
}

# From here on the helper of device 20 tries forbidden writes (guest/misbehave.c).
outside=(/etc/victim /run/victim /run/mdevctl.d.victim /sys/module/mdev_sim/parameters/probe_ms)
inside=("$devices/$(uuid 1)/sim/a" /sys/class/mdev_bus/sim0/uevent)

# The operation succeeds, and what was tried meanwhile is in /tmp/tried: misbehaving COMMAND...
misbehaving() {
        rm -f "${outside[@]:0:3}"
        printf '%s\n' LD_PRELOAD=/tests/misbehave.so "MISBEHAVE=\"${outside[*]} ${inside[*]}\"" >>/run/misbehave
        "$@"
        journalctl --sync
        journalctl -o cat --cursor-file=/tmp/cursor -u "$(unit 20)" >/tmp/tried
        rm /run/misbehave
        cat /tmp/tried
}

# What came of it at the write to a file in sysfs: outcome FILE REASON NUMBER
outcome() {
        equal "$(sed -n "s/^misbehave: $1: .*: $2$/x/p" /tmp/tried | wc -l)" "$3"
}

# The capabilities at that write, of CAP_SETUID, CAP_SYS_MODULE, CAP_SYS_PTRACE and CAP_SYS_ADMIN.
capabilities() { # FILE
        local mask
        mask=$(sed -n "s/^misbehave: $1: CapEff:[[:space:]]*/0x/p" /tmp/tried)
        echo $((mask >> 7 & 1))$((mask >> 16 & 1))$((mask >> 19 & 1))$((mask >> 21 & 1))
}

# Not even the parent's other files, as soon as the device is there: restricted_to_device FILE
restricted_to_device() {
        outcome "$1" 'Permission denied' 6
        equal "$(capabilities "$1")" 0001
        [ ! -e /etc/victim ] && [ ! -e /run/victim ]
}

# So that it is known that the attempts would succeed.
test_without_the_sandbox_everything_can_be_written() {
        local file
        echo MISBEHAVE_FREE=1 >/run/misbehave
        misbehaving systemctl start "$(unit 20)"
        for file in create a; do
                outcome $file 'could be written' 6
                equal "$(capabilities $file)" 1111
        done
        [ -e /etc/victim ]
        systemctl stop "$(unit 20)"
}

test_a_start_writes_only_below_its_parent_and_then_its_device() {
        misbehaving systemctl start "$(unit 20)"
        outcome create 'Permission denied' ${#outside[@]}
        outcome create 'could be written' ${#inside[@]}
        restricted_to_device a
        equal "$(cat "$devices/$(uuid 20)/sim/log")" a=1
}

test_a_stop_writes_only_below_its_device() {
        misbehaving systemctl stop "$(unit 20)"
        restricted_to_device remove
        gone 20
}

# A group that is open and has no device says so only to who may ask for its descriptor.
test_the_drop_in_of_the_manual() {
        local dropin=/run/systemd/system/mdev@.service.d/sandbox.conf
        mkdir -p ${dropin%/*}
        sed -n '/sandbox.conf$/,/^\.Ed/{/^\./!p}' /usr/share/man/man8/mdev@.service.8 >$dropin
        grep -q '^CapabilityBoundingSet=.*CAP_SYS_PTRACE' $dropin
        systemctl daemon-reload
        systemctl start "$(unit 20)"
        equal "$(systemctl show -P NoNewPrivileges "$(unit 20)")" yes
        equal "$(cat "$devices/$(uuid 20)/sim/log")" a=1
        exec 7<>"/dev/vfio/$(basename "$(readlink "$devices/$(uuid 20)/iommu_group")")"
        systemctl stop "$(unit 20)"
        exec 7>&-
        gone 20
        rm $dropin
        systemctl daemon-reload
}

# Callouts have all of root's rights, also after the restricted part of the helper that runs them.
test_callouts_are_not_restricted() {
        local scripts=/usr/lib/mdevctl/scripts.d
        mkdir -p $scripts/notifiers
        printf '%s\n' '#!/bin/sh' 'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status >>/etc/notified' >$scripts/notifiers/all.sh
        chmod +x $scripts/notifiers/all.sh
        misbehaving systemctl start "$(unit 20)"
        restricted_to_device a
        misbehaving systemctl stop "$(unit 20)"
        restricted_to_device remove
        equal "$(cat /etc/notified)" "$(for _ in start stop; do grep -E '^(CapEff|NoNewPrivs)' /proc/1/status; done)"
        rm -r $scripts
}
