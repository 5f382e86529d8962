# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The command mdevctl against mdevctl 1.4.0, that of Debian 13; sourced by bench/run
#
# Both are started in the same way, by their dynamic linker with the directory
# of their libraries, because that is how a program of Debian 13 runs on
# Debian 12; what starting costs is the first line of the table. The tree is in
# a tmpfs. There the fsync() for which define waits, and which the original does
# without, costs nothing.

# Variables of bench/run.
# shellcheck disable=SC2154

# What starts a program of Debian with the libraries below a directory, "" for those of this machine;
# sets $launcher.
find_launcher() { # PROGRAM DIRECTORY
        local linker libraries
        linker=$(readelf -p .interp "$1" | grep -o '/lib.*')
        libraries=/usr/lib/$(cc -print-multiarch)
        # Without the links of a system that has one /usr.
        [ -e "$2$linker" ] || linker=$libraries/${linker##*/}
        launcher=("$2$linker" --library-path "$2$libraries" "$1")
}

bench_uuid() { # NUMBER
        printf '83b8f4f2-509f-382f-3c1e-%012d' "$1"
}

# 20 parents with 20 types each, 2000 definitions, and the first half of each parent's devices active.
make_mdevs() { # DIRECTORY
        local parent type number uuid from=0
        mkdir -p "$1"/{etc/mdevctl.d,usr/lib/mdevctl/scripts.d/{callouts,notifiers},sys/class/mdev_bus,sys/bus/mdev/devices}
        for parent in 0000:00:{10..29}.0; do
                mkdir -p "$1/etc/mdevctl.d/$parent" "$1/sys/devices/$parent/mdev_supported_types/"t{1..20}
                ln -s "../../devices/$parent" "$1/sys/class/mdev_bus/"
                for type in "$1/sys/devices/$parent/mdev_supported_types/"*; do
                        echo 100 >"$type/available_instances"
                        echo vfio-pci >"$type/device_api"
                        echo "GRID ${type##*/}" >"$type/name"
                        printf 'num_heads=4\nframe_rate_limiter=60\n' >"$type/description"
                done
                for ((number = from; number < from + 100; number++)); do
                        uuid=$(bench_uuid "$number")
                        printf '{\n  "mdev_type": "t1",\n  "start": "auto",\n  "attrs": [\n    {\n      "a": "1"\n    },\n    {\n      "b": "2"\n    }\n  ]\n}' \
                                >"$1/etc/mdevctl.d/$parent/$uuid"
                        [ "$number" -lt $((from + 50)) ] || continue
                        mkdir "$1/sys/devices/$parent/$uuid"
                        ln -s ../mdev_supported_types/t1 "$1/sys/devices/$parent/$uuid/mdev_type"
                        ln -s "../../../devices/$parent/$uuid" "$1/sys/bus/mdev/devices/"
                        echo 1 >"$1/sys/devices/$parent/$uuid/a"
                        echo 2 >"$1/sys/devices/$parent/$uuid/b"
                done
                from=$((from + 100))
        done
        echo 4 >"$1/sys/devices/0000:00:11.0/mdev_supported_types/t1/available_instances"
}

# Prints a line of the table: what "$ours_run" takes, and "$reference_run" by turns if it is not empty: measure WHAT ROUNDS RUNS
measure() {
        local what=$1 rounds=$2 runs=$3 ours_list=() reference_list=() round reference_ms='' reference_peak=''
        for ((round = 0; round < rounds; round++)); do
                ours_list+=("$("$tree/repeat" "$runs" "${ours_run[@]}")")
                [ ${#reference_run[@]} = 0 ] || reference_list+=("$("$tree/repeat" "$runs" "${reference_run[@]}")")
        done
        if [ ${#reference_run[@]} -gt 0 ]; then
                reference_ms=$(printf '%s\n' "${reference_list[@]}" | median)
                reference_peak=$("$tree/repeat" --peak "${reference_run[@]}")
        fi
        awk -v what="$what" -v o="$(printf '%s\n' "${ours_list[@]}" | median)" -v r="$reference_ms" \
                -v op="$("$tree/repeat" --peak "${ours_run[@]}")" -v rp="$reference_peak" '
                BEGIN {
                        if (r == "")
                                printf "%-52s %8.2f %8s %7s %8d %8s\n", what, o, "-", "-", op, "-"
                        else
                                printf "%-52s %8.2f %8.2f %7.2f %8d %8d\n", what, o, r, o / r, op, rp
                }'
}

# The same command line for both. They must print the same, but for UUIDs that they make up.
# side_by_side WHAT ROUNDS RUNS ARGUMENT...
side_by_side() {
        ours_run=("${ours[@]}" "${@:4}")
        reference_run=("${reference[@]}" "${@:4}")
        diff <("${ours_run[@]}" | sed "$hide") <("${reference_run[@]}" | sed "$hide") >&2 ||
                { echo "bench: mdevctl ${*:4} prints something else than the original" >&2; return 1; }
        measure "$1" "$2" "$3"
}

# What the original lacks: alone WHAT ROUNDS RUNS ARGUMENT...
alone() {
        ours_run=("${ours[@]}" "${@:4}")
        reference_run=()
        measure "$1" "$2" "$3"
}

# A document against as many calls of "define" with the original.
apply_a_parent() {
        local directory=$tree/root/etc/mdevctl.d/0000:00:30.0 number
        {
                echo '#!/bin/bash'
                echo 'rm -rf "$1"; shift'
        } | tee "$tree/apply" >"$tree/define"
        echo 'exec "$@"' >>"$tree/apply"
        for ((number = 5000; number < 5100; number++)); do
                echo "\"\$@\" define -u $(bench_uuid $number) -p 0000:00:30.0 -t t1"
        done >>"$tree/define"
        chmod +x "$tree"/{apply,define}
        "$tree/define" "$directory" "${ours[@]}" 2>/dev/null
        "${ours[@]}" list -d -p 0000:00:30.0 --dumpjson >"$tree/parent.json"
        ours_run=("$tree/apply" "$directory" "${ours[@]}" apply "$tree/parent.json")
        reference_run=("$tree/define" "$directory" "${reference[@]}")
        measure "apply, a parent with 100 new ones, against define" 9 1
        rm -r "$directory"
}

# In a subshell, so that its tree goes with it.
mdevctl_part() (
        launcher=()
        hide='s/[0-9a-f]\{8\}-[0-9a-f-]\{27\}/<uuid>/'
        tests/setup vm
        original=$(dirname "$(tests/compare/original)")
        find_launcher "$build/mdevctl/mdevctl" ""
        ours=("${launcher[@]}")
        find_launcher "$original/opt/mdevctl/usr/bin/mdevctl" "$original"
        reference=("${launcher[@]}")

        tree=$(mktemp -d /dev/shm/mdev-bench.XXXXXX)
        trap 'rm -rf "$tree"' EXIT
        cc -O2 -o "$tree/repeat" bench/repeat.c
        make_mdevs "$tree/root"
        export MDEVCTL_ENV_ROOT=$tree/root

        echo
        echo "mdevctl, ms (median of 9, alternating)"
        printf '%-52s %8s %8s %7s %8s %8s\n' '' ours 1.4.0 ratio 'KiB' '1.4.0'
        side_by_side "--version" 9 50 --version
        side_by_side "list -d, 2000 definitions" 9 5 list -d
        side_by_side "list --dumpjson --defined, 2000 definitions" 9 5 list --dumpjson --defined
        side_by_side "types, 20 parents with 20 types" 9 10 types
        side_by_side "define" 9 20 define -p 0000:00:10.0 -t t1
        side_by_side "define --auto, no instance left" 9 20 define -p 0000:00:11.0 -t t1 --auto 2>/dev/null
        find "$tree/root/etc/mdevctl.d" -type f ! -name "$(bench_uuid 0 | cut -c 1-24)*" -delete
        side_by_side "modify" 9 20 modify -u "$(bench_uuid 60)" -p 0000:00:10.0 --auto
        side_by_side "list, 1000 active" 9 5 list
        apply_a_parent
        # Now no definition is at fault.
        echo 100 >"$tree/root/sys/devices/0000:00:11.0/mdev_supported_types/t1/available_instances"
        "${ours[@]}" list -d --dumpjson >"$tree/host.json"
        alone "apply, a host where nothing changes" 9 1 apply "$tree/host.json"
        alone "check" 9 1 check
        alone "status" 9 1 status
        for script in first second third; do
                printf '#!/bin/sh\nexit 2\n' >"$tree/root/usr/lib/mdevctl/scripts.d/callouts/$script"
                chmod +x "$tree/root/usr/lib/mdevctl/scripts.d/callouts/$script"
        done
        side_by_side "list, 1000 active, 3 scripts for other types" 9 1 list
)
