# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the groups have in common that measure in a virtual machine. They source
# "${top:-}/bench/guest.bash", which leads to the source before the boot and to
# the copy by take_along() inside.

# Copies this file and builds programs of bench/ for the virtual machine: take_along ROOT PROGRAM...
take_along() {
        local root=$1 program
        shift
        mkdir -p "$root/bench"
        # shellcheck disable=SC2154
        cp "$top/bench/guest.bash" "$root/bench/"
        for program; do
                cc -O2 -D_GNU_SOURCE -o "$root/bench/$program" "$top/bench/$program.c" "$top/bench/measuring.c" -Wl,--as-needed -lsystemd
        done
}

# Of our udev rules those that give parents their device units, without the tag for the monitor.
parents_rules() {
        sed -n 's/TAG+="mdev", //; /^SUBSYSTEM==.*GOTO=/p; /TEST=="mdev_supported_types"/p; /^LABEL=/p' "$top/udev/60-mdev.rules"
}

# The line by which results name the machine.
machine() {
        echo "machine $(uname -r) $(systemctl --version | sed -n 's/^systemd \([^ ]*\).*/\1/p') $(nproc)"
}

# How many units are active, and when the last of them became so, in microseconds: last_active PATTERN
last_active() {
        systemctl show -p ActiveState,ActiveEnterTimestampMonotonic "$1" | awk -F = '
                $2 == "active" { active++ }
                $1 ~ /Time/ && $2 > last { last = $2 }
                END { printf "%d %.0f\n", active, last }'
}

# A bare template unit for a parent simPARENT of mdev-sim, in the place of ours: without default dependencies
# and a slice, as ours, and bound to the parent. COUNT instances start with the parent, and MORE do not:
# make_bare DIRECTORY PARENT FIRST-NUMBER COUNT MORE COMMAND
make_bare() {
        local device=sys-class-${class:-mdev_bus}-sim$2 i
        mkdir -p "$1/$device.device.wants"
        cat >"$1/bench-sim$2@.service" <<UNIT
[Unit]
BindsTo=$device-mdev_supported_types.device
After=$device-mdev_supported_types.device
DefaultDependencies=no

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$6
Slice=system.slice
UNIT
        for ((i = $3; i < $3 + $4; i++)); do
                ln -s "../bench-sim$2@.service" "$1/$device.device.wants/bench-sim$2@$(uuid $i).service"
        done
        for ((; i < $3 + $4 + $5; i++)); do
                ln -s "bench-sim$2@.service" "$1/bench-sim$2@$(uuid $i).service"
        done
}

# The same, with units that run the least that makes a device: make_makers DIRECTORY PARENT FIRST-NUMBER COUNT MORE
make_makers() {
        make_bare "$@" "/bench/make-device /sys/class/mdev_bus/sim$2/mdev_supported_types/mdev_sim-small/create %i"
}
