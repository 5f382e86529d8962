# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The monitor detects missed events
#
# suites: trixie

before_boot() {
        define sim0 1 mdev_sim-small auto
        define sim0 2 mdev_sim-small manual
}

create() { # NUMBER
        uuid "$1" >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
}

remove() { # NUMBER
        echo 1 >"$devices/$(uuid "$1")/remove"
}

monitor() {
        systemctl show -P MainPID mdev-monitor.service
}

# From here on udev tells of nothing. An event that it still tells makes the monitor look, too.
silence_udev() {
        udevadm settle
        quiet 60
        udevadm control --stop-exec-queue
}

one_goes_and_another_comes() {
        remove 1
        create 9
}

unseen() {
        one_goes_and_another_comes
        sleep 2
        state 1 active
        state 9 inactive
}

settled() {
        eventually 30 state 1 inactive
        eventually 30 state 9 active
        agree
        systemctl stop "$(unit 9)"
        systemctl start "$(unit 1)"
}

test_it_is_there_before_the_boot_ends() {
        local sysinit started
        sysinit=$(systemctl show -P ActiveEnterTimestampMonotonic sysinit.target)
        started=$(systemctl show -P ExecMainStartTimestampMonotonic mdev-monitor.service)
        [ "$started" -gt 0 ]
        [ "$started" -lt "$(systemctl show -P ActiveEnterTimestampMonotonic multi-user.target)" ]
        note "monitor at $((started / 1000)) ms, sysinit at $((sysinit / 1000)) ms"
        modprobe mdev-sim instances=20
        eventually 30 state 1 active
}

test_nothing_happens_and_it_sleeps() {
        local before after pid
        quiet 60
        sleep 6
        pid=$(monitor)
        before=$(grep ctxt "/proc/$pid/status")
        sleep 20
        after=$(grep ctxt "/proc/$pid/status")
        equal "$after" "$before"
        note "$(grep -E '^(VmRSS|RssAnon)' "/proc/$pid/status" | tr -s '\t\n' ' ')"
}

test_it_is_killed() {
        kill -KILL "$(monitor)"
        one_goes_and_another_comes
        settled
}

test_it_was_down() {
        systemctl stop mdev-monitor.service
        unseen
        systemctl start mdev-monitor.service
        settled
}

test_the_clock_is_set() {
        silence_udev
        unseen
        date -s '+1 second' >/dev/null
        settled
        udevadm control --start-exec-queue
}

test_udev_is_restarted() {
        silence_udev
        unseen
        systemctl restart systemd-udevd.service
        settled
}

# A socket takes only so many events.
test_events_are_lost() {
        local pid _
        pid=$(monitor)
        kill -STOP "$pid"
        one_goes_and_another_comes
        for _ in {1..1000}; do
                echo change >"$devices/$(uuid 9)/uevent"
        done
        udevadm settle
        create 10
        kill -CONT "$pid"
        logged_by_monitor 'comparing everything'
        eventually 30 state 10 active
        systemctl stop "$(unit 10)"
        settled
}

logged_by_monitor() { # TEXT
        eventually 30 eval 'journalctl -b -o cat -u mdev-monitor.service | contains "'"$1"'"'
}

test_systemd_is_executed_anew() {
        systemctl daemon-reexec &
        one_goes_and_another_comes
        wait $!
        settled
}

# The parent returns before udev has looked: for systemd it was never away.
test_a_parent_was_away_unseen() {
        silence_udev
        echo 0 >/sys/class/mdev_sim/sim0/registered
        echo 1 >/sys/class/mdev_sim/sim0/registered
        udevadm control --start-exec-queue
        eventually 30 exists 1
        eventually 30 state 1 active
        quiet 60
        agree
}

# The same, and it returns only when its unit is down.
test_a_parent_was_away_unseen_for_longer() {
        silence_udev
        echo 0 >/sys/class/mdev_sim/sim0/registered
        systemctl restart mdev-monitor.service
        eventually 30 state 1 inactive
        echo 1 >/sys/class/mdev_sim/sim0/registered
        udevadm control --start-exec-queue
        eventually 30 state 1 active
        exists 1
}

# A device that the administrator stopped stays stopped.
test_a_stopped_unit_stays_down() {
        systemctl stop "$(unit 1)"
        systemctl restart mdev-monitor.service
        date -s '+1 second' >/dev/null
        udevadm trigger --action=change
        udevadm settle
        sleep 2
        state 1 inactive
        gone 1
        equal "$(ls /run/mdev-generator)" ''
        systemctl start "$(unit 1)"
}

# A masked unit goes down without its ExecStopPost=, and its device stays.
test_a_unit_went_down_without_a_stop() {
        local inode
        systemctl start "$(unit 2)"
        inode=$(stat -L -c %i "$devices/$(uuid 2)")
        systemctl mask --runtime --now "$(unit 2)"
        state 2 inactive
        exists 2
        systemctl unmask --runtime "$(unit 2)"
        systemctl restart mdev-monitor.service
        eventually 30 state 2 active
        equal "$(stat -L -c %i "$devices/$(uuid 2)")" "$inode"
        systemctl stop "$(unit 2)"
        gone 2
}

# The notifiers of a start hang, and systemd gives it up. The device is complete.
test_a_start_that_fails_late_is_adopted() {
        local scripts=/usr/lib/mdevctl/scripts.d/notifiers inode
        mkdir -p $scripts "/run/systemd/system/$(unit 2).d"
        printf '#!/bin/sh\n[ ! -e /tmp/hang ] || exec sleep 60\n' >$scripts/slow
        chmod +x $scripts/slow
        : >/tmp/hang
        printf '[Service]\nTimeoutStartSec=3s\n' >"/run/systemd/system/$(unit 2).d/timeout.conf"
        systemctl daemon-reload
        fails systemctl start "$(unit 2)"
        inode=$(stat -L -c %i "$devices/$(uuid 2)")
        rm -r /tmp/hang $scripts/slow "/run/systemd/system/$(unit 2).d"
        eventually 30 state 2 active
        equal "$(stat -L -c %i "$devices/$(uuid 2)")" "$inode"
        systemctl daemon-reload
        systemctl stop "$(unit 2)"
        gone 2
}

# Start and stop are killed before either has noted the device. What others make later is theirs.
test_a_killed_start_has_no_claim_on_later_devices() {
        local inode note
        note=/run/mdev-generator/$(uuid 2)
        printf 'STATE=creating\nPROCESS=999999\nPARENT=sim0\n' >"$note.new"
        mv "$note.new" "$note"
        eventually 30 test ! -e "$note"
        create 2
        inode=$(stat -L -c %i "$devices/$(uuid 2)")
        eventually 30 state 2 active
        equal "$(stat -L -c %i "$devices/$(uuid 2)")" "$inode"
        systemctl stop "$(unit 2)"
}
