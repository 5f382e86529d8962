# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# mdevctl on a live system: devices are units
#
# suites: trixie

# Variables of lib.bash, and a script in quotes.
# shellcheck disable=SC2016,SC2154

one=$(uuid 1)
two=$(uuid 2)

before_boot() { # the script of the fast tests, for a type that is here
        sed 's/vfio_ap-passthrough.matrix/mdev_sim-small\/sim0/' tests/callouts/ap-check >"$1/tests/ap-check"
}

# refused TEXT ARGUMENT...: fails with that message, within a moment, and prints nothing else.
refused() {
        local text=$1 begin=$SECONDS
        shift
        if mdevctl "$@" >/tmp/stdout 2>/tmp/stderr; then
                echo "succeeded, but must not: $*"
                return 1
        fi
        [ $((SECONDS - begin)) -le 20 ]
        equal "$(cat /tmp/stdout)" ''
        cat /tmp/stderr
        grep -qF "Error: $text" /tmp/stderr
}

test_the_walk_of_the_readme() {
        modprobe mdev-sim
        modprobe mtty
        settle
        mdevctl types | grep -q mdev_sim-small
        mdevctl define -u "$one" -p mtty -t mtty-2 -a
        equal "$(mdevctl list -d)" "$one mtty mtty-2 auto"
        mdevctl start -u "$one"
        equal "$(mdevctl list)" "$one mtty mtty-2 auto (defined)"
        equal "$(mdevctl list -d)" "$one mtty mtty-2 auto (active)"
        state 1 active
        logged 1 "$one: created, type mtty-2 on parent mtty"
        refused 'Device already exists' start -u "$one"
        mdevctl modify -u "$one" --manual
        mdevctl stop -u "$one"
        gone 1
        state 1 inactive
        refused "Device $one is not an active mdev" stop -u "$one"
        mdevctl undefine -u "$one"
        equal "$(mdevctl list -d)" ''
}

# The sandboxes of others: systemd's refuses openat2(2) with this setting, and that of udevd's unit does, too.
sandboxed() {
        systemd-run -q -p RestrictSUIDSGID=yes --pipe --wait mdevctl "$@"
}

test_where_system_calls_are_refused() {
        local rule=/run/udev/rules.d/99-others.rules
        equal "$(sandboxed types)" "$(mdevctl types)"
        sandboxed types | grep -q 'Device API: '
        mdevctl define -u "$one" -p mtty -t mtty-2
        sandboxed start -u "$one"
        exists 1
        state 1 active
        sandboxed stop -u "$one"
        gone 1

        mkdir -p /run/udev/rules.d
        echo "ACTION==\"change\", KERNEL==\"null\", RUN+=\"$(command -v mdevctl) start -u $one\"" >$rule
        udevadm control --reload
        udevadm trigger --action=change /dev/null
        udevadm settle
        exists 1
        eventually 30 state 1 active
        rm $rule
        udevadm control --reload
        mdevctl stop -u "$one"
        mdevctl undefine -u "$one"
}

test_start_without_a_definition_is_a_unit() {
        equal "$(mdevctl start -u "$two" -p sim0 -t mdev_sim-small)" ''
        exists 2
        state 2 active
        logged 2 "$two: created, type mdev_sim-small on parent sim0"
        [ -e "/run/mdevctl.d/sim0/$two" ]
        mdevctl stop -u "$two"
        gone 2
        state 2 inactive
        [ ! -e /run/mdevctl.d/sim0 ]
        equal "$(find "$definitions" -type f)" ''
}

test_start_as_libvirt_does() {
        local uuid
        uuid=$(mdevctl start --parent=sim0 --jsonfile=/dev/stdin \
                <<<'{"mdev_type":"mdev_sim-small","start":"manual","attrs":[{"sim/a":"1"},{"sim/b":"2"}]}')
        [ -e "$devices/$uuid" ]
        equal "$(cat "$devices/$uuid/sim/log")" $'a=1\nb=2'
        equal "$(systemctl is-active "mdev@$uuid.service")" active
        mdevctl stop --uuid="$uuid"
        [ ! -e "$devices/$uuid" ]
}

test_a_file_counts_and_not_what_is_stored() {
        mdevctl define -u "$two" -p sim0 -t mdev_sim-small
        mdevctl start -u "$two" -p sim0 --jsonfile /dev/stdin \
                <<<'{"mdev_type":"mdev_sim-small","start":"manual","attrs":[{"sim/a":"1"}]}'
        equal "$(cat "$devices/$two/sim/log")" a=1
        mdevctl stop -u "$two"
        mdevctl start -u "$two"
        equal "$(cat "$devices/$two/sim/log")" ''
        mdevctl stop -u "$two"
        mdevctl undefine -u "$two"
}

test_a_running_device_becomes_persistent() {
        echo "$two" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        mdevctl define -u "$two" --auto
        equal "$(mdevctl list)" "$two mtty mtty-1 auto (defined)"
        eventually 30 state 2 active
        mdevctl stop -u "$two"
        gone 2
        mdevctl undefine -u "$two"
}

test_stop_right_after_an_external_creation() {
        local _
        for _ in 1 2 3 4 5; do
                echo "$two" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
                mdevctl stop -u "$two"
                gone 2
        done
        settle
        eventually 30 state 2 inactive failed
        gone 2
}

test_stop_right_after_an_external_creation_of_a_defined_device() {
        local _
        mdevctl define -u "$two" -p mtty -t mtty-1 -a
        for _ in 1 2 3 4 5; do
                echo "$two" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
                mdevctl stop -u "$two"
                gone 2
                settle
                sleep 1
                gone 2
        done
        mdevctl undefine -u "$two"
}

test_stop_of_a_device_whose_unit_is_masked() {
        systemctl mask "$(unit 2)"
        echo "$two" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        settle
        mdevctl stop -u "$two"
        gone 2
        refused "systemd: $(unit 2): " start -u "$two" -p mtty -t mtty-1
        gone 2
        [ ! -e "/run/mdevctl.d/mtty/$two" ]
        systemctl unmask "$(unit 2)"
}

test_what_is_missing_is_said_at_once() {
        refused "Unable to find parent device 'none'" start -u "$two" -p none -t x
        refused "Unable to find parent device 'MTTY'. Did you mean 'mtty'?" start -u "$two" -p MTTY -t mtty-1
        refused 'Parent mtty does not support mdev type x' start -u "$two" -p mtty -t x
        mdevctl define -u "$two" -p none -t x
        refused "Unable to find parent device 'none'" start -u "$two"
        mdevctl undefine -u "$two"
}

test_the_helper_is_heard_when_it_fails() {
        mdevctl define -u "$two" -p sim0 -t mdev_sim-small
        mdevctl modify -u "$two" --addattr sim/a --value 1
        mdevctl modify -u "$two" --addattr sim/errno --value 28
        refused "$two: attribute 2 of 2, sim/errno, did not take the value \"28\"" start -u "$two"
        gone 2
        refused "$two: attribute 2 of 2, sim/errno" start -u "$two"
        mdevctl undefine -u "$two"
        refused "$two: attribute 1 of 1" start -u "$two" -p sim0 --jsonfile=/dev/stdin \
                <<<'{"mdev_type":"mdev_sim-small","start":"manual","attrs":[{"sim/missing":"1"}]}'
        gone 2
        [ ! -e "/run/mdevctl.d/sim0/$two" ]
}

available() {
        cat /sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/available_instances
}

test_aggregation() {
        local before
        before=$(available)
        mdevctl define -u "$two" -p sim0 -t mdev_sim-small
        mdevctl modify -u "$two" --addattr=mdev/aggregation --value=2
        mdevctl start -u "$two"
        equal "$(cat "$devices/$two/mdev/aggregation")" 2
        equal "$(available)" $((before - 2))
        state 2 active
        mdevctl stop -u "$two"
        gone 2
        equal "$(available)" "$before"
        state 2 inactive
        mdevctl undefine -u "$two"
}

test_aggregation_of_more_than_there_is() {
        local before
        before=$(available)
        mdevctl define -u "$two" -p sim0 -t mdev_sim-small
        mdevctl modify -u "$two" --addattr=mdev/aggregation --value=$((before + 1))
        refused "$two: attribute 1 of 1, mdev/aggregation, did not take the value \"$((before + 1))\": No space left on device" \
                start -u "$two"
        gone 2
        equal "$(available)" "$before"
        state 2 failed
        # The value was all that was wrong with it.
        mdevctl modify -u "$two" --delattr
        mdevctl modify -u "$two" --addattr=mdev/aggregation --value="$before"
        mdevctl start -u "$two"
        equal "$(available)" 0
        refused "parent sim0 has no instance of type mdev_sim-small left" start -p sim0 -t mdev_sim-small
        mdevctl stop -u "$two"
        equal "$(available)" "$before"
        mdevctl undefine -u "$two"
}

test_a_callout_is_run_by_the_helper_and_heard() {
        mkdir -p /usr/lib/mdevctl/scripts.d/callouts
        printf '%s\n' '#!/bin/sh' '[ "$4" = pre ] || exit 2' 'echo not today >&2' 'exit 1' \
                >/usr/lib/mdevctl/scripts.d/callouts/refuse
        chmod +x /usr/lib/mdevctl/scripts.d/callouts/refuse
        refused "$two" start -u "$two" -p sim0 -t mdev_sim-small
        grep -q 'not today' /tmp/stderr
        gone 2
        mdevctl start -f -u "$two" -p sim0 -t mdev_sim-small
        exists 2
        eventually 30 state 2 active
        refused "$two" stop -u "$two"
        exists 2
        rm /usr/lib/mdevctl/scripts.d/callouts/refuse
        mdevctl stop -u "$two"
        gone 2
}

# One process runs all scripts of one operation, for every caller.
test_a_callout_that_locks_in_the_name_of_its_parent() {
        local script=/usr/lib/mdevctl/scripts.d/callouts/ap-check
        install -D -m 755 /tests/ap-check "$script"
        define sim0 1 mdev_sim-small manual
        systemctl start "$(unit 1)"
        systemctl stop "$(unit 1)"
        mdevctl start -u "$one"
        state 1 active
        mdevctl stop -u "$one"
        mdevctl start -u "$two" -p sim0 -t mdev_sim-small
        mdevctl stop -u "$two"
        mdevctl undefine -u "$one"
        rm "$script"
        gone 1
        gone 2
        cat /run/ap.loud 2>/dev/null || :
        [ ! -e /run/ap.loud ]
        [ ! -e /run/ap.lock ]
        equal "$(paste -sd ' ' /run/ap.log)" 'start success stop success start success stop success start success stop success undefine success'
}

test_a_device_in_use_is_not_stopped() {
        local group holder
        mdevctl start -u "$two" -p mtty -t mtty-1
        group=$(basename "$(readlink "$devices/$two/iommu_group")")
        /tests/hold-device "$group" "$two" >/tmp/holding 2>&1 &
        holder=$!
        eventually 30 grep -q holding /tmp/holding
        refused "Device $two is in use by" stop -u "$two"
        exists 2
        kill $holder
        wait $holder || :
        mdevctl stop -u "$two"
        gone 2
}

# As libvirt does: it has the group open, and nothing else of the device.
test_a_look_at_the_group_is_no_use() {
        local group
        mdevctl start -u "$two" -p mtty -t mtty-1
        group=/dev/vfio/$(basename "$(readlink "$devices/$two/iommu_group")")
        exec 9<"$group"
        mdevctl stop -u "$two" 9<&-
        exec 9<&-
        gone 2
        state 2 inactive
}

test_start_again_and_again() {
        local _
        mdevctl define -u "$one" -p sim0 -t mdev_sim-small
        for _ in 1 2 3 4 5; do
                mdevctl start -u "$one"
                exists 1
                mdevctl stop -u "$one"
                gone 1
                mdevctl start -u "$two" -p sim0 -t mdev_sim-small
                exists 2
                mdevctl stop -u "$two"
                gone 2
        done
        mdevctl undefine -u "$one"
}

# The record of the device is what the unit's end would be noticed by; a reload notices it, too.
test_start_of_a_unit_whose_device_went_unnoticed() {
        mdevctl start -u "$two" -p sim0 -t mdev_sim-small
        udevadm control --stop-exec-queue
        echo 1 >"$devices/$two/remove"
        gone 2
        state 2 active
        (sleep 3; udevadm control --start-exec-queue) &
        mdevctl start -u "$two" -p sim0 --jsonfile=/dev/stdin \
                <<<'{"mdev_type":"mdev_sim-small","start":"manual","attrs":[{"sim/a":"1"}]}'
        wait $!
        settle
        eventually 30 state 2 active
        exists 2
        mdevctl stop -u "$two"
        gone 2
}

test_start_parent_mdevs() {
        mdevctl define -u "$one" -p sim0 -t mdev_sim-small -a
        mdevctl define -u "$two" -p sim0 -t mdev_sim-small
        mdevctl start-parent-mdevs sim0
        exists 1
        gone 2
        state 1 active
        mdevctl start-parent-mdevs sim0
        mdevctl stop -u "$one"
}

test_what_systemctl_has_enabled_is_auto() {
        systemctl daemon-reload
        systemctl enable "$(unit 2)"
        mdevctl list -d | grep -qx "$two sim0 mdev_sim-small auto"
        mdevctl modify -u "$two" --manual
        mdevctl list -d | grep -qx "$two sim0 mdev_sim-small manual"
        [ -z "$(find /etc/systemd/system -name 'mdev@*')" ]
}
