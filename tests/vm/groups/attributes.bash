# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Attributes, refusals of the driver, and starts that are interrupted

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
        [ ! -e "/run/mdev-generator/$(uuid "$1")" ] && [ ! -e "/run/mdev-generator/$(uuid "$1").creating" ]
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
        /usr/libexec/mdev-helper clean-up "$(uuid 10)"
}

# A killed helper cannot take the creation back: the kernel finishes it.
test_killed_start_leaves_nothing() {
        parameter probe_ms 3000
        systemctl --no-block start "$(unit 7)"
        eventually 10 test -e "/run/mdev-generator/$(uuid 7).creating"
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
        eventually 10 test -e "/run/mdev-generator/$(uuid 7).creating"
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
        eventually 10 test -e "/run/mdev-generator/$(uuid 7).creating"
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
        eventually 10 test -e "/run/mdev-generator/$(uuid 7).creating"
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
