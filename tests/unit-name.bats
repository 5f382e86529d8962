#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Names of units, compared with those of the systemd that is installed

# Variables of bats and of lib.bash.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load lib
        setup_tree
        command -v systemd-escape >/dev/null || skip "systemd-escape is not installed"
}

# compare PATH...
compare() {
        local path
        for path in "$@"; do
                equal "$path $("$build/tests/print-unit-name" "$path")" \
                        "$path $(systemd-escape --path --suffix=device -- "$path")"
        done
}

@test "every byte is escaped as systemd-escape does it" {
        local code paths=()
        for code in {1..255}; do
                [ "$code" -eq 47 ] || paths+=("/$(printf '\x%x' "$code")a" "/a$(printf '\x%x' "$code")z")
        done
        run -0 "$build/tests/print-unit-name" "${paths[@]}"
        equal "$output" "$(systemd-escape --path --suffix=device -- "${paths[@]}" | tr ' ' '\n')"
}

@test "paths of parents and devices become the names systemd-escape gives them" {
        compare /sys/class/mdev_bus/0000:00:02.0 /sys/class/mdev_bus/0.0.0313 /sys/devices/vfio_ap/matrix \
                /sys/class/mdev_bus/{mtty,my-parent,.hidden,-rf,100%,"a b"} "/sys/bus/mdev/devices/$(uuid 1)" \
                "/sys/bus/mdev/devices/$(uuid 1 | tr - /)"
}

@test "slashes and dots are normalised as systemd-escape does it" {
        compare / // /. /a/ //a///b// /a/./b/. /./a /.x /./.x /... /a/.x /a/... /a/.../b
}

@test "what systemd-escape refuses is refused" {
        local path
        for path in /a/../b /a/..; do
                run ! systemd-escape --path --suffix=device -- "$path"
                run ! "$build/tests/print-unit-name" "$path"
        done
        # systemd 257 takes the root's parent for the root.
        for path in /.. /../a; do
                run ! "$build/tests/print-unit-name" "$path"
        done
}
