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

@test "the tree has a line for each parent and each device" {
        populate
        prints_status status.txt mdevctl status
        equal "$(mdevctl status -p mtty)" "$(mdevctl status | sed -n '/^mtty$/,$p')"
        equal "$(mdevctl status -p unknown)" ""
}

@test "a device has all that is known of it" {
        populate
        define mtty 3 mtty-1 auto '{"b": "2"}, {"a": "1\n"}, {"b": "3"}, {"missing": "0"}'
        echo 4 >"$root/sys/bus/mdev/devices/$three/b"
        echo 1 >"$root/sys/bus/mdev/devices/$three/a"
        run -0 prints_status status-one.txt mdevctl status -u "$three"
        run -4 --separate-stderr mdevctl status -u "$(uuid 9)"
        equal "$output" ""
        equal "$stderr" "Warning: device $(uuid 9) is neither defined nor active"
}

# The value of a key in the JSON of the only device: value KEY
value() {
        mdevctl status --json -u "$one" | sed -n "s/^ *\"$1\": //p" | sed 's/,$//'
}

@test "the type that runs and the values that differ" {
        define mtty 1 mtty-1 auto '{"same": "1\n\n"}, {"b": "2"}, {"b": "3"}, {"space": "4 "}'
        active mtty 1 mtty-2
        printf '1\n' >"$root/sys/bus/mdev/devices/$one/same"
        printf '2\n' >"$root/sys/bus/mdev/devices/$one/b"
        printf '4\n' >"$root/sys/bus/mdev/devices/$one/space"
        equal "$(value type)" '"mtty-2"'
        equal "$(value running | tr '\n' ' ')" '"mtty-2" "2" "4" '
        equal "$(value defined | tr '\n' ' ')" 'true "mtty-1" "3" "4 " '
}

@test "a device that is defined here and active there appears twice" {
        define $gpu 1 t2 auto
        active mtty 1 mtty-1
        equal "$(value active | tr '\n' ' ')" 'false true '
        equal "$(value defined | tr '\n' ' ')" 'true false '
        equal "$(mdevctl status | tr -s ' ' | grep "$one")" \
                " $one t2 auto inactive"$'\n'" $one mtty-1 undefined active"
}

@test "the enablement comes from the files of the tree" {
        local system=$root/etc/systemd/system runtime=$root/run/systemd/system
        mkdir -p "$system" "$runtime"
        define mtty 1 mtty-1 manual
        equal "$(value enablement)" '"disabled"'
        equal "$(value start)" '"manual"'
        enable mtty 1
        equal "$(value enablement)" '"enabled"'
        equal "$(value start)" '"auto"'
        [[ $(mdevctl status) == *" auto (enabled) "* ]]
        mv "$system/sys-class-mdev_bus-mtty.device.wants" "$runtime"
        equal "$(value enablement)" '"enabled-runtime"'
        ln -s /dev/null "$runtime/mdev@$one.service"
        equal "$(value enablement)" '"masked-runtime"'
        ln -s /dev/null "$system/mdev@$one.service"
        equal "$(value enablement)" '"masked"'
        [[ $(mdevctl status) == *" auto (masked) "* ]]
        rm "$system/mdev@$one.service" "$runtime/mdev@$one.service" -r "$runtime"/*.wants
        define mtty 1 mtty-1 auto
        equal "$(value enablement)" '"enabled-runtime"'
        rm "$definitions/mtty/$one"
        active mtty 1 mtty-1
        equal "$(value enablement)" '"static"'
        equal "$(value start)" null
}

@test "an unreadable definition is shown and named" {
        mkdir -p "$definitions/mtty"
        echo '{"mdev_type": 7}' >"$definitions/mtty/$one"
        touch "$definitions/mtty/readme"
        equal "$(value type 2>/dev/null)" null
        equal "$(value start 2>/dev/null)" null
        equal "$(value attributes 2>/dev/null)" null
        equal "$(value file 2>/dev/null)" "\"$definitions/mtty/$one\""
        run --separate-stderr -0 mdevctl status
        says "  $one  unknown  unreadable  inactive"$'\n'"      \"mdev_type\""
        equal "$(grep -c "^Warning: $definitions/mtty/$one: .*, ignoring\$" <<<"$stderr")" 1
        equal "$(grep -c "^Warning: $definitions/mtty/readme: .*, ignoring\$" <<<"$stderr")" 1
}

@test "nothing that is missing is asked for" {
        rm -r "$root/sys" "$definitions"
        equal "$(mdevctl status 2>&1)" ""
        equal "$(mdevctl status --json 2>&1 | tr -d ' \n')" '{"parents":[]}'
}

@test "numbers that cannot be read are null" {
        echo many >"$(type_of mtty mtty-1)/available_instances"
        rm "$(type_of mtty mtty-2)/available_instances" "$(type_of mtty mtty-2)/device_api"
        equal "$(mdevctl status --json -p mtty | grep -c '": null')" 8
        equal "$(mdevctl status -p mtty)" $'mtty\n  mtty-1 unknown, mtty-2 unknown'
}

# What a driver or a file says is never obeyed, and always UTF-8.
@test "hostile text is escaped, and JSON is UTF-8" {
        define mtty 1 mtty-1 auto '{"a": "\u001b[31m\u007f\u009b"}'
        active mtty 1 mtty-1
        printf 'b\033[2J\302\233\377' >"$root/sys/bus/mdev/devices/$one/a"
        printf 'x\377\033\302\233\177\303\244' >"$(type_of mtty mtty-1)/name"
        mkdir "$definitions"/$'bad\033\377'
        printf '{"mdev_type": "t", "start": "auto"}' >"$definitions"/$'bad\033\377'/"$two"
        for options in '' "-u $one"; do
                # shellcheck disable=SC2086
                mdevctl status $options >"$BATS_TEST_TMPDIR/text" 2>/dev/null
                equal "$(LC_ALL=C tr -d '\n\040-\176' <"$BATS_TEST_TMPDIR/text" | wc -c)" 0
        done
        says_escaped=$(mdevctl status -u "$one")
        [[ $says_escaped == *'the device has "b\x1b[2J\xc2\x9b\xff"'* ]]
        [[ $says_escaped == *'Type: mtty-1; x\xef\xbf\xbd\x1b\xc2\x9b\x7f\xc3\xa4;'* ]]
        mdevctl status --json >"$BATS_TEST_TMPDIR/json" 2>/dev/null
        iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/json" | cmp - "$BATS_TEST_TMPDIR/json"
        grep -qF '"name": "x'$'\357\277\275''\u001b\u009b\u007f'$'\303\244''"' "$BATS_TEST_TMPDIR/json"
        grep -qF '"running": "b\u001b[2J\u009b'$'\357\277\275''"' "$BATS_TEST_TMPDIR/json"
}

# Runs mdevctl on a terminal: on_terminal [NAME=VALUE...] -- ARGUMENT...
on_terminal() {
        local environment=()
        while [ "$1" != -- ]; do
                environment+=("$1")
                shift
        done
        shift
        env -u COLUMNS -u NO_COLOR -u SYSTEMD_COLORS TERM=xterm LC_ALL=C.UTF-8 "${environment[@]}" \
                script -qec "stty cols 90; '$build/mdevctl/mdevctl' $*" /dev/null </dev/null | tr -d '\r'
}

@test "a terminal gets symbols, colours and a width" {
        local plain
        populate
        plain=$(on_terminal NO_COLOR= -- status)
        [[ $plain == *"├─● $two"* ]]
        [[ $plain == *"└─○ $three  t10"* ]]
        [[ $plain == *$'\n'"│     group 12  "* ]]
        [[ $plain != *$'\033'* ]]
        equal "$(LC_ALL=C.UTF-8 wc -L <<<"$plain")" 90
        [[ $plain == *…* ]]
        equal "$(on_terminal NO_COLOR= COLUMNS=60 -- status | LC_ALL=C.UTF-8 wc -L)" 60
        [[ $(on_terminal NO_COLOR= COLUMNS=400 -- status) == *"active    group 12  "* ]]

        [[ $(on_terminal -- status) == *$'\033[0;1;32m●\033[0m'* ]]
        [[ $(on_terminal TERM=dumb -- status) != *$'\033'* ]]
        [[ $(on_terminal SYSTEMD_COLORS=0 -- status) != *$'\033'* ]]
        [[ $(on_terminal SYSTEMD_COLORS=1 NO_COLOR=1 -- status) == *$'\033['* ]]

        plain=$(on_terminal NO_COLOR= LC_ALL=C -- status)
        [[ $plain == *"|-* $two"* && $plain == *"\`-o $three"* && $plain == *...* ]]
        equal "$(LC_ALL=C tr -d '\n\040-\176' <<<"$plain" | wc -c)" 0
        equal "$(LC_ALL=C.UTF-8 wc -L <<<"$plain")" 90
}

@test "a pipe gets words, and nothing is cut" {
        populate
        equal "$(COLUMNS=40 TERM=xterm LC_ALL=C.UTF-8 mdevctl status)" "$(mdevctl status)"
        [[ $(SYSTEMD_COLORS=1 mdevctl status) == *$'\033['* ]]
}
