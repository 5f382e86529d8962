# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Devices that others make and remove, and devices that others use
#
# suites: trixie

before_boot() {
        define mtty 1 mtty-2 manual
}

create() { # NUMBER TYPE
        uuid "$1" >"/sys/class/mdev_bus/mtty/mdev_supported_types/$2/create"
}

remove() { # NUMBER
        echo 1 >"$devices/$(uuid "$1")/remove"
}

test_external_creation_is_adopted_and_removal_followed() {
        local number
        modprobe mtty
        modprobe vfio_iommu_type1
        eventually 30 systemctl is-active -q sys-class-mdev_bus-mtty.device
        for number in 1 9; do # defined and undefined
                create "$number" mtty-2
                eventually 30 state "$number" active
                logged "$number" 'was active already, type mtty-2 on parent mtty; nothing changed'
                remove "$number"
                eventually 30 state "$number" inactive
                equal "$(systemctl show -P Result "$(unit "$number")")" success
        done
}

test_external_removal_of_a_started_device() {
        systemctl start "$(unit 1)"
        remove 1
        eventually 30 state 1 inactive
        settle
        sleep 1
        state 1 inactive
        gone 1
}

# Others make the device of a start that has failed before its stop has run.
test_external_creation_while_a_start_fails() {
        local unit
        unit=$(unit 9)
        mkdir -p "/run/systemd/system/$unit.d"
        {
                echo '[Service]'
                echo 'ExecStopPost='
                echo "ExecStopPost=sh -c 'echo %i >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create'"
                systemctl cat "$unit" | grep '^ExecStopPost='
        } >"/tmp/late.conf"
        mv /tmp/late.conf "/run/systemd/system/$unit.d/"
        systemctl daemon-reload
        fails systemctl start "$unit"
        rm "/run/systemd/system/$unit.d/late.conf"
        systemctl daemon-reload
        logged 9 'not defined'
        eventually 30 state 9 active
        remove 9
        eventually 30 state 9 inactive
}

# The end of a device must be noticed even if the device disappears before udev sees it.
test_external_removal_while_udev_is_late() {
        local _
        for _ in 1 2 3; do
                udevadm control --stop-exec-queue
                systemctl start "$(unit 1)"
                state 1 active
                remove 1
                udevadm control --start-exec-queue
                eventually 30 state 1 inactive
                gone 1
        done
}

# The drop-in is gone with the definition, but not what makes the unit follow its device.
test_external_removal_after_the_definition_went() {
        define mtty 4 mtty-1 manual
        systemctl daemon-reload
        systemctl start "$(unit 4)"
        rm "$definitions/mtty/$(uuid 4)"
        systemctl daemon-reload
        state 4 active
        remove 4
        eventually 30 state 4 inactive
}

test_start_of_what_runs_already_changes_nothing() {
        local inode
        create 1 mtty-2
        eventually 30 state 1 active
        inode=$(stat -L -c %i "$devices/$(uuid 1)")
        systemctl start "$(unit 1)"
        equal "$(stat -L -c %i "$devices/$(uuid 1)")" "$inode"
        systemctl stop "$(unit 1)"
        gone 1
}

test_stop_of_an_adopted_device_stays_stopped() {
        create 9 mtty-1
        eventually 30 state 9 active
        systemctl stop "$(unit 9)"
        gone 9
        settle
        sleep 1
        state 9 inactive
        gone 9
}

test_other_type_is_an_error_that_says_so() {
        create 1 mtty-1
        eventually 30 state 1 failed
        logged 1 "is active with type mtty-1, but $definitions/mtty/$(uuid 1) defines type mtty-2"
        exists 1
        fails systemctl start "$(unit 1)"
        exists 1
        remove 1
        systemctl reset-failed "$(unit 1)"
}

test_other_parent_is_an_error_that_says_so() {
        modprobe mdev-sim
        eventually 30 systemctl is-active -q sys-class-mdev_bus-sim0.device
        uuid 1 >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        eventually 30 state 1 failed
        logged 1 "is active on parent sim0, but $definitions/mtty/$(uuid 1) defines it on parent mtty"
        exists 1
        remove 1
        systemctl reset-failed "$(unit 1)"
        rmmod mdev-sim
}

test_a_device_in_use_is_not_removed() {
        local before after
        systemctl start "$(unit 1)"
        hold 1
        before=$SECONDS
        systemctl stop "$(unit 1)" # systemd does not let a unit refuse
        after=$SECONDS
        [ $((after - before)) -le 5 ]
        state 1 failed
        exists 1
        logged 1 "not removed from parent mtty, it is in use by hold-device ($holder); stop that first"
        kill -0 "$holder"
        # The next start takes it as it is.
        systemctl start "$(unit 1)"
        state 1 active
        kill "$holder"
        wait "$holder" || :
        systemctl stop "$(unit 1)"
        gone 1
        state 1 inactive
}

test_a_reload_with_a_device_in_use_leaves_it() {
        systemctl start "$(unit 1)"
        hold 1
        systemctl restart "$(unit 1)"
        state 1 active
        exists 1
        logged 1 "it is in use by hold-device"
        systemctl daemon-reload
        udevadm trigger --action=change
        udevadm settle
        exists 1
        kill -0 "$holder"
        kill "$holder"
        wait "$holder" || :
        systemctl start "$(unit 1)"
        systemctl stop "$(unit 1)"
        gone 1
}

# A device that is removed and made anew before systemd is through with the loss is another device.
test_external_removal_and_creation_at_once() {
        local number inode _
        define mtty 1 mtty-1 manual
        systemctl daemon-reload
        for number in 1 9; do # defined and undefined
                create "$number" mtty-1
                eventually 30 state "$number" active
                for _ in 1 2 3; do
                        remove "$number"
                        create "$number" mtty-1
                        inode=$(stat -L -c %i "$devices/$(uuid "$number")")
                        settle
                        sleep 1
                        eventually 30 state "$number" active
                        equal "$(stat -L -c %i "$devices/$(uuid "$number")")" "$inode"
                done
                systemctl stop "$(unit "$number")"
                gone "$number"
        done
}

# A start that is no start of the unit itself must not keep it from following its device.
test_external_removal_while_somebody_waits_to_use_it() {
        printf '[Unit]\nRequires=%s\nAfter=%s\n[Service]\nExecStartPre=sleep 300\nExecStart=sleep 300\n' \
                "$(unit 1)" "$(unit 1)" >/run/systemd/system/guest.service
        systemctl daemon-reload
        systemctl --no-block start guest.service
        eventually 30 state 1 active
        remove 1
        eventually 30 state 1 inactive
        fails grep -E '^(active|activating)$' <<<"$(systemctl show -P ActiveState guest.service)"
}

# A start could take the place of the stop as long as that waits for a user of the device, and would find the
# unit active. So could the start of a restart, and that of the user, which needs the device.
test_start_while_the_stop_of_a_lost_device_waits() {
        local asked inode
        for asked in "start $(unit 1)" "restart $(unit 1)" 'start user.service'; do
                slow_user 1 5
                inode=$(stat -L -c %i "$devices/$(uuid 1)")
                remove 1
                eventually 30 has_job 1
                # shellcheck disable=SC2086
                systemctl $asked
                quiet 60
                state 1 active
                exists 1
                fails equal "$(stat -L -c %i "$devices/$(uuid 1)")" "$inode"
                systemctl stop "$(unit 1)"
                gone 1
        done
        rm /run/systemd/system/user.service
        systemctl daemon-reload
}

# A long wait for a user does not send more and more requests.
test_a_long_wait_for_the_stop_costs_little() {
        local before after
        slow_user 1 30
        remove 1
        sleep 8
        state 1 active
        before=$(</proc/sys/kernel/ns_last_pid)
        sleep 8
        after=$(</proc/sys/kernel/ns_last_pid)
        state 1 active
        note "$((after - before)) processes"
        [ $((after - before)) -lt 20 ]
        eventually 60 state 1 inactive
        rm /run/systemd/system/user.service
        systemctl daemon-reload
}

# Process 1 does not listen while it is executed anew.
test_external_removal_during_a_reexec() {
        local _
        for _ in 1 2 3; do
                systemctl start "$(unit 1)"
                systemctl daemon-reexec &
                sleep 0.3
                remove 1
                wait $!
                eventually 30 state 1 inactive
        done
}

# Nor a start of its own that is through with the device, but not with its scripts.
test_external_removal_during_a_slow_script() {
        local scripts=/usr/lib/mdevctl/scripts.d/callouts
        mkdir -p $scripts
        printf '#!/bin/sh\n[ "$6-$4" != start-post ] || { : >/tmp/in-post; exec sleep 60; }\n' >$scripts/slow
        chmod +x $scripts/slow
        systemctl --no-block start "$(unit 1)"
        eventually 30 test -e /tmp/in-post
        remove 1
        eventually 30 state 1 inactive
        rm $scripts/slow
        quiet 30
        gone 1
        logged 1 'stopped after the device was created'
        systemctl start "$(unit 1)"
        exists 1
        systemctl stop "$(unit 1)"
        gone 1
}

# A masked unit has no ExecStopPost=. What is left of it must not hide a device that comes later.
test_external_creation_after_a_stop_without_a_helper() {
        create 9 mtty-1
        eventually 30 state 9 active
        systemctl mask --runtime --now "$(unit 9)"
        exists 9
        state 9 inactive
        remove 9
        settle
        systemctl unmask --runtime "$(unit 9)"
        create 9 mtty-1
        eventually 30 state 9 active
        systemctl stop "$(unit 9)"
        gone 9
}
