# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# mdevctl status on a live system: units, holders, the journal, other users
#
# suites: trixie

# Variables of lib.bash.
# shellcheck disable=SC2154

before_boot() {
        local number
        define sim0 1 mdev_sim-small auto
        define sim0 2 mdev_sim-small manual
        define sim0 3 mdev_sim-small manual '{"sim/errno": "28"}'
        define sim0 4 mdev_sim-small auto
        define sim0 5 mdev_sim-small manual
        define sim0 6 mdev_sim-small manual '{"mdev/aggregation": "2"}'
        ln -s /dev/null "$1/etc/systemd/system/$(unit 4)"
        for number in {10..29}; do
                define "sim$((number % 3))" "$number" mdev_sim-small auto
        done
}

# The line of a device in the tree, one space between its words: line NUMBER
line() {
        mdevctl status | grep -F "$(uuid "$1")  " | tr -s ' '
}

# A member of the JSON of a device, or of its unit: value NUMBER NAME
value() {
        as_somebody="${as_somebody:-}"
        # shellcheck disable=SC2086
        { $as_somebody mdevctl status --json -u "$(uuid "$1")" || :; } | sed -n "s/^ *\"$2\": //p" | sed 's/,$//'
}

# exits STATUS COMMAND...
exits() {
        local expected=$1 status=0
        shift
        "$@" >/tmp/stdout || status=$?
        equal $status "$expected"
}

test_every_device_is_shown_below_its_parent() {
        modprobe mdev-sim parents=3
        eventually 60 state 29 active
        quiet 120
        equal "$(mdevctl status | grep -c ' auto *active')" 21
        equal "$(mdevctl status -p sim1 | grep -c ' auto *active')" 7
        equal "$(mdevctl status | grep '^sim')" $'sim0\nsim1\nsim2'
        mdevctl status -p sim2 | contains "$(mdevctl types -p sim2 | sed -n 's/.*instances: //p' | head -n 1) free"
}

test_the_states_of_units() {
        local number
        [[ $(line 1) == *" mdev_sim-small auto active group "*" /dev/vfio/"* ]]
        [[ $(line 2) == *" mdev_sim-small manual inactive" ]]
        [[ $(line 4) == *" mdev_sim-small auto (masked) inactive" ]]
        systemctl enable -q "$(unit 5)"
        [[ $(line 5) == *" mdev_sim-small auto (enabled) inactive" ]]
        for number in 1 2 4 5; do
                equal "$(value $number enablement)" "\"$(systemctl is-enabled "$(unit $number)" || :)\""
                equal "$(value $number active_state)" "\"$(systemctl show -P ActiveState "$(unit $number)")\""
                equal "$(value $number sub_state)" "\"$(systemctl show -P SubState "$(unit $number)")\""
                equal "$(value $number result)" "\"$(systemctl show -P Result "$(unit $number)")\""
        done
        equal "$(value 2 since)" null
        equal "$(date -d "$(value 1 since | tr -d '"')" +%s)" \
                "$(date -d "$(systemctl show -P StateChangeTimestamp "$(unit 1)")" +%s)"
        exits 0 mdevctl status -u "$(uuid 1)"
        exits 3 mdevctl status -u "$(uuid 2)"
        exits 4 mdevctl status -u "$(uuid 9)"
        systemctl disable -q "$(unit 5)"
}

test_a_device_that_is_only_active() {
        mdevctl start -u "$(uuid 7)" -p sim1 -t mdev_sim-small
        [[ $(line 7) == *" mdev_sim-small undefined active group "* ]]
        equal "$(value 7 enablement)" "\"$(systemctl is-enabled "$(unit 7)")\""
        equal "$(value 7 start)" null
        mdevctl stop -u "$(uuid 7)"
        exits 4 mdevctl status -u "$(uuid 7)"
}

test_a_failed_start_shows_its_last_error() {
        local text='attribute 1 of 1, sim/errno, did not take the value "28": No space left on device'
        fails systemctl start "$(unit 3)"
        state 3 failed
        journalctl --sync
        [[ $(line 3) == *" manual failed" ]]
        mdevctl status | contains "$text"
        equal "$(value 3 result)" "\"$(systemctl show -P Result "$(unit 3)")\""
        value 3 last_failure | contains 'did not take the value'
        mdevctl status -u "$(uuid 3)" >/tmp/details || :
        cat /tmp/details
        contains "Last failure: $(uuid 3): $text" </tmp/details
        equal "$(tail -n 5 /tmp/details | grep -cE '^[A-Z][a-z]{2} [0-9]{2} [0-9:]{8} [a-z-]+\[[0-9]+\]: ')" 5
        contains 'Failed with result' </tmp/details
        systemctl reset-failed "$(unit 3)"
        [[ $(line 3) == *" manual inactive" ]]
        equal "$(value 3 last_failure)" null
}

test_a_device_that_is_starting() {
        echo 4000 >/sys/module/mdev_sim/parameters/probe_ms
        systemctl start --no-block "$(unit 2)"
        eventually 10 state 2 activating
        [[ $(line 2) == *" manual activating" ]]
        mdevctl status -u "$(uuid 2)" | contains 'Device: activating' || :
        echo 0 >/sys/module/mdev_sim/parameters/probe_ms
        eventually 30 state 2 active
        [[ $(line 2) == *" manual active "* ]]
        mdevctl stop -u "$(uuid 2)"
}

test_what_the_device_has_is_compared() {
        mdevctl start -u "$(uuid 6)"
        equal "$(value 6 differences)" '[]'
        echo 1 >"$devices/$(uuid 6)/mdev/aggregation"
        mdevctl status -u "$(uuid 6)" | contains 'mdev/aggregation is "1" in the running device, not "2"'
        equal "$(value 6 running)" '"1"'
        mdevctl status -u "$(uuid 6)" | contains 'mdev/aggregation: "2"; the device has "1"'
        mdevctl stop -u "$(uuid 6)"
}

test_holders_are_named() {
        equal "$(value 1 holders)" '[]'
        hold 1 2>/dev/null
        [[ $(line 1) == *" used by hold-device ($holder)" ]]
        equal "$(value 1 pid)" "$holder"
        mdevctl status -u "$(uuid 1)" | contains "In use by: hold-device ($holder)"
        kill "$holder"
        wait "$holder" || :
        mdevctl status -u "$(uuid 1)" | contains 'In use by: nobody'
}

test_an_ordinary_user_sees_what_it_may() {
        local as_somebody='setpriv --reuid=65534 --regid=65534 --clear-groups'
        equal "$(value 1 active_state)" '"active"'
        equal "$(value 1 holders)" null
        equal "$(value 1 active)" true
        $as_somebody mdevctl status | contains 'users unknown'
        $as_somebody mdevctl status -u "$(uuid 1)" | contains 'In use by: unknown'
        fails systemctl start "$(unit 3)"
        equal "$(value 3 active_state)" '"failed"'
        equal "$(value 3 last_failure)" null
        $as_somebody mdevctl status | contains "see \"journalctl -u $(unit 3)\""
        # Without a bus systemd does not answer, and nothing may look as if it did not exist.
        systemctl stop dbus.socket dbus.service
        equal "$(value 1 active_state)" null
        equal "$(value 1 active)" true
        $as_somebody mdevctl status -u "$(uuid 1)" | contains 'state unknown'
        systemctl start dbus.socket
        systemctl reset-failed "$(unit 3)"
}

# The cost of COMMAND..., in hundredths of a second for five runs.
cost() {
        local begin
        begin=$(uptime)
        for _ in 1 2 3 4 5; do
                "$@" >/dev/null
        done
        echo $(($(uptime) - begin))
}

test_the_view_costs_little_more_than_the_lists() {
        local number lists view
        for number in {100..179}; do
                define sim2 "$number" mdev_sim-small manual
        done
        quiet 120
        lists=$(($(cost mdevctl list) + $(cost mdevctl list -d)))
        for view in status 'status --json'; do
                # shellcheck disable=SC2086
                number=$(cost mdevctl $view)
                note "lists: $lists, $view: $number hundredths of a second"
                [ "$number" -le $((5 * lists)) ]
        done
}
