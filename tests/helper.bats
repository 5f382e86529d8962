#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdev-helper, with a sysfs that reacts (fake-sysfs.c)

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# Statuses of sysexits.h.
usage=64 data_error=65 unavailable=69 cannot_create=73 try_again=75 config=78

setup() {
        load lib
        setup_tree
        one=$(uuid 1)
        two=$(uuid 2)
        device=$root/sys/bus/mdev/devices/$one
        note=$root/run/mdev-generator/$one
        background=()
        parent mtty mtty-1 mtty-2
        attributes mtty mtty-2 a b c
}

teardown() {
        [ ${#background[@]} -eq 0 ] || { kill "${background[@]}"; wait "${background[@]}"; } 2>/dev/null || :
}

# The writes to the first device's attributes.
written() {
        cat "$device/.log"
}

# The state in the note, which is empty without one: noted STATE
noted() {
        equal "$(sed -n 's/^STATE=//p' "$note" 2>/dev/null)" "$1"
        equal "$(cd "$root/run/mdev-generator" 2>/dev/null && shopt -s nullglob && echo *)" "${1:+$one}"
}

# Writes a note: note STATE DEVICE [PROCESS [ADOPTING]]
note() {
        mkdir -p "$root/run/mdev-generator"
        printf 'STATE=%s\nADOPTING=%s\nPROCESS=%s\nDEVICE=%s\nREGISTRATION=2\nPARENT=mtty\n' \
                "$1" "${4:-0}" "${3:-999999999}" "$2" >"$note"
}

# Starts the helper in the background: its process is $!.
helper_in_background() {
        LD_PRELOAD=$build/tests/fake-sysfs.so "${refused[@]}" "$build/tests/mdev-helper" "$@" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
        background+=($!)
}

# A process that is a helper for others, because it has its name: $helper_process.
helper_lives() {
        ln -s "$(command -v sleep)" "$BATS_TEST_TMPDIR/mdev-helper"
        "$BATS_TEST_TMPDIR/mdev-helper" 60 3>&- >/dev/null 2>&1 &
        helper_process=$!
        background+=("$helper_process")
        eventually 10 grep -qx mdev-helper "/proc/$helper_process/comm"
}

helper_dies() {
        kill "$helper_process"
        wait "$helper_process" || :
}

# Opens one or two files in a process that stays: its process is $!.
hold() {
        sleep 60 7<"$1" 3>&- >/dev/null 2>&1 &
        background+=($!)
}

# Another process creates the first device: somebody_makes PARENT TYPE
somebody_makes() {
        mkdir "$root/sys/devices/virtual/$1/$one"
        touch "$root/sys/devices/virtual/$1/$one"/{a,b,c,remove,uevent}
        ln -s "../mdev_supported_types/$2" "$root/sys/devices/virtual/$1/$one/mdev_type"
        ln -s "$root/sys/devices/virtual/$1/$one" "$device"
}

# Invocation.

@test "a wrong number of arguments is a usage error" {
        run -$usage helper
        equal "$output" "mdev-helper: usage: mdev-helper start|stop UUID"
        run -$usage helper start
        says usage
        run -$usage helper start "$one" "$two"
        says usage
}

@test "an unknown operation is a usage error" {
        local operation
        for operation in restart START "" star startx; do
                run -$usage helper "$operation" "$one"
                equal "$output" "mdev-helper: unknown operation \"$operation\""
        done
}

@test "what is no canonical UUID is a usage error before any path is made of it" {
        local uuid operation
        define mtty 1 mtty-2 manual
        for uuid in "" x "${one^^}" ../x "../${one#???}" "../mtty/$one" "$one/" "$one "; do
                for operation in start stop; do
                        run -$usage helper $operation "$uuid"
                        equal "$output" "mdev-helper: \"$uuid\" is not a UUID in lower case with hyphens"
                done
        done
        missing "$device"
        missing "$root/run/mdev-generator"
}

@test "a relative MDEVCTL_ENV_ROOT is refused" {
        MDEVCTL_ENV_ROOT=root run -$usage helper start "$one"
        says MDEVCTL_ENV_ROOT absolute
}

@test "--version prints the version" {
        run -0 helper --version
        equal "$output" "mdev-helper $(sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$build/config.h")"
}

@test "messages for the journal carry a priority and no name" {
        local status=0
        # The variable names the file that the journal reads from.
        touch "$BATS_TEST_TMPDIR/journal"
        export JOURNAL_STREAM
        JOURNAL_STREAM=$(stat -c %d:%i "$BATS_TEST_TMPDIR/journal")
        helper 2>"$BATS_TEST_TMPDIR/journal" || status=$?
        equal "$status" $usage
        equal "$(cat "$BATS_TEST_TMPDIR/journal")" "<3>usage: mdev-helper start|stop UUID"
        define mtty 1 mtty-2 manual
        helper start "$one" 2>"$BATS_TEST_TMPDIR/journal"
        equal "$(cat "$BATS_TEST_TMPDIR/journal")" "<6>$one: created, type mtty-2 on parent mtty, 0 attributes set"
        # Another file is read by a person.
        run -$usage helper
        says "mdev-helper: usage"
}

# Start.

@test "start creates a device of the defined type on the defined parent" {
        parent other mtty-2
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        equal "$output" "mdev-helper: $one: created, type mtty-2 on parent mtty, 0 attributes set"
        equal "$(realpath "$device")" "$root/sys/devices/virtual/mtty/$one"
        equal "$(basename "$(readlink "$device/mdev_type")")" mtty-2
}

@test "start writes the attributes in order, repeats included, each as it stands" {
        attributes mtty mtty-2 nvidia/vgpu_params
        define mtty 1 mtty-2 manual '{"b": "1"}, {"a": "2"}, {"b": "3"}, {"b": "1"}, {"nvidia/vgpu_params": " x=1, y=%n "}, {"c": ""}'
        run -0 helper start "$one"
        says "6 attributes set"
        equal "$(written)" "b=1
a=2
b=3
b=1
nvidia/vgpu_params= x=1, y=%n 
c="
}

@test "with SYSTEMD_LOG_LEVEL=debug every attribute is told" {
        define mtty 1 mtty-2 manual '{"a": "x\n"}'
        SYSTEMD_LOG_LEVEL=debug run -0 helper start "$one"
        says "$one: wrote \"x\\x0a\" to a"
}

@test "start leaves a note of what it has done" {
        define mtty 1 mtty-2 manual
        helper_in_background start "$one"
        wait $!
        equal "$(<"$note")" "STATE=active
ADOPTING=0
PROCESS=$!
DEVICE=$(stat -L -c %i "$device")
REGISTRATION=$(stat -c %i "$root/sys/devices/virtual/mtty/mdev_supported_types")
PARENT=mtty"
        noted active
}

@test "a note of another version is read as far as it is known" {
        somebody_makes mtty mtty-2
        mkdir "$root/run/mdev-generator"
        # A later version.
        printf 'COLOUR=red\nDEVICE=1\nSTATE=creating\nPARENT=mtty\nWEIGHT\n' >"$note"
        run -0 helper stop "$one"
        says "leaving the new device of this UUID alone"
        printf 'COLOUR=red\nDEVICE=%s\nSTATE=painting\nPARENT=mtty\n' "$(stat -L -c %i "$device")" >"$note"
        run -0 helper start "$one"
        says "was active already"
        # Version 0.1.
        printf '.MDEV_PROCESS=1\n.MDEV_DEVICE=1\n.MDEV_REGISTRATION=2\n.MDEV_PARENT=mtty\n' >"$note"
        run -0 helper stop "$one"
        says "leaving the new device of this UUID alone"
}

@test "start without a writable /run is an error and creates nothing" {
        define mtty 1 mtty-2 manual
        touch "$root/run/mdev-generator"
        run -$cannot_create helper start "$one"
        says "$one: Failed to write /run/mdev-generator/$one: Not a directory; is /run full or read-only?"
        missing "$device"
}

@test "start of an undefined UUID says where it looked" {
        run -$config helper start "$one"
        equal "$output" "mdev-helper: $one: not defined; there is no file /etc/mdevctl.d/<parent>/$one"
        missing "$device"
        noted ""
}

@test "start of a broken definition says what is broken" {
        mkdir "$definitions/mtty"
        echo '{"start": "auto"}' >"$definitions/mtty/$one"
        run -$config helper start "$one"
        says "/etc/mdevctl.d/mtty/$one: \"mdev_type\" is missing"
        missing "$device"
        noted ""
}

@test "start of a definition that is a FIFO does not wait for its writer" {
        mkdir "$definitions/mtty"
        mkfifo "$definitions/mtty/$one"
        run -$config helper start "$one"
        says "is not a regular file"
}

@test "start on an absent parent says so" {
        define none 1 mtty-2 manual
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: parent none is not registered; is its driver loaded?"
}

@test "start on a parent in another tool's spelling names the right one" {
        parent 0000:AB:00.0 t
        define 0000:ab:00.0 1 t manual
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: parent 0000:ab:00.0 is not registered; did you mean 0000:AB:00.0?"
}

@test "start with an unknown type lists those the parent has" {
        define mtty 1 mtty-3 manual
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: parent mtty does not support type mtty-3; it supports mtty-1, mtty-2"
        missing "$device"
        noted starting
}

@test "start on a parent without types says so" {
        parent bare
        define bare 1 t manual
        run -$unavailable helper start "$one"
        says "it supports no type at present"
}

@test "start on a parent that loses its types meanwhile says that it is not registered" {
        define mtty 1 mtty-2 manual
        rm -r "$root/sys/devices/virtual/mtty/mdev_supported_types"
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: parent mtty is not registered; is its driver loaded?"
}

@test "start on a parent that goes just before it is asked says so" {
        define mtty 1 mtty-2 manual
        rm "$(type_of mtty mtty-2)/create"
        run -$unavailable helper start "$one"
        says "parent mtty refused to create type mtty-2" ": No such device; the parent is being unregistered"
        noted starting
}

# Start with several definitions.

@test "of several parents start takes the one that is registered" {
        define absent 1 mtty-1 manual
        define mtty 1 mtty-2 manual
        define zero 1 mtty-1 manual
        run -0 helper start "$one"
        says "type mtty-2 on parent mtty"
}

@test "start with several parents, none of them registered, is refused" {
        define absent 1 mtty-1 manual
        define zero 1 mtty-1 manual
        run -$config helper start "$one"
        equal "$output" "mdev-helper: $one: defined under 2 parents, none of which is registered"
}

@test "start with several parents, two of them registered, is refused" {
        parent other mtty-2
        define mtty 1 mtty-2 manual
        define other 1 mtty-2 manual
        run -$config helper start "$one"
        says "$one: defined under parent mtty and under parent other, and both are registered"
        missing "$device"
}

@test "a definition that cannot be read spoils none under another parent" {
        parent other mtty-2
        define mtty 1 mtty-2 manual
        mkdir "$definitions/other"
        : >"$definitions/other/$one"
        run -0 helper start "$one"
        says "$definitions/other/$one: the file is empty" "type mtty-2 on parent mtty"
        run -0 helper stop "$one"
        : >"$definitions/mtty/$one"
        run -$config helper start "$one"
        says "$definitions/mtty/$one: the file is empty" "$definitions/other/$one: the file is empty"
}

@test "scripts.d is no parent for start" {
        parent scripts.d mtty-2
        define scripts.d 1 mtty-2 manual
        run -$config helper start "$one"
        says "not defined"
}

@test "start finds a definition through a link in the place of the parent's directory" {
        parent linked mtty-2
        define real 2 mtty-2 manual
        mv "$definitions/real" "$root"
        ln -s ../../real "$definitions/linked"
        run -0 helper start "$two"
        says "created, type mtty-2 on parent linked"
}

@test "a parent whose name is hostile is none for start" {
        define $'a\nb' 1 mtty-2 manual
        run -$config helper start "$one"
        says "not defined"
}

# Start of existing devices.

@test "start of an active device changes nothing and succeeds" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        run -0 helper start "$one"
        run -0 helper start "$one"
        equal "$output" "mdev-helper: $one: was active already, type mtty-2 on parent mtty; nothing changed"
        equal "$(written)" "a=1"
}

@test "start adopts a device that is not defined, and notes it" {
        somebody_makes mtty mtty-2
        run -0 helper start "$one"
        says "was active already"
        equal "$(tail -n 1 "$note")" "PARENT=mtty"
        missing "$device/.log"
}

@test "start adopts a device whose definition is broken" {
        somebody_makes mtty mtty-2
        mkdir "$definitions/mtty"
        echo '{' >"$definitions/mtty/$one"
        run -0 helper start "$one"
        says "is not valid JSON" "was active already"
}

@test "no start makes a device that is being adopted" {
        define mtty 1 mtty-2 manual
        note left 1 0 1
        run -$try_again helper start "$one"
        says "$one: another program created the device and removed it again"
        missing "$device"
        note left 1 0 0
        run -0 helper start "$one"
        exists "$device"
}

@test "a start hands the device over to the monitor before its callouts run" {
        define mtty 1 mtty-2 manual
        mkdir -p "$root/etc/mdevctl.d/scripts.d/callouts"
        printf '#!/bin/sh\nwhile read -r line; do echo "$line"; done <"%s" >"%s.$4"\n' "$note" "$BATS_TEST_TMPDIR/note" >"$root/etc/mdevctl.d/scripts.d/callouts/list"
        chmod +x "$root/etc/mdevctl.d/scripts.d/callouts/list"
        run -0 helper start "$one"
        grep -qx STATE=starting "$BATS_TEST_TMPDIR/note.pre"
        grep -qx STATE=active "$BATS_TEST_TMPDIR/note.post"
}

# Another process holds the lock on notes: hold_notes SECONDS
hold_notes() {
        mkdir "$root/run/mdev-generator"
        flock "$root/run/mdev-generator/.lock" sleep "$1" 3>&- &
        eventually 10 fails_to_lock
}

fails_to_lock() {
        ! flock -n "$root/run/mdev-generator/.lock" true
}

@test "a helper waits as long as somebody acts upon a note" {
        define mtty 1 mtty-2 manual
        hold_notes 1
        helper_in_background start "$one"
        sleep 0.3
        missing "$device"
        wait $!
        exists "$device"
}

@test "a start that is terminated while it waits for the notes creates nothing" {
        local status=0
        define mtty 1 mtty-2 manual
        hold_notes 2
        helper_in_background start "$one"
        sleep 0.3
        kill -TERM $!
        wait $! || status=$?
        equal "$status" 1
        equal "$(cat "$BATS_TEST_TMPDIR/output")" "mdev-helper: $one: process $BASHPID ended the start"
        missing "$device"
}

@test "a stop notes that it is one, and what became of it" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        FAKE_SYSFS_KILL=2 run -137 helper stop "$one" # after the first note, before the removal
        noted stopping
        exists "$device"
        run -0 helper stop "$one"
        missing "$device"
        noted stopped
        equal "$(grep -c "^DEVICE=0$" "$note")" 1
        run -0 helper start "$one"
        noted active
}

@test "start does not adopt a device of another type" {
        somebody_makes mtty mtty-1
        define mtty 1 mtty-2 manual
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: is active with type mtty-1, but /etc/mdevctl.d/mtty/$one defines type mtty-2"
        exists "$device"
        noted left
}

@test "start does not adopt a device on another parent" {
        parent other mtty-2
        somebody_makes other mtty-2
        define mtty 1 mtty-2 manual
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: is active on parent other, but /etc/mdevctl.d/mtty/$one defines it on parent mtty"
        exists "$device"
        noted left
}

@test "a stop leaves a device to the monitor that somebody made since the start failed" {
        run -$config helper start "$one"
        somebody_makes mtty mtty-2
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        exists "$device"
        noted ""
}

@test "start adopts a device on any of several parents" {
        local on
        define a 1 mtty-2 manual
        define mtty 1 mtty-2 manual
        define z 1 mtty-2 manual
        parent z mtty-2
        for on in mtty z; do
                somebody_makes $on mtty-2
                run -0 helper start "$one"
                says "type mtty-2 on parent $on; nothing changed"
                rm -r "$device" "$root/sys/devices/virtual/$on/$one"
        done
}

@test "start judges an active device by the definition under its parent" {
        define absent 1 mtty-2 manual
        define mtty 1 mtty-2 manual
        somebody_makes mtty mtty-1
        run -$unavailable helper start "$one"
        says "but /etc/mdevctl.d/mtty/$one defines type mtty-2"
}

@test "start adopts a device that somebody else makes at the same moment" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        touch "$(type_of mtty mtty-2)/.rival"
        run -0 helper start "$one"
        says "was active already"
        missing "$device/.log"
        noted active
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        exists "$device"
}

@test "start waits for a device that is still being created" {
        somebody_makes mtty mtty-2
        rm "$device/mdev_type"
        helper_in_background start "$one"
        sleep 0.1
        ln -s ../mdev_supported_types/mtty-2 "$device/mdev_type"
        wait $!
        grep -q "was active already, type mtty-2" "$BATS_TEST_TMPDIR/output"
}

@test "start gives a device up that is being created for too long" {
        somebody_makes mtty mtty-2
        rm "$device/mdev_type"
        run -$try_again helper start "$one"
        says "parent mtty has been creating the device for more than a second"
        exists "$device"
}

@test "start refuses a device that an interrupted start has left" {
        somebody_makes mtty mtty-2
        define mtty 1 mtty-2 manual
        note creating 0
        run -$try_again helper start "$one"
        says "half configured"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        missing "$device"
        noted stopped
        run -0 helper start "$one"
        says "created"
}

# Failures of the creation.

# create_fails ERRNO TEXT...
create_fails() {
        define mtty 1 mtty-2 manual
        echo "$1" >"$(type_of mtty mtty-2)/.errno"
        shift
        run -$unavailable helper start "$one"
        says "$one: parent mtty refused to create type mtty-2 (2 instances available): " "$@"
        missing "$device"
        noted starting
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" ""
        noted stopped
}

@test "EINVAL of create points to the kernel log" {
        create_fails 22 ": Invalid argument; see the kernel log for the driver's reason"
}

@test "EEXIST of create without a device says that it comes or goes" {
        create_fails 17 ": File exists; the UUID is taken by a device that is still being created or removed"
}

@test "ENOSPC of create asks to stop another device" {
        create_fails 28 ": No space left on device; stop another device of this parent first"
}

@test "EBUSY and ENOMEM of create have their advice" {
        create_fails 16 ": Device or resource busy; the driver or its hardware is busy, start again later"
        create_fails 12 ": Cannot allocate memory; the kernel has no memory left for it"
}

@test "a read-only sysfs is not a refusal of the parent" {
        define mtty 1 mtty-2 manual
        echo 30 >"$(type_of mtty mtty-2)/.errno"
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: Failed to ask parent mtty for a device of type mtty-2: Read-only file system; /sys is mounted read-only here, as in many containers"
}

@test "ENODEV of create says that the parent goes if it does" {
        create_fails 19 ": No such device; see the kernel log for the driver's reason"
        create_fails -19 ": No such device; the parent is being unregistered"
}

@test "EAGAIN of create is an error when it does not end" {
        create_fails 11 ": Resource temporarily unavailable; "
}

@test "EAGAIN of create is retried" {
        define mtty 1 mtty-2 manual
        echo 11 3 >"$(type_of mtty mtty-2)/.errno"
        run -0 helper start "$one"
        says created
        equal "$(cat "$(type_of mtty mtty-2)/.errno")" "11 0"
}

@test "other errors of create are not retried" {
        define mtty 1 mtty-2 manual
        echo 22 1 >"$(type_of mtty mtty-2)/.errno"
        run -$unavailable helper start "$one"
        missing "$device"
}

@test "a parent without an instance left is named with the advice to stop another device" {
        define mtty 1 mtty-2 manual
        echo 0 >"$(type_of mtty mtty-2)/available_instances"
        run -$unavailable helper start "$one"
        says "(0 instances available): Too many users; stop another device of this parent first"
}

@test "an unknown error on a parent without an instance left gets the advice, too" {
        define mtty 1 mtty-2 manual
        echo 0 >"$(type_of mtty mtty-2)/available_instances"
        echo 5 >"$(type_of mtty mtty-2)/.errno"
        run -$unavailable helper start "$one"
        says "(0 instances available): Input/output error; stop another device of this parent first"
}

# Attributes that fail.

# half_configured: the device stays, with its note, until the stop removes all.
half_configured() {
        exists "$device"
        noted creating
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" "mdev-helper: $one: removed again from parent mtty"
        missing "$device"
        missing "$root/sys/devices/virtual/mtty/$one"
        noted stopped
        equal "$(cat "$(type_of mtty mtty-2)/available_instances")" 2
}

# killed_at_any_step STEPS: of a start; each step is a file that is written.
killed_at_any_step() {
        local n status
        for n in {1..9}; do
                status=0
                FAKE_SYSFS_KILL=$n helper start "$one" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                SERVICE_RESULT=signal helper stop "$one" 2>/dev/null
                missing "$device"
                equal "$(cat "$(type_of mtty mtty-2)/available_instances")" 2
        done
        equal "$n" $(($1 + 1))
        noted active
}

@test "a start that is killed at any step leaves no device" {
        define mtty 1 mtty-2 manual
        # Two notes, create, a note of the new device, the last note.
        killed_at_any_step 5
}

@test "a start with an attribute that is killed at any step leaves no device" {
        attributes mtty mtty-2 a
        define mtty 1 mtty-2 manual '{"a": "1"}'
        # Two notes, create, a note of the new device, the attribute, the last note.
        killed_at_any_step 6
}

# A message keeps its cause, and its characters.
@test "a value that is too long for a message is shortened, not the message" {
        local value
        value=$(printf 'é%.0s' {1..4000})
        attributes mtty mtty-2 a
        define mtty 1 mtty-2 manual "{\"a\": \"$value\"}"
        echo 22 >"$(type_of mtty mtty-2)/.template/.errno-a"
        run -$data_error helper start "$one"
        [[ $output == "mdev-helper: $one: attribute 1 of 1, a, did not take the value \"é"*"é...é"*"é\": Invalid argument; correct the definition" ]]
        iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
        SERVICE_RESULT=exit-code run -0 helper stop "$one"

        define mtty 1 mtty-2 manual "{\"${value:0:1000}/../x\": \"1\"}"
        run -$config helper start "$one"
        [[ $output == *": attribute 0: the name \"é"*"...é"*"é/../x\" contains an empty, \".\" or \"..\" component" ]]
        iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "the first attribute that fails ends the start, and the stop removes the device" {
        define mtty 1 mtty-2 manual '{"a": "1"}, {"b": "two\n"}, {"c": "3"}'
        echo 22 >"$(type_of mtty mtty-2)/.template/.errno-b"
        run -$data_error helper start "$one"
        equal "$output" "mdev-helper: $one: attribute 2 of 3, b, did not take the value \"two\\x0a\": Invalid argument; correct the definition"
        equal "$(written)" "a=1"
        half_configured
}

# value_refused ERRNO TEXT
value_refused() {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        echo "$1" >"$(type_of mtty mtty-2)/.template/.errno-a"
        run -$data_error helper start "$one"
        equal "$output" "mdev-helper: $one: attribute 1 of 1, a, did not take the value \"1\": $2"
        half_configured
}

@test "ENODEV of an attribute is about the value if the parent is there" {
        value_refused 19 "No such device; the parent does not have what the value names (vfio_ap: the number is too large)"
}

@test "ENODEV of an attribute is not about the value if the parent leaves" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        echo -19 >"$(type_of mtty mtty-2)/.template/.errno-a"
        run -$unavailable helper start "$one"
        equal "$output" "mdev-helper: $one: disappeared from parent mtty during the start"
}

@test "EADDRINUSE and EADDRNOTAVAIL of an attribute tell who has the queue" {
        value_refused 98 "Address already in use; another mediated device has such a queue, see /sys/bus/mdev/devices/*/matrix"
        value_refused 99 "Cannot assign requested address; the host keeps such a queue, see apmask and aqmask in /sys/bus/ap"
}

@test "an attribute that the device does not have is named" {
        define mtty 1 mtty-2 manual '{"a": "1"}, {"none": "1"}'
        run -$data_error helper start "$one"
        equal "$output" "mdev-helper: $one: attribute 2 of 2: type mtty-2 on parent mtty has no attribute none"
        half_configured
}

@test "EAGAIN of an attribute is retried" {
        define mtty 1 mtty-2 manual '{"a": "1"}, {"a": "2"}'
        echo 11 3 >"$(type_of mtty mtty-2)/.template/.errno-a"
        run -0 helper start "$one"
        equal "$(written)" "a=1
a=2"
}

@test "EAGAIN of an attribute is an error when it does not end" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        echo 11 >"$(type_of mtty mtty-2)/.template/.errno-a"
        run -$data_error helper start "$one"
        says "attribute 1 of 1, a, did not take the value \"1\": Resource temporarily unavailable"
        half_configured
}

# leads_out NAME
leads_out() {
        define mtty 1 mtty-2 manual "{\"$1\": \"1\"}"
        run -$data_error helper start "$one"
        equal "$output" "mdev-helper: $one: attribute 1 of 1: $1 leads out of the device's directory in sysfs"
        missing "$device/.log"
        half_configured
}

@test "an attribute that is a link out of the device is refused and its target untouched" {
        echo untouched >"$root/sys/devices/virtual/mtty/victim"
        ln -s ../victim "$(type_of mtty mtty-2)/.template/link"
        leads_out link
        equal "$(cat "$root/sys/devices/virtual/mtty/victim")" untouched
}

@test "an attribute that is an absolute link is refused and its target untouched" {
        echo untouched >"$root/victim"
        ln -s "$root/victim" "$(type_of mtty mtty-2)/.template/link"
        leads_out link
        equal "$(cat "$root/victim")" untouched
}

@test "an attribute below a link out of the device is refused" {
        leads_out mdev_type/create
        equal "$(find "$root/sys/devices/virtual/mtty" -maxdepth 1 -name '????????-*')" ""
}

@test "an attribute below a link inside the device is written" {
        attributes mtty mtty-2 real/a
        ln -s real "$(type_of mtty mtty-2)/.template/link"
        define mtty 1 mtty-2 manual '{"link/a": "1"}'
        run -0 helper start "$one"
        equal "$(written)" "real/a=1"
}

# A start that is cancelled.

# A definition whose start takes many seconds: every attribute is refused for a while.
define_slow() {
        local i list=
        for i in {1..40}; do
                attributes mtty mtty-2 "slow$i"
                echo 11 5 >"$(type_of mtty mtty-2)/.template/.errno-slow$i"
                list+=${list:+, }"{\"slow$i\": \"1\"}"
        done
        define mtty 1 mtty-2 manual "$list"
}

# An attribute has been refused, and not for the last time.
retrying() {
        grep -qsx '11 [1-4]' "$device"/.errno-slow*
}

@test "a start that anybody terminates during an attribute fails, and the stop removes the device" {
        local status=0
        define_slow
        helper_in_background start "$one"
        eventually 10 retrying
        kill -TERM $!
        wait $! || status=$?
        equal "$status" 1
        equal "$(cat "$BATS_TEST_TMPDIR/output")" "mdev-helper: $one: process $BASHPID ended the start"
        # It did not go on to the end.
        grep -qx '11 5' "$device/.errno-slow40"
        half_configured
}

@test "a start that is killed during an attribute leaves a device that the stop removes" {
        define_slow
        helper_in_background start "$one"
        eventually 10 retrying
        kill -KILL $!
        wait $! || :
        half_configured
}

@test "a device that goes between two attributes is not taken for one without the attribute" {
        local status=0
        define_slow
        helper_in_background start "$one"
        eventually 10 retrying
        # The attributes may be written to meanwhile.
        mv "$(readlink -f "$device")" "$root/gone"
        rm "$device"
        rm "$root/gone/"slow*
        wait $! || status=$?
        equal "$status" $unavailable
        equal "$(cat "$BATS_TEST_TMPDIR/output")" "mdev-helper: $one: disappeared from parent mtty during the start"
}

@test "a start that is terminated during create fails and leaves nothing" {
        define mtty 1 mtty-2 manual
        echo 15 >"$(type_of mtty mtty-2)/.signal"
        echo 4 >"$(type_of mtty mtty-2)/.errno"
        run -1 helper start "$one"
        says " ended the start"
        missing "$device"
        noted starting
}

@test "a start that is terminated just before the device is there fails, and the stop removes the device" {
        define mtty 1 mtty-2 manual '{"a": "1"}'
        echo 15 >"$(type_of mtty mtty-2)/.signal"
        run -1 helper start "$one"
        says " ended the start"
        missing "$device/.log"
        half_configured
}

@test "the same without attributes" {
        define mtty 1 mtty-2 manual
        echo 15 >"$(type_of mtty mtty-2)/.signal"
        run -1 helper start "$one"
        says " ended the start"
        half_configured
}

@test "a start that process 1 terminates fails unless systemd is stopping the unit" {
        unshare --user --map-root-user --pid --fork true 2>/dev/null || skip "no user namespaces here"
        define_slow
        # Process 1 of a namespace stands for systemd, whose unit is not stopping here.
        # shellcheck disable=SC2016
        run -1 timeout -s KILL 20 unshare --user --map-root-user --pid --fork --kill-child bash -c '
                LD_PRELOAD=$1 "$2" start "$3" &
                until [ -e "$4" ]; do sleep 0.01; done
                kill -TERM $!
                wait $!' - "$build/tests/fake-sysfs.so" "$build/tests/mdev-helper" "$one" "$device/.errno-slow40"
        says "$one: process 1 ended the start"
        half_configured
}

# Stop.

@test "stop removes the device" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        run -0 helper stop "$one"
        equal "$output" "mdev-helper: $one: removed, type mtty-2 on parent mtty"
        missing "$device"
        missing "$root/sys/devices/virtual/mtty/$one"
        noted stopped
        equal "$(cat "$(type_of mtty mtty-2)/available_instances")" 2
}

@test "stop removes the transient definition of its device" {
        mkdir -p "$root/run/mdevctl.d/mtty"
        echo '{"mdev_type": "mtty-2", "start": "manual"}' >"$root/run/mdevctl.d/mtty/$one"
        run -0 helper start "$one"
        FAKE_SYSFS_KILL=2 run -137 helper stop "$one" # before the removal
        exists "$root/run/mdevctl.d/mtty/$one"
        FAKE_SYSFS_KILL=3 run -137 helper stop "$one" # after it
        missing "$device"
        missing "$root/run/mdevctl.d/mtty/$one"
}

@test "stop needs no definition" {
        somebody_makes mtty mtty-2
        run -0 helper stop "$one"
        missing "$device"
}

@test "stop removes no other device" {
        define mtty 1 mtty-2 manual
        define mtty 2 mtty-2 manual
        run -0 helper start "$one"
        run -0 helper start "$two"
        run -0 helper stop "$one"
        missing "$device"
        exists "$root/sys/bus/mdev/devices/$two"
}

@test "stop of a device that is gone succeeds, and says so unless the monitor has" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        rm -r "$(realpath "$device")" "$device"
        run -0 helper stop "$one"
        equal "$output" "mdev-helper: $one: already removed"
        noted stopped
        note lost 1
        run -0 helper stop "$one"
        equal "$output" ""
        noted stopped
}

@test "stop of a device that goes by itself meanwhile succeeds" {
        local number
        for number in 2 19; do # ENOENT, because somebody else removes it, and ENODEV
                somebody_makes mtty mtty-2
                touch "$device/remove"
                echo $number >"$device/.errno-remove"
                (sleep 0.3; rm -r "$(realpath "$device")" "$device") 3>&- &
                run -0 helper stop "$one"
                wait $!
        done
}

@test "stop does not take a device for gone that somebody else fails to remove" {
        somebody_makes mtty mtty-2
        rm "$device/remove"
        run -1 helper stop "$one"
        says "$one: parent mtty did not remove the device: No such device"
        exists "$device"
}

@test "stop leaves a device that is still being created" {
        somebody_makes mtty mtty-2
        rm "$device/mdev_type"
        run -1 helper stop "$one"
        says "$one: parent mtty did not remove the device: Resource temporarily unavailable"
        exists "$device/remove"
}

@test "stop leaves another device that has the UUID by now" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        sed -i 's/^DEVICE=.*/DEVICE=1/' "$note"
        run -0 helper stop "$one"
        says "leaving the new device of this UUID alone"
        exists "$device"
}

@test "a note about another device does not make a device a left-over" {
        define mtty 1 mtty-2 manual
        somebody_makes mtty mtty-2
        note creating 1
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        exists "$device"
        noted stopped
        note creating 1
        run -0 helper start "$one"
        says "was active already"
        noted active
}

@test "stop says what the driver says when it does not remove the device" {
        somebody_makes mtty mtty-2
        touch "$device/remove"
        echo 22 >"$device/.errno-remove"
        run -1 helper stop "$one"
        says "$one: parent mtty did not remove the device: Invalid argument"
        exists "$device"
}

# in_use TEXT: a stop does not touch the device while it is open, complete or not.
in_use() {
        run -$try_again helper stop "$one"
        says "$one: not removed from parent mtty, it is in use by $1; stop that first"
        exists "$device/mdev_type"
        noted left

        note creating 0
        SERVICE_RESULT=exit-code run -$try_again helper stop "$one"
        says "$one: is half configured, but in use by $1; stop that and start mdev@$one.service again"
        exists "$device/mdev_type"
        noted unfinished
        run -$try_again helper start "$one"
        says "half configured"
        note left "$(stat -L -c %i "$device")"
}

start_with_cdev() {
        mkdir -p "$root/dev/vfio/devices" "$(type_of mtty mtty-2)/.template/vfio-dev/vfio0"
        touch "$root/dev/vfio/devices/vfio0"
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
}

@test "stop leaves a device whose character device is open, and names the process" {
        start_with_cdev
        hold "$root/dev/vfio/devices/vfio0"
        eventually 10 grep -q sleep "/proc/$!/comm"
        in_use "sleep ($!)"
        kill "${background[@]}"
        wait "${background[@]}" || :
        run -0 helper stop "$one"
        missing "$device"
}

@test "stop names all processes that have the device open" {
        start_with_cdev
        hold "$root/dev/vfio/devices/vfio0"
        hold "$root/dev/vfio/devices/vfio0"
        eventually 10 grep -q sleep "/proc/${background[0]}/comm"
        eventually 10 grep -q sleep "/proc/${background[1]}/comm"
        run -$try_again helper stop "$one"
        says "sleep (${background[0]})" "sleep (${background[1]})" "), sleep ("
        exists "$device/mdev_type"
}

@test "stop removes a device beside one that is open" {
        start_with_cdev
        touch "$root/dev/vfio/devices/vfio1" "$root/dev/vfio/devices/vfio"
        hold "$root/dev/vfio/devices/vfio1"
        hold "$root/dev/vfio/devices/vfio"
        run -0 helper stop "$one"
        missing "$device"
}

start_with_group() {
        mkdir -p "$root/dev/vfio"
        touch "$root/dev/vfio/7"
        echo 7 >"$(type_of mtty mtty-2)/.group"
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
}

@test "stop leaves a device whose group is open and attached, and names the process" {
        start_with_group
        touch "$root/dev/vfio/7.busy"
        hold "$root/dev/vfio/7"
        eventually 10 grep -q sleep "/proc/$!/comm"
        in_use "sleep ($!)"
        kill $!
        wait $! || :
        rm "$root/dev/vfio/7.busy"
        run -0 helper stop "$one"
        missing "$device"
}

# Of others' descriptors the kernel may not tell everybody.
may_look_at_others() {
        [ "$(id -u)" = 0 ] || [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" = 0 ]
}

@test "stop removes a device whose group is open and not attached" {
        may_look_at_others || skip "kernel.yama.ptrace_scope keeps us from looking"
        start_with_group
        touch "$root/dev/vfio/7.busy" "$root/dev/vfio/7.unattached"
        hold "$root/dev/vfio/7"
        eventually 10 grep -q sleep "/proc/$!/comm"
        case ${MDEV_REFUSE:-} in *" all" | *" pidfd"*)
                in_use "sleep ($!)"
                return
                ;;
        esac
        run -0 helper stop "$one"
        missing "$device"
}

@test "stop leaves a device whose group is open in a process that cannot be seen" {
        start_with_group
        touch "$root/dev/vfio/7.busy"
        in_use "a process that cannot be seen from here"
}

@test "stop removes a device whose group is closed while its users are looked for" {
        start_with_group
        touch "$root/dev/vfio/7" "$root/dev/vfio/7.busy-once"
        run -0 helper stop "$one"
        missing "$root/dev/vfio/7.busy-once"
        missing "$device"
}

@test "stop removes a device whose group nobody has open" {
        start_with_group
        touch "$root/dev/vfio/8" "$root/dev/vfio/8.busy"
        run -0 helper stop "$one"
        missing "$device"
}

# The stop of a failed start, and of a unit that never had a device.

@test "the stop of a start that made nothing says nothing" {
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" ""
        define mtty 1 mtty-2 auto
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" ""
        missing "$device"
}

@test "a start that fails when its device is complete leaves it to be adopted" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        SERVICE_RESULT=timeout run -0 helper stop "$one"
        equal "$output" ""
        exists "$device/mdev_type"
        noted left
        grep -qx ADOPTING=1 "$note"
}

@test "a command of a drop-in that fails after the start does not keep the device" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        SERVICE_RESULT=exit-code EXIT_CODE=exited EXIT_STATUS=0 run -0 helper stop "$one"
        equal "$output" "mdev-helper: $one: removed, type mtty-2 on parent mtty"
        missing "$device"
        noted stopped
}

@test "the same does not remove a device that an earlier stop left" {
        somebody_makes mtty mtty-2
        note left "$(stat -L -c %i "$device")"
        SERVICE_RESULT=exit-code EXIT_CODE=exited EXIT_STATUS=0 run -0 helper stop "$one"
        equal "$output" ""
        exists "$device/mdev_type"
        noted left
}

@test "a start that was stopped before it looked leaves the device of others" {
        somebody_makes mtty mtty-2
        SERVICE_RESULT=success EXIT_CODE=exited EXIT_STATUS=143 run -0 helper stop "$one"
        equal "$output" ""
        exists "$device/mdev_type"
        noted ""
}

@test "an active unit whose note is lost still removes its device" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        rm "$note"
        SERVICE_RESULT=success EXIT_CODE=exited EXIT_STATUS=0 run -0 helper stop "$one"
        missing "$device"
        noted stopped
}

@test "a stop that is killed at any step leaves the device whole or gone" {
        local n status
        define mtty 1 mtty-2 manual
        for n in {1..9}; do
                helper start "$one" 2>/dev/null
                status=0
                FAKE_SYSFS_KILL=$n helper stop "$one" 2>/dev/null || status=$?
                [ $status -ne 0 ] || break
                equal $status 137
                [ ! -e "$device" ] || [ -e "$device/mdev_type" ]
                grep -qxE 'STATE=(active|stopping)' "$note"
                run -0 helper start "$one"
                noted active
                run -0 helper stop "$one"
                missing "$device"
        done
        # A note, the removal, a note.
        equal "$n" 4
}

@test "a stop that fails leaves a device that is not adopted by itself" {
        somebody_makes mtty mtty-2
        run -0 helper start "$one"
        touch "$device/remove"
        echo 22 >"$device/.errno-remove"
        run -1 helper stop "$one"
        exists "$device/mdev_type"
        noted left
        grep -qx ADOPTING=0 "$note"
}

@test "a device that a start refuses is not adopted by itself" {
        somebody_makes mtty mtty-1
        define mtty 1 mtty-2 manual
        run -$unavailable helper start "$one"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        exists "$device/mdev_type"
        noted left
}

@test "a device that others make after a start was killed is not what it made" {
        somebody_makes mtty mtty-2
        note starting 0
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        exists "$device/mdev_type"
        noted stopped
}

@test "a stop that comes in the last moment of a start is made up for" {
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        SERVICE_RESULT=success run -0 helper stop "$one"
        missing "$device"
        noted stopped
}

@test "stop notes the end of a start whose device never came" {
        note creating 0
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        noted stopped
}

@test "stop leaves the note of a creation that is still under way" {
        helper_lives
        note creating 0 "$helper_process"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        noted creating
        helper_dies
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        noted stopped
}

@test "stop does not take another process for the one of the note" {
        note creating 0 $$
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        noted stopped
}

@test "stop makes nothing of a note that was cut off" {
        mkdir "$root/run/mdev-generator"
        printf 'STAT' >"$note"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" ""
        missing "$device"
}
