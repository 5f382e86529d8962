#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# System calls that sandboxes and older container runtimes refuse: each is
# younger than what glibc needs, and everything works without it. tests/run
# runs other files of tests without all of them at once (MDEV_REFUSE).

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1
        attributes mtty mtty-1 a vendor/b
        ln -s vendor/b "$(type_of mtty mtty-1)/.template/link"
        ln -s ../../out "$(type_of mtty mtty-1)/.template/escape"
        script callouts check 'echo "$4 $6" >>log; [ "$6" != capabilities ] || exit 2'
        log=$root/sys/devices/virtual/mtty/$one/.log
}

# Everything that the programs do with the kernel.
works() {
        local program
        mdevctl define -u "$one" -p mtty -t mtty-1 -a
        mdevctl modify -u "$one" --addattr a --value 1
        mdevctl modify -u "$one" --addattr vendor/b --value 2
        mdevctl modify -u "$one" --addattr link --value 3
        rm -rf "$out" && mkdir -p "$out/normal"
        generator "$out/normal"
        exists "$out/normal/mdev@$one.service.d/50-mdev.conf"
        equal "$(mdevctl types 2>&1)" "mtty
  mtty-1
    Available instances: 2
    Device API: vfio-pci"
        for program in "helper start $one" "mdevctl_with_sysfs start -u $one"; do
                # shellcheck disable=SC2086
                run -0 $program
                equal "$(cat "$log")" $'a=1\nvendor/b=2\nvendor/b=3'
                equal "$(mdevctl list)" "$one mtty mtty-1 auto (defined)"
                # shellcheck disable=SC2086
                run -0 ${program/start/stop}
                missing "$log"
        done
        mdevctl modify -u "$one" --addattr escape --value 4
        run ! helper start "$one"
        says "leads out of the device's directory"
        missing "$root/sys/devices/virtual/out"
        SERVICE_RESULT=exit-code helper stop "$one"
        mdevctl undefine -u "$one"
        equal "$(grep -c post log)" 11
        rm log
}

# without CALL: once as if the kernel had no such call, and once as if it were forbidden.
without() {
        local errno
        for errno in ENOSYS EPERM; do
                # Of lib.bash.
                # shellcheck disable=SC2034
                refused=("$build/tests/refuse-syscall" "$errno" "$1")
                works
        done
}

@test "openat2" {
        without openat2
}

@test "pidfd_open" {
        without pidfd_open
}

@test "pidfd_getfd" {
        without pidfd_getfd
}

@test "landlock" {
        without landlock
        for errno in ENOSYS EPERM; do
                "$build/tests/refuse-syscall" $errno landlock "$build/tests/test-sandbox"
        done
}

@test "faccessat2" {
        without faccessat2
}

@test "clone3" {
        without clone3
        for errno in ENOSYS EPERM; do
                "$build/tests/refuse-syscall" $errno clone3 "$build/tests/test-sandbox"
        done
}

@test "close_range" {
        without close_range
}

@test "statx" {
        without statx
}
