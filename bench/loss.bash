# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# seconds: 7200
#
# In a virtual machine: what the loss and the adoption of devices cost, with one
# build of this project or with as many bare template units; see bench/loss
#
# Words on the kernel command line: contender=NAME, round=NUMBER, singles=NUMBER. The contender
# "maker" is the template unit of bench/contenders.bash, and "remover" has an ExecStop= in addition, the
# least that removes a device. Nothing of the project is in their machines
# but a rule that tells systemd of parents. bench/settling asks for the stops of units whose devices
# others remove: as many stops as the project makes, with the same events of the kernel and udev.
#
# sim0 has 100 devices, sim1 to sim20 have 5 each, and sim21 has 1. Definitions of a parent that is
# never there make it 1000.

# shellcheck source=bench/guest.bash
. "${top:-}/bench/guest.bash"

parents=22
small=mdev_supported_types/mdev_sim-small/create

is_bare() { # CONTENDER
        [ "$1" = maker ] || [ "$1" = remover ]
}

# Sets $first and $count, the devices that are defined for a parent: devices_of PARENT
devices_of() {
        case $1 in
        0) first=1 count=100 ;;
        21) first=201 count=1 ;;
        *) first=$((96 + 5 * $1)) count=5 ;;
        esac
}

# Variables of tests/vm/boot.
# shellcheck disable=SC2154
before_boot() { # ROOT
        local bare=no parent first count i start=auto units=$1/etc/systemd/system
        contender=$(given contender ours)
        if is_bare "$contender"; then
                bare=yes
                rm -rf "${1:?}/usr"
                mkdir -p "$1/etc/udev/rules.d"
                parents_rules >"$1/etc/udev/rules.d/60-parents.rules"
        fi
        take_along "$1" settling
        cc -O2 -static -o "$1/bench/make-device" "$top/bench/make-device.c"
        for ((parent = 0; parent < parents; parent++)); do
                devices_of "$parent"
                [ "$parent" -lt 21 ] || start=manual
                for ((i = first; i < first + count; i++)); do
                        [ $bare = yes ] || define "sim$parent" "$i" mdev_sim-small $start
                done
                [ $bare = no ] || make_makers "$units" "$parent" "$first" $((parent < 21 ? count : 0)) 0
                [ "$contender" != remover ] || echo "ExecStop=-/bench/make-device $devices/%i/remove 1" \
                        >>"$units/bench-sim$parent@.service"
        done
        for ((i = 301; i < 1100; i++)); do
                [ $bare = yes ] || define absent "$i" mdev_sim-small manual
        done
}

# The unit of a device: unit_of PARENT NUMBER
unit_of() {
        if is_bare "$contender"; then
                echo "bench-sim$1@$(uuid "$2").service"
        else
                unit "$2"
        fi
}

# Waits for the units after what bench/settling does: settle_down UNITS [PATH=TEXT...] [-- METHOD UNIT...]
settle_down() {
        /bench/settling "$1" "$prefix" "${@:2}"
}

# Prints the measurement as a round: measure SHAPE UNITS [PATH=TEXT...] [-- METHOD UNIT...]
measure() {
        local figures
        figures=$(settle_down "${@:2}")
        echo "round $round $1 $contender $figures"
}

# Registers or unregisters the parents of a range, and measures that if it has a name:
# register 0|1 FIRST LAST UNITS [SHAPE]
register() {
        local words=() parent
        for ((parent = $2; parent <= $3; parent++)); do
                words+=("/sys/class/mdev_sim/sim$parent/registered=$1")
        done
        if [ -n "${5:-}" ]; then
                measure "$5" "$4" "${words[@]}"
        else
                settle_down "$4" "${words[@]}" >/dev/null
        fi
}

# Bare units must be told what ours find out: tell StartUnit|StopUnit PARENT FIRST-NUMBER COUNT
tell() {
        local i
        told=()
        is_bare "$contender" || return 0
        told=(-- "$1")
        for ((i = $3; i < $3 + $4; i++)); do
                told+=("$(unit_of "$2" "$i")")
        done
}

# Others remove devices of a parent: remove SHAPE PARENT FIRST-NUMBER COUNT
remove() {
        local words=() i
        for ((i = $3; i < $3 + $4; i++)); do
                words+=("$devices/$(uuid "$i")/remove=1")
        done
        tell StopUnit "$2" "$3" "$4"
        measure "$1" 0 "${words[@]}" "${told[@]}"
}

# Others make devices that are not defined, or bare units do: adopt SHAPE PARENT FIRST-NUMBER COUNT
adopt() {
        local words=() i
        if ! is_bare "$contender"; then
                for ((i = $3; i < $3 + $4; i++)); do
                        words+=("/sys/class/mdev_bus/sim$2/$small=$(uuid "$i")")
                done
        fi
        tell StartUnit "$2" "$3" "$4"
        measure "$1" "$4" "${words[@]}" "${told[@]}"
        equal "$(list_units "$prefix*" | grep -c ' active ')" "$4"
}

# How often the resident processes of the project have slept and woken up: switches PID...
switches() {
        local pid
        for pid; do
                cat "/proc/$pid/task/"*/status
        done | awk '/_ctxt_switches:/ { n += $2 } END { print n }'
}

# The memory of the resident processes, and their wake-ups in a minute in which nothing happens.
resident() {
        local pids=() file before pid
        for file in /sys/fs/cgroup/system.slice/mdev-{monitor,definitions}.service/cgroup.procs; do
                [ ! -e "$file" ] || mapfile -t -O ${#pids[@]} pids <"$file"
        done
        [ ${#pids[@]} -gt 0 ] || return 0
        before=$(switches "${pids[@]}")
        nap 60
        echo "round $round idle $contender wakeups $(($(switches "${pids[@]}") - before))" \
                "$(for pid in "${pids[@]}"; do cat "/proc/$pid/smaps_rollup"; done |
                        awk '$1 == "Rss:" { rss += $2 } $1 == "Pss:" { pss += $2 } END { print "rss_kib", rss, "pss_kib", pss }')"
}

show() {
        local i
        round=$(given round 1)
        contender=$(given contender ours)
        prefix=mdev@
        ! is_bare "$contender" || prefix=bench-sim
        machine
        systemctl is-system-running --wait >/dev/null || :
        settle_down 0 >/dev/null
        resident
        # The module registers all parents. udevd sees them when they have left again.
        udevadm control --stop-exec-queue
        modprobe mdev-sim "parents=$parents" instances=100
        register 0 0 $((parents - 1)) 0
        udevadm control --start-exec-queue
        settle

        register 1 0 0 100
        register 0 0 0 0 1x100
        register 1 0 0 100
        remove remove100 0 1 100
        adopt adopt100 0 2001 100
        register 0 0 0 0
        register 1 1 20 100
        register 0 1 20 0 20x5

        register 1 21 21 0
        for ((i = 1; i <= $(given singles 20); i++)); do
                settle_down 1 -- StartUnit "$(unit_of 21 201)" >/dev/null
                remove remove1 21 201 1
        done
}
