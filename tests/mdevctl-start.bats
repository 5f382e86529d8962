#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl start, stop, start-parent-mdevs where systemd is not asked

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

gpu=0000:00:02.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
        parent $gpu t2
        attributes mtty mtty-2 a b mdev/aggregation
        device=$root/sys/bus/mdev/devices/$one
        echo '{"mdev_type": "mtty-2", "start": "auto", "attrs": [{"a": "1"}]}' >"$root/good.json"
}

written() {
        tr '\n' ' ' <"$device/.log"
}

# Fails with a message and makes nothing: fails TEXT ARGUMENT...
fails() {
        local before text=$1
        shift
        before=$(find "$root/sys" "$definitions" | sort)
        run --separate-stderr -1 mdevctl_with_sysfs "$@"
        equal "$output" ""
        [[ $stderr == "Error: $text"* ]] || {
                echo "stderr: $stderr"
                return 1
        }
        equal "$(find "$root/sys" "$definitions" | sort)" "$before"
}

@test "start of a definition: created, attributes in their order" {
        define mtty 1 mtty-2 manual '{"b": "2"}, {"a": "1"}, {"b": "3"}, {"mdev/aggregation": "2"}'
        run --separate-stderr -0 mdevctl_with_sysfs start -u "$one"
        equal "$output$stderr" ""
        equal "$(mdevctl list)" "$one mtty mtty-2 manual (defined)"
        equal "$(written)" "b=2 a=1 b=3 mdev/aggregation=2 "
}

@test "start without a definition" {
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-1
        mdevctl_with_sysfs start -u "$two" -p mtty --jsonfile "$root/good.json"
        equal "$(mdevctl list)" "$one mtty mtty-1 manual
$two mtty mtty-2 manual"
        equal "$(ls -A "$definitions")" ""
        missing "$root/run/mdevctl.d"
        run --separate-stderr -0 mdevctl_with_sysfs start -p mtty -t mtty-1
        exists "$root/sys/bus/mdev/devices/$output"
        run --separate-stderr -0 mdevctl_with_sysfs start --parent=mtty --jsonfile=/dev/stdin <"$root/good.json"
        exists "$root/sys/bus/mdev/devices/$output/a"
}

@test "start with a file ignores what is stored" {
        define mtty 1 mtty-1 manual
        mdevctl_with_sysfs start -u "$one" -p mtty --jsonfile "$root/good.json"
        equal "$(mdevctl list)" "$one mtty mtty-2 manual (defined)"
}

@test "start without what is needed" {
        fails "Mediated device $one is not defined" start -u "$one"
        fails "No type specified" start -u "$one" -p mtty
        fails "No type specified" start -p mtty
        fails "No parent specified" start -u "$one" -t mtty-1
        fails "--jsonfile needs a parent" start -u "$one" --jsonfile "$root/good.json"
        define $gpu 1 t2 manual
        fails "No type specified" start -u "$one" -p mtty
}

@test "start of a definition with another type" {
        define mtty 1 mtty-2 manual
        fails "$one is defined with type mtty-2, not mtty-1" start -u "$one" -t mtty-1
        fails "$one is defined with type mtty-2, not mtty-1" start -u "$one" -p mtty -t mtty-1
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-2
        exists "$device"
}

@test "start of a UUID that several parents define" {
        define mtty 1 mtty-1 manual
        define $gpu 1 t2 manual
        fails "$one is defined under several parents" start -u "$one"
        rm "$root/sys/class/mdev_bus/$gpu"
        mdevctl_with_sysfs start -u "$one"
        equal "$(mdevctl list)" "$one mtty mtty-1 manual (defined)"
        rm "$root/sys/class/mdev_bus/mtty"
        rm "$device"
        fails "$one is defined under several parents" start -u "$one"
}

@test "start passes over a definition that cannot be read if another one can" {
        define mtty 1 mtty-1 manual
        mkdir -p "$definitions/$gpu"
        : >"$definitions/$gpu/$one"
        run --separate-stderr -0 mdevctl_with_sysfs start -u "$one"
        [[ $stderr == *"$definitions/$gpu/$one: the file is empty"* ]]
        equal "$(mdevctl list)" "$one mtty mtty-1 manual (defined)"
}

@test "start of a broken definition names the file" {
        define mtty 1 mtty-1 manual
        echo '{"mdev_type": 7}' >"$definitions/mtty/$one"
        fails "$definitions/mtty/$one: \"mdev_type\" is not a string" start -u "$one"
}

@test "start of an active device" {
        active mtty 1 mtty-1
        run --separate-stderr -1 mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-1
        equal "$stderr" "Error: Device already exists"
        fails "Device $one is active already, with type mtty-1" start -u "$one" -p mtty -t mtty-2
        fails "Device $one is active already, on parent mtty" start -u "$one" -p $gpu -t t2
        rm "$device/mdev_type"
        fails "Parent mtty did not create device $one" start -u "$one" -p mtty -t mtty-1
        [[ $stderr == *"File exists"* ]]
}

@test "start without the parent, the type, an instance" {
        run --separate-stderr -1 mdevctl_with_sysfs start -u "$one" -p absent -t mtty-1
        equal "$stderr" "Error: Unable to find parent device 'absent'"
        run --separate-stderr -1 mdevctl_with_sysfs start -u "$one" -p MTTY -t mtty-1
        equal "$stderr" "Error: Unable to find parent device 'MTTY'. Did you mean 'mtty'?"
        fails "Parent mtty does not support mdev type none

Caused by:
    it supports mtty-1, mtty-2" start -u "$one" -p mtty -t none
        echo 0 >"$(type_of mtty mtty-1)/available_instances"
        fails "parent mtty has no instance of type mtty-1 left" start -u "$one" -p mtty -t mtty-1
        echo many >"$(type_of mtty mtty-1)/available_instances"
        fails "available_instances of type mtty-1 on parent mtty is no number: many" start -u "$one" -p mtty -t mtty-1
        rm -r "$root/sys/class"
        fails "Unable to find parent device 'mtty'" start -u "$one" -p mtty -t mtty-1
}

@test "start that the driver refuses" {
        echo 22 >"$(type_of mtty mtty-1)/.errno"
        fails "Parent mtty did not create device $one of type mtty-1" start -u "$one" -p mtty -t mtty-1
        [[ $stderr == *"Caused by:"*"Invalid argument"* ]]
}

@test "start where sysfs is read-only" {
        define mtty 1 mtty-2 manual
        echo 30 >"$(type_of mtty mtty-2)/.errno"
        fails "Parent mtty did not create device $one of type mtty-2; /sys is mounted read-only here" start -u "$one"
}

@test "start with an attribute whose value is too long for a message" {
        local value
        value=$(printf 'é%.0s' {1..4000})
        define mtty 1 mtty-2 manual "{\"a\": \"$value\"}"
        echo 22 >"$(type_of mtty mtty-2)/.template/.errno-a"
        fails "Device $one did not take the value 'é" start -u "$one"
        [[ $stderr == *"é...é"*"' of attribute 'a'"*"Invalid argument" ]]
        iconv -f UTF-8 -t UTF-8 <<<"$stderr" >/dev/null
}

@test "start with an attribute that fails is undone" {
        define mtty 1 mtty-2 manual '{"a": "1"}, {"b": "2"}'
        echo 28 >"$(type_of mtty mtty-2)/.template/.errno-b"
        fails "Device $one did not take the value '2' of attribute 'b'" start -u "$one"
        [[ $stderr == *"No space left on device"* ]]
        define mtty 1 mtty-2 manual '{"a": "1"}, {"c": "2"}'
        fails "Device $one has no attribute 'c'" start -u "$one"
        ln -s /etc "$(type_of mtty mtty-2)/.template/link"
        define mtty 1 mtty-2 manual '{"a": "1"}, {"link/x": "2"}'
        fails "Attribute 'link/x' leads out of the directory of device $one" start -u "$one"
        missing "$device"
}

@test "start in a tree that does not react, as other people's tests have it" {
        rm "$(type_of mtty mtty-1)/create"
        mdevctl start -u "$one" -p mtty -t mtty-1
        equal "$(cat "$(type_of mtty mtty-1)/create")" "$one"
        active mtty 2 mtty-1
        rm "$root/sys/bus/mdev/devices/$two/remove"
        mdevctl stop -u "$two"
        equal "$(cat "$root/sys/bus/mdev/devices/$two/remove")" 1
        define mtty 1 mtty-1 manual '{"a": "1"}'
        run -1 mdevctl start -u "$one"
        says "Error: Device $one vanished when it was created"
}

@test "start in such a tree of a device that has no type there" {
        active mtty 1 mtty-1
        rm "$device/mdev_type" "$device/remove" "$(type_of mtty mtty-1)/create"
        mdevctl start -u "$one" -p mtty -t mtty-1
        equal "$(cat "$(type_of mtty mtty-1)/create")" "$one"
        missing "$device/remove"
        touch "$device/a"
        define mtty 1 mtty-1 auto '{"a": "1"}'
        rm "$(type_of mtty mtty-1)/create"
        mdevctl start-parent-mdevs mtty
        equal "$(cat "$(type_of mtty mtty-1)/create") $(cat "$device/a")" "$one 1"
        define mtty 1 mtty-1 auto '{"a": "2"}, {"b": "1"}'
        run -1 mdevctl start -u "$one"
        says "Error: Device $one has no attribute 'b'"
        equal "$(cat "$device/a")$(cat "$device/remove")" 21
}

@test "stop" {
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-1
        run --separate-stderr -0 mdevctl_with_sysfs stop -u "$one"
        equal "$output$stderr" ""
        missing "$device"
        run --separate-stderr -1 mdevctl_with_sysfs stop -u "$one"
        equal "$stderr" "Error: Device $one is not an active mdev"
        run --separate-stderr -1 mdevctl_with_sysfs stop -u "$one" --force
        equal "$stderr" "Error: Device $one is not an active mdev"
        active mtty 1 mtty-1
        rm "$device/mdev_type"
        fails "Device $one is not an active mdev" stop -u "$one"
}

@test "stop of a device takes what it was defined as in passing with it" {
        active mtty 1 mtty-1
        mkdir -p "$root/run/mdevctl.d/mtty"
        echo '{"mdev_type": "mtty-1", "start": "manual"}' >"$root/run/mdevctl.d/mtty/$one"
        mdevctl_with_sysfs stop -u "$one"
        missing "$device"
        missing "$root/run/mdevctl.d/mtty"
}

@test "stop that the driver refuses" {
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-2
        echo 5 >"$device/.errno-remove"
        fails "Parent mtty did not remove device $one" stop -u "$one"
        [[ $stderr == *"Caused by:"*"Input/output error"* ]]
        exists "$device"
}

@test "stop of a device in use" {
        mkdir -p "$root/dev/vfio"
        echo 7 >"$(type_of mtty mtty-1)/.group"
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-1
        touch "$root/dev/vfio/7" "$root/dev/vfio/7.busy"
        fails "Device $one is in use by" stop -u "$one"
        fails "Device $one is in use by" stop -u "$one" --force
        exists "$device"
}

@test "stop of a device that is opened while a script is asked" {
        script callouts check "[ \"\$4-\$6\" != pre-stop ] || touch '$root/dev/vfio/7.busy'; echo \"\$*\" >>'$root/log'"
        mkdir -p "$root/dev/vfio"
        echo 7 >"$(type_of mtty mtty-1)/.group"
        mdevctl_with_sysfs start -u "$one" -p mtty -t mtty-1
        touch "$root/dev/vfio/7"
        fails "Device $one is in use by" stop -u "$one"
        exists "$device"
        grep -qF -- '-e post -a stop -s failure' "$root/log"
}

@test "scripts: around start and stop" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        script callouts check 'echo "$*" >>log; cat >>log; echo >>log
[ "$6" != capabilities ] || exit 2
[ "$4" != pre ] || exit "${CHECK_STATUS:-0}"'
        CHECK_STATUS=1 fails "$one" start -u "$one"
        rm log
        CHECK_STATUS=1 mdevctl_with_sysfs start -u "$one" --force
        CHECK_STATUS=1 run -1 mdevctl_with_sysfs stop -u "$one"
        exists "$device"
        rm log
        mdevctl_with_sysfs stop -u "$one"
        equal "$(grep -v -e capabilities -e '^$' log)" "-t mtty-2 -e pre -a stop -s none -u $one -p mtty
{\"mdev_type\":\"mtty-2\",\"start\":\"manual\",\"attrs\":[]}
-t mtty-2 -e post -a stop -s success -u $one -p mtty
{\"mdev_type\":\"mtty-2\",\"start\":\"manual\",\"attrs\":[]}"
        rm log
        mdevctl_with_sysfs start -u "$one"
        echo 5 >"$device/.errno-remove"
        fails "Parent mtty did not remove device $one" stop -u "$one"
        rm "$device/.errno-remove"
        CHECK_STATUS=1 mdevctl_with_sysfs stop -u "$one" --force
        echo 22 >"$(type_of mtty mtty-2)/.errno"
        fails "Parent mtty did not create device $one" start -u "$one"
        equal "$(grep -o 'post -a [a-z]* -s [a-z]*' log)" "post -a start -s success
post -a stop -s failure
post -a stop -s success
post -a start -s failure"
}

@test "start-parent-mdevs starts what starts by itself, in order, and goes on after a failure" {
        define mtty 1 mtty-2 auto '{"none": "1"}'
        define mtty 2 mtty-1 auto
        define mtty 3 mtty-1 manual
        define mtty 4 mtty-2 manual
        define $gpu 2 t2 auto
        echo broken >"$definitions/mtty/$(uuid 5)"
        enable mtty 4
        run --separate-stderr -0 mdevctl_with_sysfs start-parent-mdevs mtty
        equal "$output" ""
        [[ $stderr == *"$(uuid 5)"*"has no attribute"*"device $one of parent mtty is not started"* ]]
        equal "$(mdevctl list)" "$two mtty mtty-1 auto (defined)
$four mtty mtty-2 auto (defined)"
}

@test "start-parent-mdevs again, and for nothing" {
        define mtty 1 mtty-1 auto
        mdevctl_with_sysfs start-parent-mdevs mtty
        run --separate-stderr -0 mdevctl_with_sysfs start-parent-mdevs mtty
        equal "$output$stderr" ""
        run --separate-stderr -0 mdevctl_with_sysfs start-parent-mdevs none
        equal "$output$stderr" ""
}

@test "scripts: told of a start that cannot be, in a tree that somebody has made up" {
        script callouts check 'echo "$4 $8" >>log; [ "$6" != capabilities ] || exit 2; [ "$4" != pre ] || exit "${CHECK_STATUS:-0}"'
        script notifiers note 'echo "$4 $8" >>log'
        for arguments in "-p none -t mtty-1" "-p mtty -t none" "-p mtty -t mtty-1"; do
                rm -f log
                echo 0 >"$(type_of mtty mtty-1)/available_instances"
                # shellcheck disable=SC2086
                run -1 mdevctl start -u "$one" $arguments
                equal "$(paste -sd, log)" "get none,pre none,post failure,notify failure"
        done
        rm log
        CHECK_STATUS=1 run -1 mdevctl start -u "$one" -p none -t mtty-1
        equal "$(paste -sd, log)" "get none,pre none,notify none"
        rm log
        CHECK_STATUS=1 run -1 mdevctl start -fu "$one" -p none -t mtty-1
        equal "$(paste -sd, log)" "get none,pre none,post failure,notify failure"
        active mtty 1 mtty-1
        rm log
        run -1 mdevctl start -u "$one" -p mtty -t mtty-1
        says "Error: Device already exists"
        equal "$(paste -sd, log)" "get none,pre none,post failure,notify failure"
}

@test "start of a definition with a name of no attribute" {
        define mtty 1 mtty-2 manual '{"": "1"}'
        fails "Device $one has no attribute ''" start -u "$one"
}
