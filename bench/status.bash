# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# seconds: 3600
#
# In a virtual machine: what mdevctl's view of the whole system costs, against
# the two lists that it joins; see bench/run
#
# 20 parents have 1000 definitions, of which 500 are active with their units and
# 10 have failed, and a process uses one device. Words on the kernel command line:
# rounds=NUMBER

# shellcheck source=bench/guest.bash
. "${top:-}/bench/guest.bash"

parents=20
active_each=25
inactive_each=25
failed=10

# Variables of tests/vm/boot.
# shellcheck disable=SC2154
before_boot() { # ROOT
        local parent number=0 i
        take_along "$1" repeat
        for ((parent = 0; parent < parents; parent++)); do
                for ((i = 0; i < active_each; i++)); do
                        define "sim$parent" $((++number)) mdev_sim-small auto '{"mdev/aggregation": "1"}, {"sim/a": "2"}'
                done
        done
        for ((i = 0; i < failed; i++)); do
                define "sim$i" $((++number)) mdev_sim-small manual '{"sim/errno": "28"}'
        done
        while ((number < parents * (active_each + inactive_each))); do
                define "sim$((number % parents))" $((++number)) mdev_sim-small manual '{"mdev/aggregation": "1"}, {"sim/a": "2"}'
        done
}

# How many units are in a state: units_in_state STATE
units_in_state() {
        systemctl list-units --plain --no-legend --state="$1" 'mdev@*' | wc -l
}

show() {
        local round i name
        modprobe mdev-sim "parents=$parents" instances=$((active_each + 1))
        eventually 1200 eval "[ \$(units_in_state active) = $((parents * active_each)) ]"
        for ((i = 1; i <= failed; i++)); do
                fails systemctl start "$(unit $((parents * active_each + i)))" 2>/dev/null
        done
        equal "$(units_in_state failed)" $failed
        hold 1 2>/dev/null
        journalctl --sync
        machine
        for ((round = 1; round <= $(given rounds 9); round++)); do
                for name in 'list' 'list -d' 'status --json' 'status'; do
                        # shellcheck disable=SC2086
                        echo "round $round ${name// /} $(/bench/repeat 1 "$(command -v mdevctl)" $name 2>&1)"
                done
        done
}
