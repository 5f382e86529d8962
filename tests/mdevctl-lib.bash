# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Functions for the tests of mdevctl; load it after lib.bash

# Variables of lib.bash, and for the tests.
# shellcheck disable=SC2034,SC2154

setup_mdevctl() {
        load lib
        setup_tree
        one=$(uuid 1) two=$(uuid 2) three=$(uuid 3) four=$(uuid 4)
        scripts=$root/usr/lib/mdevctl/scripts.d
        golden=$BATS_TEST_DIRNAME/data/mdevctl
        cd "$root" || return
}

# A script of one line must not stay behind when a test fails.
mdevctl() {
        timeout --foreground 20 "${refused[@]}" "$build/mdevctl/mdevctl" "$@"
}

lsmdev() {
        timeout --foreground 20 "${refused[@]}" "$build/mdevctl/lsmdev" "$@"
}

# The same with a sysfs that reacts.
mdevctl_with_sysfs() {
        LD_PRELOAD=$build/tests/fake-sysfs.so mdevctl "$@"
}

# active PARENT NUMBER TYPE: there is such a device.
active() {
        local directory
        directory=$root/sys/devices/virtual/$1/$(uuid "$2")
        mkdir -p "$directory"
        ln -s "../mdev_supported_types/$3" "$directory/mdev_type"
        touch "$directory/remove"
        ln -s "../../../devices/virtual/$1/$(uuid "$2")" "$root/sys/bus/mdev/devices/$(uuid "$2")"
}

# script KIND NAME TEXT: installs a callout or a notifier.
script() {
        mkdir -p "$scripts/$1"
        printf '#!/bin/sh\n%s\n' "$3" >"$scripts/$1/$2"
        chmod +x "$scripts/$1/$2"
}

# The definition of a device on the first parent, on one line.
defined() {
        tr -d ' \n' <"$definitions/${2:-mtty}/$1"
}

# stdout of a command is a file of the golden ones, to the byte: prints FILE COMMAND...
prints() {
        local file=$golden/$1
        shift
        "$@" >"$BATS_TEST_TMPDIR/printed"
        cmp "$BATS_TEST_TMPDIR/printed" "$file" || {
                diff -u "$file" "$BATS_TEST_TMPDIR/printed"
                return 1
        }
}

# Enables a unit as systemctl does: enable PARENT NUMBER
enable() {
        local wants=$root/etc/systemd/system/sys-class-mdev_bus-$1.device.wants
        mkdir -p "$wants"
        ln -s /usr/lib/systemd/system/mdev@.service "$wants/mdev@$(uuid "$2").service"
}
