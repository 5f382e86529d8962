#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Callouts and notifiers around what mdev-helper does, with a sysfs that reacts (fake-sysfs.c)

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2016,SC2028,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# Statuses of sysexits.h.
data_error=65 unavailable=69 try_again=75 no_permission=77

setup() {
        load lib
        setup_tree
        one=$(uuid 1)
        two=$(uuid 2)
        device=$root/sys/bus/mdev/devices/$one
        note=$root/run/mdev-generator/$one
        scripts=$root/usr/lib/mdevctl/scripts.d
        script=$scripts/callouts/script
        background=()
        mkdir -p "$scripts"/{callouts,notifiers}
        parent mtty mtty-2
        attributes mtty mtty-2 a b
        parent matrix vfio_ap-passthrough
        attributes matrix vfio_ap-passthrough a b
}

teardown() {
        [ ${#background[@]} -eq 0 ] || { kill "${background[@]}"; wait "${background[@]}"; } 2>/dev/null || :
}

# A script and a notifier that record their calls and the state of the device.
installed() {
        local file
        for file in "$script" "$scripts/notifiers/notifier"; do
                cp "$BATS_TEST_DIRNAME/callouts/record" "$file"
                echo 'cd "$MDEVCTL_ENV_ROOT/sys/bus/mdev/devices/${10}" 2>/dev/null || { echo "$4 $8 absent" >>"$file.seen"; exit 0; }
                        echo "$4 $8 $(tr "\n" " " 2>/dev/null <.log)" >>"$file.seen"; exit 0' |
                        tee "$file.pre" "$file.notify" >"$file.post"
        done
}

# does EVENT COMMANDS: commands that the script runs before its installed part.
does() {
        { echo "$2"; cat "$script.$1"; } >"$script.new"
        mv "$script.new" "$script.$1"
}

seen() {
        equal "$(cat "$root/calls.seen")" "$(printf '%s\n' "$@")"
}

# The calls, but for the search for capabilities.
calls() {
        grep -v ' -a capabilities ' "$root/calls"
}

helper_in_background() {
        LD_PRELOAD=$build/tests/fake-sysfs.so "${refused[@]}" "$build/tests/mdev-helper" "$@" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
        background+=($!)
}

# Another process creates the first device.
somebody_makes() {
        mkdir "$root/sys/devices/virtual/mtty/$one"
        touch "$root/sys/devices/virtual/mtty/$one"/{a,b,remove,uevent}
        ln -s ../mdev_supported_types/mtty-2 "$root/sys/devices/virtual/mtty/$one/mdev_type"
        ln -s "$root/sys/devices/virtual/mtty/$one" "$device"
}

# Start.

@test "start runs pre before and post and notifiers after the device is there and configured" {
        installed
        define mtty 1 mtty-2 auto '{"a": "1"}, {"b": "two words"}'
        run -0 helper start "$one"
        equal "$output" "mdev-helper: $one: created, type mtty-2 on parent mtty, 2 attributes set"
        local json='{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"},{"b":"two words"}]}'
        equal "$(calls)" "script -t mtty-2 -e pre -a start -s none -u $one -p mtty <$json>
script -t mtty-2 -e post -a start -s success -u $one -p mtty <$json>
notifier -t mtty-2 -e notify -a start -s success -u $one -p mtty <$json>"
        seen "pre none absent" "post success a=1 b=two words " "notify success a=1 b=two words "
}

@test "a script that refuses ends the start before anything is created" {
        installed
        does pre 'printf "first line\n\nsecond line" >&2; exit 1'
        define mtty 1 mtty-2 manual
        run -$no_permission helper start "$one"
        equal "$output" "mdev-helper: script: first line
mdev-helper: script: second line
mdev-helper: $one: callout script refused to start the device, exit status 1"
        missing "$device"
        grep -qx STATE=starting "$note"
        seen "notify none absent"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        equal "$output" ""
        grep -qx STATE=stopped "$note"
}

@test "what scripts say has the priority of how they end" {
        local status=0
        installed
        does pre 'echo said >&2'
        define mtty 1 mtty-2 manual
        touch "$BATS_TEST_TMPDIR/journal"
        export JOURNAL_STREAM
        JOURNAL_STREAM=$(stat -c %d:%i "$BATS_TEST_TMPDIR/journal")
        helper start "$one" 2>"$BATS_TEST_TMPDIR/journal"
        grep -qx "<6>script: said" "$BATS_TEST_TMPDIR/journal"
        run -0 helper stop "$one"
        does pre 'echo said >&2; exit 3'
        helper start "$one" 2>"$BATS_TEST_TMPDIR/journal" || status=$?
        equal "$status" $no_permission
        equal "$(cat "$BATS_TEST_TMPDIR/journal")" "<3>script: said
<3>$one: callout script refused to start the device, exit status 3"
}

@test "a line of a script cannot look like another message" {
        installed
        does pre 'printf "a\rb\033[31m\n" >&2'
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        says 'script: a\x0db\x1b[31m'
}

@test "a start notes the registration that it has made the device on" {
        local types=$root/sys/devices/virtual/mtty/mdev_supported_types
        installed
        does pre "cp -r '$types' '$types.new' && rm -r '$types' && mv '$types.new' '$types'"
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        grep -qxF "REGISTRATION=$(stat -c %i "$types")" "$note"
}

@test "a script that hangs ends the start" {
        installed
        does pre 'exec sleep 30'
        define mtty 1 mtty-2 manual
        MDEV_CALLOUT_TIMEOUT_MS=1000 run -$no_permission helper start "$one"
        equal "$output" "mdev-helper: $one: callout script did not end within 1 s"
        missing "$device"
}

@test "a start that the parent refuses has post failure" {
        installed
        define mtty 1 mtty-2 manual
        echo 22 >"$(type_of mtty mtty-2)/.errno"
        run -$unavailable helper start "$one"
        seen "pre none absent" "post failure absent" "notify failure absent"
}

@test "a start of a type that the parent does not have has post failure" {
        installed
        define mtty 1 mtty-3 manual
        run -$unavailable helper start "$one"
        seen "pre none absent" "post failure absent" "notify failure absent"
}

@test "a start that an attribute refuses has post failure, before the stop removes the device" {
        installed
        define mtty 1 mtty-2 manual '{"a": "1"}, {"b": "2"}'
        echo 22 >"$(type_of mtty mtty-2)/.template/.errno-b"
        run -$data_error helper start "$one"
        seen "pre none absent" "post failure a=1 " "notify failure a=1 "
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        missing "$device"
        seen "pre none absent" "post failure a=1 " "notify failure a=1 "
}

@test "adoption runs no script" {
        installed
        somebody_makes
        run -0 helper start "$one"
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
        missing "$root/calls"
}

@test "a start that somebody else has been faster with has post success" {
        installed
        define mtty 1 mtty-2 manual
        touch "$(type_of mtty mtty-2)/.rival"
        run -0 helper start "$one"
        says "was active already"
        seen "pre none absent" "post success " "notify success "
}

@test "a broken or missing definition runs no script" {
        installed
        run -78 helper start "$one"
        define mtty 1 mtty-2 manual x
        run -78 helper start "$one"
        missing "$root/calls"
}

@test "a start that is cancelled in pre ends the script and creates nothing" {
        local status=0
        installed
        does pre 'echo $$ >"$MDEVCTL_ENV_ROOT/pid"; exec sleep 30'
        define mtty 1 mtty-2 manual
        helper_in_background start "$one"
        eventually 10 exists "$root/pid"
        kill -TERM $!
        wait $! || status=$?
        equal "$status" 1
        equal "$(cat "$BATS_TEST_TMPDIR/output")" "mdev-helper: $one: process $BASHPID ended the start"
        missing "/proc/$(cat "$root/pid")"
        missing "$device"
        grep -qx STATE=starting "$note"
        seen "notify none absent"
}

@test "a start that is cancelled during create has post failure" {
        installed
        define mtty 1 mtty-2 manual
        echo 15 >"$(type_of mtty mtty-2)/.signal"
        echo 4 >"$(type_of mtty mtty-2)/.errno"
        run -1 helper start "$one"
        says "ended the start"
        seen "pre none absent" "post failure absent" "notify failure absent"
}

@test "a start that is cancelled during an attribute has post failure" {
        installed
        define mtty 1 mtty-2 manual '{"a": "1"}'
        echo 15 >"$(type_of mtty mtty-2)/.signal"
        run -1 helper start "$one"
        says "ended the start"
        seen "pre none absent" "post failure " "notify failure "
}

@test "a start that is cancelled in post ends the script and says so, and the device stays" {
        installed
        does post 'echo $$ >"$MDEVCTL_ENV_ROOT/pid"; exec sleep 30'
        define mtty 1 mtty-2 manual
        helper_in_background start "$one"
        eventually 10 exists "$root/pid"
        kill -TERM $!
        wait $!
        grep -qx "mdev-helper: $one: stopped after the device was created" "$BATS_TEST_TMPDIR/output"
        missing "/proc/$(cat "$root/pid")"
        exists "$device"
}

@test "a transient definition is what scripts get" {
        installed
        mkdir -p "$root/run/mdevctl.d/mtty"
        echo '{"mdev_type": "mtty-2", "start": "manual", "attrs": [{"a": "9"}]}' >"$root/run/mdevctl.d/mtty/$one"
        run -0 helper start "$one"
        seen "pre none absent" "post success a=9 " "notify success a=9 "
        calls | grep -q '<{"mdev_type":"mtty-2","start":"manual","attrs":\[{"a":"9"}\]}>'
}

# Stop.

@test "stop runs pre before and post and notifiers after the device is gone, with its definition" {
        define mtty 1 mtty-2 auto '{"a": "1"}'
        run -0 helper start "$one"
        installed
        run -0 helper stop "$one"
        equal "$output" "mdev-helper: $one: removed, type mtty-2 on parent mtty"
        local json='{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
        equal "$(calls)" "script -t mtty-2 -e pre -a stop -s none -u $one -p mtty <$json>
script -t mtty-2 -e post -a stop -s success -u $one -p mtty <$json>
notifier -t mtty-2 -e notify -a stop -s success -u $one -p mtty <$json>"
        seen "pre none a=1 " "post success absent" "notify success absent"
}

# described: scripts get the kernel's description of the device.
described() {
        run -0 helper stop "$one"
        equal "$(calls | head -n 1)" \
                "script -t mtty-2 -e pre -a stop -s none -u $one -p mtty <{\"mdev_type\":\"mtty-2\",\"start\":\"manual\",\"attrs\":[]}>"
        rm "$root/calls" "$note"
}

@test "stop of a device without a definition tells scripts type and parent" {
        installed
        somebody_makes
        described
}

@test "stop does not tell scripts of definitions that are about something else" {
        installed
        somebody_makes
        define mtty 1 mtty-1 auto '{"a": "1"}'
        described
        somebody_makes
        define mtty 1 mtty-2 auto x
        described
        somebody_makes
        rm "$definitions/mtty/$one"
        define other 1 mtty-2 auto '{"a": "1"}'
        described
}

@test "a script that refuses ends the stop, and the device stays" {
        installed
        somebody_makes
        does pre 'echo "still needed" >&2; exit 1'
        run -$no_permission helper stop "$one"
        equal "$output" "mdev-helper: script: still needed
mdev-helper: $one: callout script refused to stop the device, exit status 1"
        exists "$device/mdev_type"
        seen "notify none "
}

@test "stop of a device that is gone runs no script" {
        installed
        run -0 helper stop "$one"
        missing "$root/calls"
}

@test "stop that fails has post failure" {
        installed
        somebody_makes
        rm "$device/remove"
        mkdir "$device/remove"
        run -1 helper stop "$one"
        seen "pre none " "post failure " "notify failure "
}

# A device with a character device of its own.
start_with_cdev() {
        mkdir -p "$root/dev/vfio/devices" "$(type_of mtty mtty-2)/.template/vfio-dev/vfio0"
        touch "$root/dev/vfio/devices/vfio0"
        define mtty 1 mtty-2 manual
        run -0 helper start "$one"
}

@test "stop of a device that is open runs no script" {
        start_with_cdev
        installed
        sleep 60 7<"$root/dev/vfio/devices/vfio0" 3>&- >/dev/null 2>&1 &
        background+=($!)
        eventually 10 grep -q sleep "/proc/$!/comm"
        run -$try_again helper stop "$one"
        missing "$root/calls"
}

@test "stop of a device that is opened during pre leaves it alone and has post failure" {
        start_with_cdev
        installed
        does pre 'sleep 60 7<"$MDEVCTL_ENV_ROOT/dev/vfio/devices/vfio0" >/dev/null 2>&1 & echo $! >"$MDEVCTL_ENV_ROOT/pid"
                until grep -q sleep "/proc/$!/comm"; do sleep 0.01; done'
        run -$try_again helper stop "$one"
        kill "$(cat "$root/pid")"
        says "$one: not removed from parent mtty, it is in use by sleep ($(cat "$root/pid"))"
        exists "$device/mdev_type"
        equal "$(cut -d' ' -f1,2 "$root/calls.seen")" "pre none
post failure
notify failure"
}

@test "the stop of a failed start runs no script" {
        installed
        somebody_makes
        mkdir "$root/run/mdev-generator"
        printf 'STATE=creating\nPROCESS=999999999\nPARENT=mtty\n' >"$note"
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        missing "$device"
        missing "$root/calls"
}

# A lock in the name of the parent process.

# The callout has never been called by the wrong process, and its lock is free.
quiet() {
        missing "$root/run/ap.loud"
        missing "$root/run/ap.lock"
}

@test "a lock that pre takes in the name of its parent process is given back in post" {
        cp "$BATS_TEST_DIRNAME/callouts/ap-check" "$scripts/callouts"
        define matrix 1 vfio_ap-passthrough manual '{"a": "1"}'
        run -0 helper start "$one"
        quiet
        run -0 helper stop "$one"
        quiet
        equal "$(cat "$root/run/ap.log")" "start success
stop success"
}

@test "the lock is given back when the start fails" {
        cp "$BATS_TEST_DIRNAME/callouts/ap-check" "$scripts/callouts"
        define matrix 1 vfio_ap-passthrough manual '{"a": "1"}'
        echo 22 >"$(type_of matrix vfio_ap-passthrough)/.template/.errno-a"
        run -$data_error helper start "$one"
        quiet
        SERVICE_RESULT=exit-code run -0 helper stop "$one"
        quiet
        equal "$(cat "$root/run/ap.log")" "start failure"
}

@test "a forbidden configuration is not started, and the next one is" {
        cp "$BATS_TEST_DIRNAME/callouts/ap-check" "$scripts/callouts"
        define matrix 1 vfio_ap-passthrough manual '{"a": "forbidden"}'
        define matrix 2 vfio_ap-passthrough manual '{"a": "1"}'
        run -$no_permission helper start "$one"
        says "mdev-helper: ap-check: the configuration of $one is forbidden"
        missing "$device"
        run -0 helper start "$two"
        quiet
}

@test "the lock keeps two starts apart" {
        local first
        cp "$BATS_TEST_DIRNAME/callouts/ap-check" "$scripts/callouts"
        define matrix 1 vfio_ap-passthrough manual '{"a": "1"}'
        define matrix 2 vfio_ap-passthrough manual '{"a": "1"}'
        echo 11 3 >"$(type_of matrix vfio_ap-passthrough)/.template/.errno-a"
        helper_in_background start "$one"
        first=$!
        helper_in_background start "$two"
        wait "$first"
        wait $!
        quiet
        exists "$device"
        exists "$root/sys/bus/mdev/devices/$two"
}

@test "devices of other types do not concern the callout" {
        cp "$BATS_TEST_DIRNAME/callouts/ap-check" "$scripts/callouts"
        define mtty 1 mtty-2 manual '{"a": "forbidden"}'
        run -0 helper start "$one"
        run -0 helper stop "$one"
        quiet
        missing "$root/run/ap.log"
}
