#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl status: the one screen, and its JSON

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

gpu=0000:00:02.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
        parent $gpu t2 t10
}

# Devices in every state, and what differs between sysfs of different kernels.
populate() {
        define mtty 3 mtty-2 auto '{"b": "2"}, {"a": "1"}, {"b": "3"}'
        define mtty 1 mtty-1 manual
        define $gpu 2 t2 auto '{"nvidia/vgpu_params": "frame_rate_limiter=0, \"x\""}'
        define $gpu 3 t10 manual
        define absent 5 x auto
        active mtty 3 mtty-2
        active mtty 4 mtty-1
        active $gpu 2 t2
        echo "GRID A" >"$(type_of $gpu t2)/name"
        printf 'frames=1\nheads=2\n' >"$(type_of $gpu t2)/description"
        mkdir "$root/driver-of-gpu"
        ln -s ../../../../driver-of-gpu "$root/sys/devices/virtual/$gpu/driver"
        ln -s ../../../../../kernel/iommu_groups/12 "$root/sys/bus/mdev/devices/$two/iommu_group"
        mkdir -p "$root/dev/vfio/devices" "$root/sys/bus/mdev/devices/$two/vfio-dev/vfio0"
        touch "$root/dev/vfio/12" "$root/dev/vfio/devices/vfio0"
}

# stdout of a command is a file of the golden ones, where ROOT stands for the tree.
prints_status() {
        local file=$1
        shift
        "$@" | sed "s,$root,ROOT,g" >"$BATS_TEST_TMPDIR/replaced"
        prints "$file" cat "$BATS_TEST_TMPDIR/replaced"
}

@test "JSON has all facts of parents, types and devices" {
        populate
        prints_status status.json mdevctl status --json
}

@test "the exit status with a UUID is that of systemctl status" {
        populate
        define $gpu 1 t2 manual
        run -0 mdevctl status --json -u "$two"
        run -3 mdevctl status --json -u "$one"
        run -4 mdevctl status --json -u "$(uuid 9)"
        equal "$(tr -d ' \n' <<<"$output")" '{"parents":[]}'
        active mtty 1 mtty-1
        run -0 mdevctl status --json -u "$one"
        run -3 mdevctl status --json -u "$one" -p $gpu
        run -0 mdevctl status --json -p unknown
        equal "$(tr -d ' \n' <<<"$output")" '{"parents":[]}'
}
