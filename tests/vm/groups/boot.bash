# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# From boot to shutdown with many devices, some of whose parents never appear
#
# cmdline: mdev_sim.parents=15 mdev_sim.probe_ms=3000
# full: devices=10
#
# Creations take longer than the rest of the boot. devices=NUMBER is how many each of 20 parents has;
# with devices=0 idle=20 one sees what the same boot and shutdown cost without any, but with as many
# processes that do not end by themselves, and with units=200 what systemd takes for units that have
# nothing to do with devices.

# Variables of lib.bash.
# shellcheck disable=SC2154

parents=15 # that appear, of 20
per_parent=$(given devices 1)
expected=$((parents * per_parent))

before_boot() {
        local parent i
        for parent in {0..19}; do
                for ((i = 1; i <= per_parent; i++)); do
                        define "sim$parent" $((parent * 100 + i)) mdev_sim-small auto
                done
        done
        define sim0 99 mdev_sim-small manual
        mkdir -p "$1/etc/modules-load.d"
        printf '%s\n' mdev-sim vfio_iommu_type1 >"$1/etc/modules-load.d/mdev-test.conf"
        # udev is slower than the boot: it announces some of the parents when all else has ended.
        mkdir -p "$1/etc/udev/rules.d"
        printf '%s\n' 'ACTION!="remove", KERNEL=="sim1?", TEST=="mdev_supported_types", PROGRAM="/bin/sleep 10"' \
                >"$1/etc/udev/rules.d/10-slow.rules"
}

count_of_active() {
        systemctl list-units --no-legend --state=active 'mdev@*.service' | wc -l
}

# When each unit became active, in microseconds, in that order.
times() {
        systemctl show -p ActiveEnterTimestampMonotonic 'mdev@*.service' | sed -n 's/^.*=\([1-9]\)/\1/p' | sort -n
}

test_nothing_waits_for_the_parents_that_never_appear() {
        fails grep -F 'Timed out waiting' <<<"$(journalctl -b -o cat -t systemd)"
        # The default target may still be on its way.
        equal "$(systemctl list-jobs --no-legend | grep -E 'mdev@|sim' || :)" ''
        equal "$(systemctl show -P LoadState 'sys-class-mdev_bus-sim15.device')" loaded
        equal "$(systemctl show -P ActiveState 'sys-class-mdev_bus-sim15.device')" inactive
        equal "$(systemctl list-units --no-legend --failed)" ''
        equal "$(systemctl is-enabled mdev.target || :)" disabled
}

# With parents that are there by then, and these all are.
test_all_others_are_active_at_multi_user() {
        local reached late last
        reached=$(systemctl show -P ActiveEnterTimestampMonotonic multi-user.target)
        equal "$(count_of_active)" "$expected"
        late=$(times | awk -v reached="$reached" '$1 > reached')
        last=$(times | tail -n 1)
        echo 0 >/sys/module/mdev_sim/parameters/probe_ms
        note "$expected devices; multi-user at $((reached / 1000)) ms, the last device at $((${last:-0} / 1000)) ms"
        equal "$late" ''
}

test_mdev_target_wants_what_starts_by_itself() {
        local wants
        wants=$(systemctl show -P Wants mdev.target)
        equal "$(wc -w <<<"$wants")" $((20 * per_parent))
        equal "$(grep -cF "$(unit 99)" <<<"$wants" || :)" 0
        systemctl show -P After mdev.target | contains "${wants##* }"
}

test_isolate_leaves_devices_alone() {
        systemctl start "$(unit 99)"
        systemctl isolate rescue.target
        sleep 2
        equal "$(count_of_active)" $((expected + 1))
        exists 99
        fails logged 99 removed
        systemctl isolate multi-user.target
}

# As many as there are definitions; one in ten is in use.
last_words() {
        local devices_all=$((20 * per_parent)) i uuids group
        mkdir -p /run/held
        for ((i = expected + 1; i < devices_all; i++)); do
                uuid $((5000 + i)) >"/sys/class/mdev_bus/sim$((i % parents))/mdev_supported_types/mdev_sim-small/create"
        done
        eventually 60 all_active "$devices_all"
        cd "$devices" || return
        shopt -s nullglob
        uuids=(*)
        {
                echo '#!/bin/sh'
                for ((i = 0; i < devices_all; i += 10)); do
                        group=$(basename "$(readlink "${uuids[i]}/iommu_group")")
                        echo "/tests/hold-device $group ${uuids[i]} >/run/held/$i &"
                done
                for ((i = 0; i < $(given idle 0); i++)); do
                        echo 'sleep 1000 &'
                done
                echo wait
        } >/run/hold
        chmod +x /run/hold
        # Even devices in use must not hold the shutdown up.
        printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/run/hold\n' >/run/systemd/system/hold.service
        systemctl daemon-reload
        systemctl start hold.service
        eventually 30 all_held $((devices_all / 10))
        start_plain_units "$(given units 0)"
        note "$devices_all devices, $(cat /run/held/* | wc -l) in use; $(systemctl list-units --no-legend --state=active 'plain@*' | wc -l) plain units"
        shut_down 'shutdown removed nothing and waited for nothing' \
                "[ \"\$(ls $devices | wc -l)\" = ${#uuids[@]} ] && [ \$took -le 3000 ]"
}

start_plain_units() { # NUMBER
        local units=() i
        [ "$1" != 0 ] || return 0
        cat >/run/systemd/system/plain@.service <<'END'
[Unit]
DefaultDependencies=no
IgnoreOnIsolate=yes
After=sysinit.target
Before=multi-user.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
Slice=system.slice
END
        systemctl daemon-reload
        for ((i = 1; i <= $1; i++)); do
                units+=("plain@$i.service")
        done
        systemctl start "${units[@]}"
}

all_active() {
        [ "$(count_of_active)" = "$1" ]
}

all_held() {
        [ "$(cat /run/held/* 2>/dev/null | grep -c holding)" = "$1" ]
}
