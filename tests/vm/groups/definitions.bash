# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Changed definitions take effect without a request
#
# suites: bookworm

before_boot() {
        local units=$1/etc/systemd/system
        define mtty 1 mtty-2 manual
        # What comes while the system boots, as from a mount or cloud-init: the parent is there by then.
        mkdir -p "$1/etc/modules-load.d" "$1/opt/late/sim0" "$units/basic.target.wants"
        echo mdev-sim >"$1/etc/modules-load.d/mdev-test.conf"
        definitions=$1/opt/late define sim0 30 mdev_sim-small auto
        definitions=$1/opt/late define sim0 31 mdev_sim-small manual
        definitions=$1/opt/late define sim0 32 mdev_sim-small auto
        ln -s /dev/null "$units/$(unit 32)"
        printf '[Unit]\nBefore=basic.target\nAfter=sysinit.target\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=udevadm settle\nExecStart=cp -r /opt/late/. /etc/mdevctl.d/\n' \
                >"$units/late.service"
        ln -s ../late.service "$units/basic.target.wants/"
}

applied() { # NUMBER
        [ -e "/run/systemd/generator/mdev@$(uuid "$1").service.d/50-mdev.conf" ]
}

wanted() { # NUMBER
        [ -L "/run/systemd/generator/sys-class-mdev_bus-mtty.device.wants/$(unit "$1")" ]
}

unwanted() {
        ! wanted "$1"
}

# How often systemd has been asked to reload.
reloads() {
        journalctl --sync
        journalctl -b -o cat _PID=1 | grep -cE '^Reloading\.*$' || :
}

# Nothing has changed lately.
quiet() {
        local before
        before=$(reloads)
        sleep 2
        [ "$(reloads)" = "$before" ]
}

test_definitions_that_come_during_the_boot() {
        local reached active
        reached=$(systemctl show -P ActiveEnterTimestampMonotonic multi-user.target)
        active=$(systemctl show -P ActiveEnterTimestampMonotonic "$(unit 30)")
        state 30 active
        exists 30
        gone 31
        gone 32
        [ "$active" -gt 0 ]
        [ "$reached" = 0 ] || [ "$active" -lt "$reached" ]
}

# Later, a new definition alone starts no device: its author must start it, with one command.
test_definitions_that_come_later() {
        define sim0 33 mdev_sim-small auto
        eventually 30 wanted_by sim0 33
        sleep 1
        gone 33
        systemctl start sys-class-mdev_bus-sim0.device
        eventually 30 state 33 active
        exists 33
        systemctl stop "$(unit 33)"
        gone 33
        systemctl start mdev.target
        eventually 30 state 33 active
        gone 32
        rm -r "${definitions:?}/sim0"
        systemctl stop "$(unit 30)" "$(unit 33)" mdev.target
}

wanted_by() { # PARENT NUMBER
        [ -L "/run/systemd/generator/sys-class-mdev_bus-$1.device.wants/$(unit "$2")" ]
}

test_the_definitions_are_watched() {
        systemctl is-active mdev-monitor.service
        systemctl is-enabled mdev-monitor.service | contains static
}

test_what_was_there_before_is_no_change() {
        local before
        eventually 30 quiet
        before=$(reloads)
        systemctl daemon-reload
        sleep 2
        systemctl restart mdev-monitor.service
        quiet
        equal "$(reloads)" $((before + 1))
}

test_a_new_file_starts_with_the_next_parent() {
        define mtty 2 mtty-2 auto
        eventually 30 wanted 2
        modprobe mtty
        eventually 30 state 2 active
        exists 2
}

# The same state comes again after somebody else has reloaded systemd.
test_a_file_that_returns_after_a_reload_by_others() {
        define mtty 15 mtty-2 manual
        eventually 10 applied 15
        mv "$definitions/mtty/$(uuid 15)" /tmp/definition
        systemctl daemon-reload
        fails applied 15
        mv /tmp/definition "$definitions/mtty/$(uuid 15)"
        eventually 10 applied 15
        rm "$definitions/mtty/$(uuid 15)"
        eventually 10 eval '! applied 15'
}

test_a_file_changed_in_place() {
        define mtty 1 mtty-1 auto
        eventually 30 wanted 1
        define mtty 1 mtty-1 manual
        eventually 30 unwanted 1
}

# A generator that takes its time: the definitions have been read by then, and systemd still reloads.
test_a_file_that_changes_during_a_reload() {
        mkdir -p /run/systemd/system-generators
        printf '%s\n' '#!/bin/sh' 'exec sleep 6.25' >/run/systemd/system-generators/slow
        chmod +x /run/systemd/system-generators/slow
        define mtty 4 mtty-1 manual
        eventually 30 pgrep -f 'sleep 6[.]25'
        rm /run/systemd/system-generators/slow
        eventually 5 applied 4
        define mtty 1 mtty-1 auto
        pgrep -f 'sleep 6[.]25'
        eventually 30 applied 4
        eventually 30 wanted 1
        rm "$definitions/mtty/$(uuid 4)"
        define mtty 1 mtty-1 manual
        eventually 30 unwanted 1
}

test_a_file_that_changes_when_nobody_watches() {
        eventually 30 quiet
        systemctl kill -s KILL mdev-monitor.service
        define mtty 1 mtty-1 auto
        eventually 30 wanted 1
        systemctl is-active mdev-monitor.service
        systemctl stop mdev-monitor.service
        define mtty 1 mtty-1 manual
        sleep 2
        wanted 1
        systemctl start mdev-monitor.service
        eventually 30 unwanted 1
}

test_a_file_replaced_by_rename() {
        define mtty 3 mtty-1 auto
        mv "$definitions/mtty/$(uuid 3)" "$definitions/mtty/.new"
        sleep 3
        mv "$definitions/mtty/.new" "$definitions/mtty/$(uuid 3)"
        eventually 30 wanted 3
}

test_a_new_parent() {
        define other 4 mtty-1 auto
        eventually 30 applied 4
        # The new directory is watched by now.
        define other 5 mtty-1 auto
        eventually 30 applied 5
}

test_a_removed_file_takes_nothing_running_away() {
        eventually 30 quiet
        state 2 active
        rm "$definitions/mtty/$(uuid 2)"
        eventually 30 unwanted 2
        state 2 active
        exists 2
}

test_the_whole_directory_goes_and_returns() {
        eventually 30 quiet
        applied 5
        mv "$definitions" "$definitions.away"
        eventually 30 fails applied 5
        mv "$definitions.away" "$definitions"
        eventually 30 applied 5
}

test_a_mount_over_the_directory() {
        eventually 30 quiet
        applied 5
        mount -t tmpfs tmpfs "$definitions"
        eventually 30 fails applied 5
        define other 6 mtty-1 auto
        eventually 30 applied 6
        mkdir "$definitions/third"
        mount -t tmpfs tmpfs "$definitions/third"
        define third 7 mtty-1 auto
        eventually 30 applied 7
        umount "$definitions/third" "$definitions"
        eventually 30 applied 5
        eventually 30 fails applied 6
}

# A parent's directory that is a link, and what it leads to is replaced.
test_a_directory_that_is_a_link() {
        mkdir -p /opt/a /opt/b
        definitions=/opt define a 8 mtty-1 manual
        definitions=/opt define b 9 mtty-1 manual
        ln -s /opt/a /opt/now
        ln -s /opt/now "$definitions/linked"
        eventually 30 applied 8
        ln -s /opt/b /opt/next
        mv -T /opt/next /opt/now
        eventually 30 applied 9
        rm "$definitions/linked"
        eventually 30 fails applied 9
}

# A document makes definitions, and everything follows as it does for a file.
test_apply() {
        local before
        modprobe -r mtty
        rm "$definitions"/mtty/*
        eventually 30 fails applied 1
        documented manual auto | mdevctl apply - | contains "+ mtty $(uuid 20)"
        eventually 30 wanted 21
        eventually 30 applied 20
        unwanted 20
        modprobe mtty
        eventually 30 state 21 active
        exists 21
        state 20 inactive
        # Once more: nothing to do, and nothing for systemd.
        eventually 30 quiet
        before=$(reloads)
        equal "$(documented manual auto | mdevctl apply --prune -)" ''
        quiet
        equal "$(reloads)" "$before"
}

documented() { # START START
        printf '[{"mtty": [{"%s": {"mdev_type": "mtty-1", "start": "%s"}}, {"%s": {"mdev_type": "mtty-1", "start": "%s"}}]}]' \
                "$(uuid 20)" "$1" "$(uuid 21)" "$2"
}

# Both kinds of automatic start end, and no device does.
test_apply_manual_disables() {
        systemctl enable "$(unit 20)"
        mdevctl list -d -u "$(uuid 20)" | contains auto
        documented manual manual | LC_ALL=C mdevctl apply - >/tmp/plan
        equal "$(grep -c 'start: auto -> manual' /tmp/plan)" 2
        eventually 30 unwanted 21
        fails systemctl is-enabled "$(unit 20)"
        exists 21
        state 21 active
        modprobe -r mtty
        modprobe mtty
        udevadm settle
        sleep 2
        state 20 inactive
        state 21 inactive
        gone 20
        gone 21
}

test_apply_prunes_and_copies() {
        mkdir -p /tmp/copy/etc
        mdevctl list -d --dumpjson | MDEVCTL_ENV_ROOT=/tmp/copy mdevctl apply -
        mdevctl list -d --dumpjson >/tmp/before
        MDEVCTL_ENV_ROOT=/tmp/copy mdevctl list -d --dumpjson | cmp - /tmp/before
        cmp "$definitions/mtty/$(uuid 20)" "/tmp/copy$definitions/mtty/$(uuid 20)"
        systemctl start "$(unit 20)"
        echo '[{"mtty": []}]' | mdevctl apply --prune -
        # systemd removes all of the generator's files before it runs the generator.
        eventually 30 fails applied 20
        eventually 30 applied 5
        fails applied 20
        fails applied 21
        exists 20
}

test_no_inotify_instance_is_left() {
        local limit=/proc/sys/fs/inotify/max_user_instances before
        before=$(<$limit)
        eventually 30 quiet
        echo 1 >$limit
        define other 8 mtty-1 auto
        eventually 30 applied 8
        define other 9 mtty-1 auto
        eventually 30 applied 9
        journalctl --sync
        equal "$(journalctl -o cat -u mdev-monitor.service | grep -c 'max_user_instances is too low; looking at them every 5 seconds')" 1
        echo "$before" >$limit
        sleep 6
        rm "$definitions/other/$(uuid 8)" "$definitions/other/$(uuid 9)"
        eventually 30 fails applied 9
}

# Root has 128 inotify instances by default, for all its programs.
test_more_parents_than_inotify_instances() {
        local number since=$EPOCHSECONDS
        for number in {100..299}; do
                define "parent$number" "$number" mtty-1 manual
        done
        eventually 60 applied 299
        eventually 30 quiet
        define parent299 299 mtty-1 manual
        define parent299 300 mtty-1 manual
        eventually 30 applied 300
        equal "$(logged_by_systemd 'Too many open files' "$since")" ''
        rm -r "$definitions"/parent*
        eventually 30 fails applied 300
}

logged_by_systemd() { # TEXT SINCE
        journalctl --sync
        journalctl -b -o cat _PID=1 --since "@$2" | grep -F "$1" || :
}

test_a_burst_causes_a_handful_of_reloads() {
        local before number
        eventually 30 quiet
        before=$(reloads)
        for number in {1000..1999}; do # without a process each, so that it is a burst here, too
                printf '{"mdev_type": "mtty-1", "start": "auto"}' \
                        >"$definitions/other/83b8f4f2-509f-382f-3c1e-00000000$number"
        done
        eventually 60 applied 1999
        eventually 30 applied 1000
        eventually 60 quiet
        echo "reloads: $before before, $(reloads) after"
        [ "$(reloads)" -gt "$before" ]
        [ $(($(reloads) - before)) -le 5 ]
        # All that with the process of the last start.
        equal "$(systemctl show -P NRestarts mdev-monitor.service)" 0
}
