# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# seconds: 7200
#
# In a virtual machine: what follows when parents are registered, with this
# project, with mdevctl 1.4.0, and with two floors, in turn; see bench/vm
#
# Words on the kernel command line: rounds=NUMBER and shape=PARENTSxDEVICES[+MORE][@MILLISECONDS],
# where MORE are definitions of each parent that do not start, and the last the
# time that the driver takes for a device. Only one of the four is switched on at
# a time, and nothing of it is left in the next round. PID 1 executes itself in
# between, or its memory would be that of the largest.
#
#   ours     as it is installed
#   mdevctl  the program of Debian 13 with the libraries of that Debian, by
#            Debian's rule. That runs /usr/sbin/mdevctl, where Debian's package has
#            none and ours has ours; so the path is another.
#   floor    what systemd takes for as many processes: instances of a bare template
#            that run `true`, wanted by the device unit of their parent and bound to
#            it. Each parent has its own template, which says what for ours
#            a drop-in says. Without default dependencies and a slice, as ours:
#            they would make the floor dearer. No device is made, so of the
#            kernel and of udev only the parents' part is in it.
#   maker    the same units, which run the least that makes a device (bench/make-device.c)
#            instead: what one unit per device takes with the kernel's and udev's
#            part, and nothing of what a definition may ask for.

# shellcheck source=bench/guest.bash
. "${top:-}/bench/guest.bash"

contenders="ours mdevctl floor maker"
rule=/etc/udev/rules.d/60-mdev.rules
generator=/etc/systemd/system-generators/mdev-generator
monitor=/etc/systemd/system/mdev-monitor.service

# Variables of tests/vm/boot.
# shellcheck disable=SC2154
before_boot() { # ROOT
        local original linker parent number=0 first i
        original=$(dirname "$("$top/tests/compare/original")")
        read_shape
        take_along "$1" registration
        mkdir -p "$1/bench/libraries" "$1/etc/systemd/system" "$1/etc/udev/rules.d" \
                "$1/etc/systemd/system-generators" "$1/usr/lib/mdevctl/scripts.d/"{callouts,notifiers}
        cc -O2 -static -o "$1/bench/make-device" "$top/bench/make-device.c"
        cp "$original/opt/mdevctl/usr/bin/mdevctl" "$1/bench/"
        cp "$original/usr/lib/"*/{ld-linux-*,libc.so.6,libgcc_s.so.1} "$1/bench/libraries/"
        linker=$(basename "$1/bench/libraries/"ld-linux-*)
        sed "s|/usr/sbin/mdevctl|/bench/libraries/$linker --library-path /bench/libraries /bench/mdevctl|" \
                "$original/opt/mdevctl/usr/lib/udev/rules.d/60-mdevctl.rules" >"$1/bench/60-mdevctl.rules"
        parents_rules >"$1/bench/60-parents.rules"
        ln -s /dev/null "$1$rule"
        ln -s /dev/null "$1$generator"
        ln -s /dev/null "$1$monitor"

        for ((parent = 0; parent < parents; parent++)); do
                first=$((number + 1))
                for ((i = 1; i <= devices_each; i++)); do
                        define "sim$parent" $((++number)) mdev_sim-small auto
                done
                for ((; i <= devices_each + more; i++)); do
                        define "sim$parent" $((++number)) mdev_sim-small manual
                done
                make_bare "$1/bench/floor" "$parent" "$first" "$devices_each" "$more" /bin/true
                make_makers "$1/bench/maker" "$parent" "$first" "$devices_each" "$more"
        done
}

# Sets $shape, $parents, $devices_each, $more, $latency.
read_shape() {
        shape=$(given shape 1x16)
        [[ $shape =~ ^([0-9]+)x([0-9]+)(\+([0-9]+))?(@([0-9]+))?$ ]]
        parents=${BASH_REMATCH[1]}
        devices_each=${BASH_REMATCH[2]}
        more=${BASH_REMATCH[4]:-0}
        latency=${BASH_REMATCH[6]:-0}
}

switch_on() { # CONTENDER
        case $1 in
        ours) rm "$rule" "$generator" "$monitor" ;;
        mdevctl) cp /bench/60-mdevctl.rules /etc/udev/rules.d/ ;;
        floor | maker)
                cp /bench/60-parents.rules /etc/udev/rules.d/
                cp -a "/bench/$1/." /run/systemd/system/
                ;;
        esac
        udevadm control --reload
        systemctl daemon-reexec
        [ "$1" != ours ] || systemctl start mdev-monitor.service
        settle
}

# Our units end without their ExecStopPost=, which would remove devices that are gone, a process each.
switch_off() {
        local parent
        systemctl stop mdev-monitor.service
        ln -sf /dev/null "$rule"
        ln -sf /dev/null "$generator"
        ln -sf /dev/null "$monitor"
        rm -rf /etc/udev/rules.d/60-{mdevctl,parents}.rules /run/systemd/system/{bench-sim,sys-class-mdev_bus-sim}*
        mkdir -p /run/systemd/system/mdev@.service.d
        printf '[Service]\nExecStopPost=\n' >/run/systemd/system/mdev@.service.d/bench.conf
        udevadm control --reload
        systemctl daemon-reload
        for parent in /sys/class/mdev_sim/*/registered; do
                echo 0 >"$parent"
        done
        settle
        systemctl stop 'mdev@*' 'bench-sim*'
        rm -rf /run/systemd/system/mdev@.service.d /run/mdev-generator/*
}

# Only the contender has done anything, and all of it. Ours notes each device in a file.
judge() { # CONTENDER DEVICES OUR-UNITS OUR-FILES BARE-UNITS
        case $1 in
        ours) equal "$2 $3 $4 $5" "$count $count $count 0" ;;
        mdevctl) equal "$2 $3 $4 $5" "$count 0 0 0" ;;
        floor) equal "$2 $3 $4 $5" "0 0 0 $count" ;;
        maker) equal "$2 $3 $4 $5" "$count 0 0 $count" ;;
        esac
}

measure() { # ROUND CONTENDER
        local expected=$count start device pid1 udevd rest memory ours last bare last_bare unit there files reload
        [ "$2" != floor ] || expected=0
        switch_on "$2"
        read -r start device pid1 udevd rest memory < <(/bench/registration "$expected" 1200)
        read -r ours last < <(last_active 'mdev@*')
        read -r bare last_bare < <(last_active 'bench-sim*')
        there=("$devices"/*-*)
        files=(/run/mdev-generator/*-*)
        judge "$2" "${#there[@]}" "$ours" "${#files[@]}" "$bare"

        printf 'round %d %s %s' "$1" "$shape" "$2"
        [ "$2" = floor ] || printf ' device_ms %d' $(((device - start) / 1000))
        unit=$((last > last_bare ? last : last_bare))
        [ "$2" = mdevctl ] || printf ' unit_ms %d' $(((unit - start) / 1000))
        reload=${EPOCHREALTIME/./}
        systemctl daemon-reload
        reload=$((${EPOCHREALTIME/./} - reload))
        printf ' pid1_ms %d udevd_ms %d rest_ms %d rss_kib %d reload_ms %d\n' \
                $((pid1 / 1000)) $((udevd / 1000)) $((rest / 1000)) "$memory" $((reload / 1000))
        switch_off
}

show() {
        local round contender
        shopt -s nullglob
        read_shape
        count=$((parents * devices_each))
        modprobe mdev-sim "parents=$parents" "instances=$devices_each" "probe_ms=$latency"
        switch_off
        machine
        for ((round = 1; round <= $(given rounds 5); round++)); do
                for contender in $contenders; do
                        measure "$round" "$contender"
                done
        done
}
