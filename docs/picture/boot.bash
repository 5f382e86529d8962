# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Inside the virtual machine: a boot with 20 devices on 3 parents, and when systemd
# started each unit; see docs/picture/make

# Variables and functions of tests/vm/boot and lib.bash.
# shellcheck disable=SC2154

# The devices and their parents.
parents=(mtty sim0 sim1)
types=(mtty-1 mdev_sim-small mdev_sim-small)

before_boot() { # ROOT
        local number
        for ((number = 0; number < 20; number++)); do
                define "${parents[number % 3]}" $((number + 1)) "${types[number % 3]}" auto
        done
        mkdir -p "$1/etc/modules-load.d" "$1/etc/modprobe.d"
        printf 'mtty\nmdev-sim\n' >"$1/etc/modules-load.d/parents.conf"
        echo 'options mdev-sim parents=2' >"$1/etc/modprobe.d/parents.conf"
}

# Prints when systemd began to start a unit, and when it was active, in microseconds: times UNIT LABEL
times() {
        echo "$(systemctl show -P InactiveExitTimestampMonotonic "$1")" \
                "$(systemctl show -P ActiveEnterTimestampMonotonic "$1")" "$2"
}

show() {
        local number name
        for ((number = 1; number <= 20; number++)); do
                eventually 120 state $number active
        done
        eventually 120 systemctl is-active -q multi-user.target
        echo 'picture begins'
        for name in systemd-udevd systemd-modules-load mdev-monitor; do
                times $name.service $name.service
        done
        for name in "${parents[@]}"; do
                times "sys-class-mdev_bus-$name.device" "sys-class-mdev_bus-$name.device"
        done
        for ((number = 1; number <= 20; number++)); do
                times "$(unit $number)" "mdev@…$(printf %04d $number).service on ${parents[(number - 1) % 3]}"
        done
        times multi-user.target multi-user.target
        echo 'picture ends'
}
