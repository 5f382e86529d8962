# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A definition's life: plug, start, stop, restart, enable, mask, unplug
#
# suites: trixie

before_boot() {
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-1 manual
}

test_nothing_waits_for_an_absent_parent() {
        state 1 inactive
        equal "$(systemctl list-jobs --no-legend)" ''
        equal "$(systemctl is-enabled mdev.target || :)" disabled
}

test_auto_starts_and_manual_stays_down_when_the_parent_appears() {
        modprobe mtty
        eventually 30 state 1 active
        exists 1
        gone 2
        state 2 inactive
}

test_status_and_journal_explain() {
        systemctl status "$(unit 1)" >/tmp/status || :
        cat /tmp/status
        grep -q "Loaded: loaded ($definitions/mtty/$(uuid 1);" /tmp/status
        grep -q 'Active: active (exited)' /tmp/status
        grep -q 'Status: "Created: type mtty-2 on parent mtty, 0 attributes"' /tmp/status
        logged 1 "$(uuid 1): created, type mtty-2 on parent mtty, 0 attributes set"
        journalctl -o cat MDEV_PARENT=mtty | contains "$(uuid 1): created"
        journalctl -o cat MDEV_UUID="$(uuid 1)" MDEV_TYPE=mtty-2 | contains 'created'
}

test_unit_follows_the_parent_away_and_back() {
        local round
        for round in 1 2 3; do
                rmmod mtty
                eventually 30 state 1 inactive
                equal "$(systemctl show -P Result "$(unit 1)")" success
                modprobe mtty
                eventually 30 state 1 active
                exists 1
        done
        equal "$round" 3
}

# systemd drops a start that contradicts a stop under way; the device must be back all the same.
test_unit_returns_after_a_fast_replug() {
        local _
        for _ in 1 2 3 4 5; do
                rmmod mtty
                modprobe mtty
                eventually 30 exists 1
                eventually 30 state 1 active
        done
        settle
        sleep 2
        state 1 active
        exists 1
}

test_manual_starts_stops_and_restarts() {
        systemctl start "$(unit 2)"
        exists 2
        state 2 active
        systemctl restart "$(unit 2)"
        exists 2
        state 2 active
        systemctl stop "$(unit 2)"
        gone 2
        state 2 inactive
        settle
        state 2 inactive
        gone 2
}

test_no_start_limit() {
        local round
        for round in {1..20}; do
                systemctl start "$(unit 2)"
                systemctl stop "$(unit 2)"
        done
        for round in {1..20}; do
                systemctl restart "$(unit 2)"
                exists 2
        done
        equal "$round" 20
        settle
        sleep 1
        state 2 active
        systemctl stop "$(unit 2)"
        settle
        sleep 1
        state 2 inactive
        gone 2
}

# The report about the device that was removed must not stop the one that is created next.
test_restart_while_udev_is_late() {
        systemctl start "$(unit 2)"
        settle
        udevadm control --stop-exec-queue
        (sleep 2; udevadm control --start-exec-queue) &
        systemctl restart "$(unit 2)"
        wait $!
        settle
        sleep 1
        state 2 active
        exists 2
        systemctl stop "$(unit 2)"
        gone 2
}

test_enable_makes_a_manual_one_start_with_its_parent() {
        equal "$(systemctl is-enabled "$(unit 1)")" enabled-runtime
        equal "$(systemctl is-enabled "$(unit 2)" || :)" disabled
        systemctl enable "$(unit 2)"
        equal "$(systemctl is-enabled "$(unit 2)")" enabled
        gone 2
        rmmod mtty
        eventually 30 state 1 inactive
        modprobe mtty
        eventually 30 state 2 active
        exists 2
        systemctl disable "$(unit 2)"
        rmmod mtty
        eventually 30 state 2 inactive
        modprobe mtty
        eventually 30 state 1 active
        state 2 inactive
        gone 2
}

# The link that systemctl has made stays under the old parent.
test_enablement_follows_a_definition_that_moves() {
        define elsewhere 4 mtty-1 manual
        define mtty 5 mtty-1 manual
        systemctl daemon-reload
        systemctl enable "$(unit 4)" "$(unit 5)"
        mv "$definitions/elsewhere/$(uuid 4)" "$definitions/mtty"
        mv "$definitions/mtty/$(uuid 5)" "$definitions/elsewhere"
        systemctl daemon-reload
        mdevctl list -d | contains "$(uuid 4) mtty mtty-1 auto"
        rmmod mtty
        eventually 30 state 1 inactive
        modprobe mtty
        eventually 30 state 4 active
        exists 4
        settle
        state 5 inactive # its old parent has not asked for a start that would wait for the new one
        fails has_job 5
        systemctl reenable "$(unit 4)"
        mdevctl modify -u "$(uuid 5)" --manual
        equal "$(cd /etc/systemd/system && echo sys-class-mdev_bus-*.wants/*)" \
                "sys-class-mdev_bus-mtty.device.wants/$(unit 4)"
        systemctl stop "$(unit 4)"
        mdevctl undefine -u "$(uuid 4)"
        rm -r "$definitions/elsewhere"
        equal "$(cd /etc/systemd/system && echo sys-class-mdev_bus-*)" 'sys-class-mdev_bus-*'
        systemctl daemon-reload
}

test_journal_names_the_parent_that_a_unit_waits_for() {
        local device=/run/systemd/system/sys-class-mdev_bus-none-mdev_supported_types.device.d
        define none 6 mtty-1 manual
        mkdir -p $device
        printf '[Unit]\nJobRunningTimeoutSec=1s\n' >$device/timeout.conf
        systemctl daemon-reload
        fails systemctl start "$(unit 6)"
        logged 6 "Dependency failed for $(unit 6) - Mediated device mtty-1 on none."
        rm -r $device "$definitions/none"
        systemctl daemon-reload
}

# The device follows the unit, whatever else fails.
test_commands_of_a_drop_in_that_fail() {
        local drop_in command
        drop_in=/run/systemd/system/$(unit 2).d
        mkdir -p "$drop_in"
        for command in ExecStop=false 'TimeoutStopSec=1\nExecStop=sleep 60' ExecStartPost=false \
                'TimeoutStartSec=1\nExecStartPost=sleep 60'; do
                printf '[Service]\n%b\n' "$command" >"$drop_in/commands.conf"
                systemctl daemon-reload
                case $command in
                *ExecStop*) systemctl start "$(unit 2)" ;;
                *) fails systemctl start "$(unit 2)" ;;
                esac
                systemctl stop "$(unit 2)"
                quiet 30
                state 2 failed
                gone 2
        done
        rm -r "$drop_in"
        systemctl daemon-reload
        systemctl reset-failed "$(unit 2)"
}

test_mask_keeps_either_down() {
        # A masked unit has no ExecStopPost= any more, so the stop comes first.
        systemctl stop "$(unit 1)"
        systemctl mask "$(unit 1)" "$(unit 2)"
        rmmod mtty
        modprobe mtty
        eventually 30 systemctl is-active -q sys-class-mdev_bus-mtty.device
        settle
        sleep 1
        gone 1
        fails systemctl start "$(unit 2)"
        gone 2
        systemctl unmask "$(unit 1)" "$(unit 2)"
        systemctl start "$(unit 1)"
        exists 1
}

# What systemd itself goes through must not touch a device.
test_manager_and_udev_restarts_leave_everything_as_it_is() {
        local inode
        systemctl start "$(unit 2)"
        uuid 3 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        eventually 30 state 3 active
        inode=$(stat -L -c %i "$devices/$(uuid 1)" "$devices/$(uuid 2)" "$devices/$(uuid 3)")
        systemctl daemon-reload
        systemctl daemon-reexec
        udevadm trigger --action=change
        udevadm settle
        udevadm trigger --action=add
        udevadm settle
        systemctl restart systemd-udevd
        udevadm trigger --action=change
        udevadm settle
        systemctl daemon-reload
        sleep 2
        state 1 active
        state 2 active
        state 3 active
        equal "$(stat -L -c %i "$devices/$(uuid 1)" "$devices/$(uuid 2)" "$devices/$(uuid 3)")" "$inode"
        systemctl stop "$(unit 2)" "$(unit 3)"
        gone 2
        gone 3
}

# A device an administrator stops stays stopped, whatever events the parent sees.
test_a_stopped_device_stays_stopped() {
        systemctl stop "$(unit 1)"
        udevadm trigger --action=add
        udevadm trigger --action=change
        udevadm settle
        systemctl daemon-reload
        sleep 1
        state 1 inactive
        gone 1
        systemctl start "$(unit 1)"
}

# A queue of short lives must leave nothing behind that acts later.
test_definition_removed_while_active() {
        rm "$definitions/mtty/$(uuid 1)"
        systemctl daemon-reload
        state 1 active
        exists 1
        systemctl stop "$(unit 1)"
        gone 1
        fails systemctl start "$(unit 1)"
        logged 1 "not defined; there is no file $definitions/<parent>/$(uuid 1)"
        systemctl reset-failed "$(unit 1)"
}
