#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The protocol of callouts and notifiers, through run-callouts (unit/run-callouts.c)

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2016,SC2028,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load lib
        setup_tree
        one=$(uuid 1)
        usr=$root/usr/lib/mdevctl/scripts.d
        etc=$root/etc/mdevctl.d/scripts.d
        mkdir -p "$usr"/{callouts,notifiers} "$etc"/{callouts,notifiers}
        device="-u $one -p mtty"
        json='{"mdev_type":"mtty-2","start":"manual","attrs":[]}'
        offer='{"provides":{"version":2,"actions":["start","stop","define","undefine","modify","attributes","capabilities"],"events":["pre","post","notify","get","live"]}}'
        everything='{"supports":{"version":2,"actions":["start","stop","define","undefine","modify","attributes","capabilities"],"events":["pre","post","notify","get","live"]}}'
}

callouts() {
        timeout --foreground 20 "${refused[@]}" "$build/tests/run-callouts" "$@"
}

# record FILE: a script that notes its calls and declines all of them.
record() {
        cp "$BATS_TEST_DIRNAME/callouts/record" "$1"
}

# on FILE EVENT[-ACTION] COMMANDS: commands that a script made by record() runs at that event.
on() {
        echo "$3" >"$1.$2"
}

# script FILE LINE...: any script.
script() {
        local file=$1
        shift
        printf '%s\n' '#!/bin/sh' "$@" >"$file"
        chmod +x "$file"
}

# versioned FILE: a script that notes its calls and supports all of them.
versioned() {
        record "$1"
        on "$1" get-capabilities "echo '$everything'; exit 0"
        local event
        for event in pre post live notify; do on "$1" $event 'exit 0'; done
}

# The calls so far, as "<script> <event> <action> <state>".
calls() {
        [ ! -e "$root/calls" ] || sed 's/^\([^ ]*\) -t [^ ]* -e \([^ ]*\) -a \([^ ]*\) -s \([^ ]*\) .*/\1 \2 \3 \4/' "$root/calls"
}

# called LINE...: the calls so far were these and no others.
called() {
        equal "$(calls)" "$(printf '%s\n' "$@")"
}

# How a script is called.

@test "a script gets its arguments in the documented order and the definition on stdin" {
        versioned "$usr/callouts/v"
        run -0 callouts define success
        equal "$output" "define: 0"
        equal "$(cat "$root/calls")" "v -t mtty-2 -e get -a capabilities -s none $device <$offer>
v -t mtty-2 -e pre -a define -s none $device <$json>
v -t mtty-2 -e post -a define -s success $device <$json>"
}

@test "a notifier gets the definition on stdin, too" {
        record "$usr/notifiers/n"
        run -0 callouts modify failure
        equal "$(cat "$root/calls")" "n -t mtty-2 -e notify -a modify -s failure $device <$json>"
}

@test "a script that is asked for attributes gets nothing on stdin" {
        record "$usr/callouts/l"
        run -0 callouts attributes
        equal "$(tail -n 1 "$root/calls")" "l -t mtty-2 -e get -a attributes -s none $device <>"
}

@test "arguments are given as they are, whatever is in them" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'printf "[%s]" "$@" >&2; exit 0'
        run -0 callouts 'type=-e  $(x)' 'parent="*' start
        says '[-t][-e  $(x)][-e][pre][-a][start]' '[-p]["*]'
}

@test "a script inherits directory and environment, and the standard signals" {
        # Other shells change the mask themselves.
        script "$usr/callouts/v" 'pwd >&2' 'echo "$SOMETHING" >&2' \
                'while read -r key value; do echo "$key$value" >&2; done </proc/self/status'
        sed -i '1s/sh/bash/' "$usr/callouts/v"
        cd "$BATS_TEST_TMPDIR"
        SOMETHING=else run -0 bash -c 'trap "" PIPE; exec "$0" start' "$build/tests/run-callouts"
        says "$PWD" else "SigBlk:0000000000000000"
        # SIGPIPE is number 13.
        equal $((0x$(sed -n 's/^SigIgn://p' <<<"$output") & 1 << 12)) 0
}

@test "a script inherits no descriptor but three pipes" {
        script "$usr/callouts/v" '[ $4 = pre ] || exit 2' 'exec ls -l /proc/self/fd >"$MDEVCTL_ENV_ROOT/fds"'
        record "$usr/callouts/w"
        # Close the file descriptors that bats and its parents left open.
        run -0 bash -c 'for f in /proc/$$/fd/*; do
                        n=${f##*/}; [ $n -le 2 ] || eval "exec $n>&-"
                done; exec "$0" start' "$build/tests/run-callouts"
        # One is the directory that ls reads.
        equal "$(sed -n 's/.* \([0-9]*\) -> \([a-z]*\):.*/\1 \2/p' "$root/fds")" "0 pipe
2 pipe"
        equal "$(grep -c -- '->' "$root/fds")" 4
}

@test "a script gets three pipes from a caller that has closed its own" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'for n in 0 1 2; do [ -p /proc/$$/fd/$n ] && echo $n >>"$MDEVCTL_ENV_ROOT/pipes"; done; exit 0'
        bash -c 'exec "$0" start success 0<&- 1>&- 2>&-' "$build/tests/run-callouts" || :
        equal "$(cat "$root/pipes")" "0
1
2"
        equal "$(cat "$root/calls")" "v -t mtty-2 -e get -a capabilities -s none $device <$offer>
v -t mtty-2 -e pre -a start -s none $device <$json>
v -t mtty-2 -e post -a start -s success $device <$json>"
}

@test "scripts are children of the process that runs the operation" {
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        on "$usr/callouts/v" pre 'echo $PPID >>"$MDEVCTL_ENV_ROOT/parents"; exit 0'
        on "$usr/callouts/v" post 'echo $PPID >>"$MDEVCTL_ENV_ROOT/parents"; exit 0'
        on "$usr/notifiers/n" notify 'echo $PPID >>"$MDEVCTL_ENV_ROOT/parents"; exit 0'
        "$build/tests/run-callouts" define success &
        wait $!
        equal "$(cat "$root/parents")" "$!
$!
$!"
}

# Which script is chosen.

@test "without scripts everything succeeds and live changes are not supported" {
        run -0 callouts exist define success attributes live
        equal "$output" "exist: 0
define: 0
attributes: 0
[]
live: EOPNOTSUPP there is no callout that changes active devices of type mtty-2 on parent mtty"
}

@test "missing directories are empty" {
        rm -r "$usr" "$etc"
        run -0 callouts exist start success attributes
        equal "$output" "exist: 0
start: 0
attributes: 0
[]"
}

@test "a script in any of the four directories counts" {
        local file
        for file in {"$usr","$etc"}/{callouts,notifiers}/x; do
                record "$file"
                run -0 callouts exist
                equal "$output" "exist: 1"
                rm "$file"
        done
}

@test "scripts are tried in the order of their names, those in /usr first" {
        local name
        for name in b a Z 10 9 .hidden a~; do record "$usr/callouts/$name"; done
        record "$etc/callouts/A"
        record "$etc/callouts/0"
        run -0 callouts start
        called {.hidden,10,9,Z,a,a~,b,0,A}" get capabilities none" {.hidden,10,9,Z,a,a~,b,0,A}" pre start none"
}

@test "directories, dangling links and files that are not executable are no scripts" {
        mkdir "$usr/callouts/directory"
        touch "$usr/callouts/file"
        ln -s nothing "$usr/callouts/link"
        mkfifo "$usr/callouts/fifo"
        chmod +x "$usr/callouts/fifo"
        run -0 callouts exist start
        equal "$output" "exist: 0
start: 0"
}

@test "a link to a script is a script under its own name" {
        record "$root/somewhere"
        ln -s "$root/somewhere" "$usr/callouts/link"
        run -0 callouts start
        equal "$(calls | head -n 1)" "link get capabilities none"
}

@test "a file that cannot be executed is skipped with one warning" {
        printf '#!/no/such/interpreter\n' >"$usr/callouts/a"
        printf '\177ELF' >"$usr/callouts/b"
        chmod +x "$usr/callouts"/{a,b}
        record "$usr/callouts/c"
        on "$usr/callouts/c" pre 'exit 0'
        run -0 callouts start success
        equal "$output" "warning: callout $usr/callouts/a cannot be run: No such file or directory
warning: callout $usr/callouts/b cannot be run: Exec format error
start: 0"
        called "c get capabilities none" "c pre start none" "c post start success"
}

@test "a file that is being written is tried again" {
        versioned "$usr/callouts/v"
        cp /bin/true "$usr/callouts/busy"
        sleep 0.3 9>>"$usr/callouts/busy" 3>&- &
        run -0 callouts start
        wait $!
        equal "$output" "start: 0"
}

@test "a file that is being written for long is an error and not skipped" {
        versioned "$usr/callouts/v"
        cp /bin/true "$usr/callouts/busy"
        exec 9>>"$usr/callouts/busy"
        run -0 callouts start
        exec 9>&-
        equal "$output" "start: ETXTBSY Failed to run callout $usr/callouts/busy: Text file busy"
        called
}

@test "the first versioned script is responsible for all events, and no other script is called" {
        record "$usr/callouts/a"
        versioned "$usr/callouts/b"
        versioned "$usr/callouts/c"
        versioned "$etc/callouts/a2"
        run -0 callouts start success modify failure live
        called "a get capabilities none" "b get capabilities none" \
                "b pre start none" "b post start success" "b pre modify none" "b post modify failure" "b live modify none"
}

@test "scripts are asked for their capabilities once for each type and parent" {
        record "$usr/callouts/a"
        versioned "$usr/callouts/b"
        run -0 callouts start success start success type=mtty-1 start success type=mtty-2 parent=other start success
        equal "$(calls | grep -c '^b get')" 3
        equal "$(calls | grep -c '^a get')" 3
        equal "$(calls | grep -c '^b pre')" 4
}

@test "that no script is versioned is remembered, too" {
        record "$usr/callouts/a"
        run -0 callouts start success stop success
        equal "$(calls | grep -c 'capabilities')" 1
        equal "$(calls | grep -c 'pre')" 2
}

# The answer makes a script versioned, unless the status is 2.

# answering COMMANDS: starts with a script that answers so, before one that has no capabilities.
answering() {
        record "$usr/callouts/v"
        on "$usr/callouts/v" get-capabilities "$1"
        on "$usr/callouts/v" pre 'exit 0'
        record "$usr/callouts/a"
        rm -f "$root/calls"
        run -0 callouts start
        equal "$(grep -v ^warning <<<"$output")" "start: 0"
}

# The same, and the script is versioned or not.
is_versioned() {
        answering "$1"
        called {a,v}" get capabilities none" "v pre start none"
}
is_not_versioned() {
        answering "$1"
        called {a,v}" get capabilities none" {a,v}" pre start none"
}

@test "an answer makes a script versioned, with any status but 2" {
        is_versioned "echo '$everything'; exit 0"
        is_versioned "echo '$everything'; exit 1"
        is_not_versioned "echo '$everything'; exit 2"
        is_not_versioned "echo '$everything'; kill -9 \$\$"
        says "warning: callout v was killed by signal 9 (Killed) at event get"
}

@test "an answer may be followed by NULs and white space, and have more keys" {
        is_versioned "printf '%s\0\0\0' '$everything'; exit 0"
        is_versioned "printf ' \n%s\n\0' '$everything'; exit 0"
        is_versioned "echo '{\"x\":1,\"supports\":{\"y\":[],\"version\":1,\"actions\":[\"start\"],\"events\":[\"pre\"]}}'; exit 0"
        is_versioned "echo '{\"supports\":{\"version\":4294967295,\"actions\":[\"start\"],\"events\":[\"pre\"]}}'; exit 0"
}

@test "an answer that is incomplete or no JSON makes no versioned script" {
        local text
        for text in '' ' ' '{}' '[]' null '"supports"' '{"supports":null}' '{"supports":{"version":2}}' \
                '{"supports":{"version":2,"actions":["start"]}}' \
                '{"supports":{"version":2,"events":["pre"]}}' \
                '{"supports":{"actions":["start"],"events":["pre"]}}' \
                '{"supports":{"version":"2","actions":["start"],"events":["pre"]}}' \
                '{"supports":{"version":-1,"actions":["start"],"events":["pre"]}}' \
                '{"supports":{"version":2.5,"actions":["start"],"events":["pre"]}}' \
                '{"supports":{"version":4294967296,"actions":["start"],"events":["pre"]}}' \
                '{"supports":{"version":2,"actions":"start","events":["pre"]}}' \
                '{"supports":{"version":2,"actions":["start"],"events":{"pre":1}}}' \
                '{"supports":{"version":2,"actions":["start",1],"events":["pre"]}}' \
                "${everything}x" "${everything%?}"; do
                is_not_versioned "echo '$text'; exit 0"
        done
        is_not_versioned "printf '%s\0x' '$everything'; exit 0"
}

@test "unknown actions and events are ignored with a warning" {
        is_versioned "echo '{\"supports\":{\"version\":2,\"actions\":[\"start\",\"dance\"],\"events\":[\"pre\"]}}'; exit 0"
        says "warning: callout v supports \"dance\", which is unknown here"
        is_versioned "echo '{\"supports\":{\"version\":2,\"actions\":[\"start\"],\"events\":[\"sing\",\"pre\"]}}'; exit 0"
        says "warning: callout v supports \"sing\", which is unknown here"
}

# supporting ACTIONS EVENTS: a versioned script that supports these only.
supporting() {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" get-capabilities "echo '{\"supports\":{\"version\":2,\"actions\":[$1],\"events\":[$2]}}'; exit 0"
}

@test "an action that the versioned script does not support is an error" {
        supporting '"start","define"' '"pre","post"'
        run -0 callouts modify success
        equal "$output" "modify: EOPNOTSUPP callout v does not support event pre of action modify"
        called "v get capabilities none"
}

@test "a missing pre is an error" {
        supporting '"start"' '"post"'
        run -0 callouts start success
        equal "$output" "start: EOPNOTSUPP callout v does not support event pre of action start"
}

@test "a missing post is harmless" {
        supporting '"start"' '"pre"'
        record "$usr/notifiers/n"
        run -0 callouts start success
        equal "$output" "start: 0"
        called "v get capabilities none" "v pre start none" "n notify start success"
}

@test "a missing live and missing attributes are errors" {
        supporting '"modify"' '"pre","post","get"'
        run -0 callouts live attributes
        equal "$output" "live: EOPNOTSUPP callout v does not support event live of action modify
attributes: EOPNOTSUPP callout v does not support event get of action attributes
[]"
        supporting '"modify","attributes"' '"pre","post","live"'
        run -0 callouts live attributes
        equal "$output" "live: 0
attributes: EOPNOTSUPP callout v does not support event get of action attributes
[]"
}

@test "every unsupported thing can be forced, but for live changes" {
        supporting '"start"' '"pre"'
        run -0 callouts force modify success live
        equal "$output" "warning: callout v does not support event pre of action modify; ignored because force is used
modify: 0
live: EOPNOTSUPP callout v does not support event live of action modify"
}

# The statuses of a versioned script.

@test "a versioned script refuses with any status but 0, 2 included" {
        local code
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        for code in 1 2 3 77 127 255; do
                on "$usr/callouts/v" pre "exit $code"
                rm -f "$root/calls"
                run -0 callouts start success
                equal "$output" "start: EPERM callout v refused to start the device, exit status $code"
                called "v get capabilities none" "v pre start none" "n notify start none"
        done
}

@test "a versioned script that is killed by a signal has not refused" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'echo words >&2; kill -SEGV $$'
        run -0 callouts start success
        equal "$output" "warning: callout v was killed by signal 11 (Segmentation fault) at event pre
stderr 6 v: words
start: 0"
        called "v get capabilities none" "v pre start none" "v post start success"
}

@test "what happens in post changes nothing" {
        local what
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        for what in 'exit 1' 'exit 2' 'kill -9 $$'; do
                on "$usr/callouts/v" post "$what"
                rm -f "$root/calls"
                run -0 callouts define success
                says "define: 0" "warning: callout v "
                called "v get capabilities none" "v pre define none" "v post define success" "n notify define success"
        done
}

@test "a failed operation is told to post and to the notifiers" {
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        run -0 callouts undefine failure
        called "v get capabilities none" "v pre undefine none" "v post undefine failure" "n notify undefine failure"
}

@test "an operation ends once" {
        versioned "$usr/callouts/v"
        run -0 callouts success stop success failure
        called "v get capabilities none" "v pre stop none" "v post stop success"
}

@test "a refusal can be overridden, and post is run" {
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        on "$usr/callouts/v" pre "exit 1"
        run -0 callouts force undefine success
        equal "$output" "warning: callout v refused to undefine the device, exit status 1; ignored because force is used
undefine: 0"
        called "v get capabilities none" "v pre undefine none" "v post undefine success" "n notify undefine success"
}

@test "live: any status but 0 is an error that cannot be overridden, and the notifiers get state none" {
        local code
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        for code in 1 2; do
                on "$usr/callouts/v" live "exit $code"
                rm -f "$root/calls"
                run -0 callouts force live
                equal "$output" "live: EPERM callout v refused to modify the device, exit status $code"
                called "v get capabilities none" "v live modify none" "n notify modify none"
        done
        on "$usr/callouts/v" live "exit 0"
        rm -f "$root/calls"
        run -0 callouts live
        equal "$output" "live: 0"
        called "v get capabilities none" "v live modify none" "n notify modify none"
}

@test "live is nothing for a script without capabilities" {
        record "$usr/callouts/l"
        on "$usr/callouts/l" live "exit 0"
        run -0 callouts live
        says "live: EOPNOTSUPP there is no callout"
        called "l get capabilities none"
}

# The statuses of scripts without capabilities.

# legacy STATUS...: scripts 1, 2, ... that end so in pre, or do what is written.
legacy() {
        local i=0 what
        for what in "$@"; do
                i=$((i + 1))
                record "$usr/callouts/$i"
                case $what in
                [0-9]*) on "$usr/callouts/$i" pre "exit $what" ;;
                *) on "$usr/callouts/$i" pre "$what" ;;
                esac
                on "$usr/callouts/$i" post 'exit 0'
        done
}

@test "scripts are searched until one does not decline, which is the one for post, too" {
        legacy 2 0 0
        run -0 callouts start success
        equal "$output" "start: 0"
        called {1,2,3}" get capabilities none" "1 pre start none" "2 pre start none" "2 post start success"
}

@test "scripts that decline are searched through again for post" {
        legacy 2 2
        run -0 callouts start success
        called {1,2}" get capabilities none" {1,2}" pre start none" "1 post start success"
}

@test "a refusal ends the search" {
        local code
        for code in 1 3 126; do
                legacy 2 $code 0
                rm -f "$root/calls"
                run -0 callouts start
                equal "$output" "start: EPERM callout 2 refused to start the device, exit status $code"
                called {1,2,3}" get capabilities none" "1 pre start none" "2 pre start none"
        done
}

@test "a refusal that is overridden leaves the search for post to do" {
        legacy 1 0
        on "$usr/callouts/1" post 'exit 2'
        run -0 callouts force start success
        equal "$output" "warning: callout 1 refused to start the device, exit status 1; ignored because force is used
start: 0"
        called {1,2}" get capabilities none" "1 pre start none" "1 post start success" "2 post start success"
}

@test "a script that is killed by a signal is passed over" {
        legacy 'kill -9 $$' 0
        run -0 callouts start success
        equal "$output" "warning: callout 1 was killed by signal 9 (Killed) at event pre
start: 0"
        called {1,2}" get capabilities none" "1 pre start none" "2 pre start none" "2 post start success"
}

# The output of scripts.

@test "stderr of the responsible script is handed on, whether it succeeds or not" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'printf "two\nlines" >&2; echo output; exit 0'
        on "$usr/callouts/v" post 'echo late >&2; exit 0'
        run -0 callouts start success
        equal "$output" "stderr 6 v: two
lines
start: 0
stderr 6 v: late"
        on "$usr/callouts/v" pre 'echo no >&2; exit 1'
        run -0 callouts start
        equal "$output" "stderr 3 v: no
start: EPERM callout v refused to start the device, exit status 1"
}

@test "stderr of scripts that decline, of the search for capabilities and of notifiers is not" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" get-capabilities "echo noise >&2; echo '$everything'; exit 0"
        record "$usr/notifiers/n"
        on "$usr/notifiers/n" notify 'echo noise >&2; exit 1'
        run -0 callouts start success
        equal "$output" "start: 0"
        rm "$usr/callouts/v"
        legacy 'echo noise >&2; exit 2' 'echo words >&2; exit 0'
        run -0 callouts start success
        equal "$output" "stderr 6 2: words
start: 0"
}

@test "notifiers are all run, in order, whatever they do" {
        record "$usr/notifiers/c"
        record "$usr/notifiers/a"
        record "$etc/notifiers/b"
        printf '#!/no/such/interpreter\n' >"$usr/notifiers/bad"
        chmod +x "$usr/notifiers/bad"
        on "$usr/notifiers/a" notify 'exit 1'
        on "$usr/notifiers/c" notify 'kill -9 $$'
        run -0 callouts start success
        equal "$output" "start: 0
warning: notifier $usr/notifiers/bad cannot be run: No such file or directory"
        called {a,c,b}" notify start success"
}

# Attributes.

# attributes_are OUTPUT LINE...: a script that prints this gives these results.
attributes_are() {
        local text=$1
        shift
        versioned "$usr/callouts/v"
        printf '%b' "$text" >"$root/text"
        on "$usr/callouts/v" get-attributes 'cat "$MDEVCTL_ENV_ROOT/text"; exit 0'
        run -0 callouts attributes
        equal "$output" "$(printf '%s\n' "$@")"
}

@test "attributes are an array of objects with one string" {
        attributes_are '[{"a":"1"},{"b/c":""},{"a":"1"}]' 'attributes: 0' '[{"a":"1"},{"b/c":""},{"a":"1"}]'
        attributes_are '\n[ {"a" : "1"} ]\n\0000\0000' 'attributes: 0' '[{"a":"1"}]'
}

@test "no attributes can be said in many ways" {
        local text
        for text in '' null '[]' '[{}]' '[{}]\n' ' [ { } ] \n' '[]\0000' '\0000' '\n'; do
                attributes_are "$text" 'attributes: 0' '[]'
        done
}

@test "attributes that are anything else are an error, and those before the wrong one remain" {
        attributes_are '{"a":"1"}' 'attributes: EINVAL the attributes from the callout are no array' '[]'
        attributes_are '[{"a":"1"}' 'attributes: EINVAL the attributes from the callout are no valid JSON' '[]'
        attributes_are '[{"a":"1"}]]' 'attributes: EINVAL the attributes from the callout are no valid JSON' '[]'
        attributes_are '[{"a":"1"}]\0000x' 'attributes: EINVAL the attributes from the callout are no valid JSON' '[]'
        attributes_are '[{"a":"\0377"}]' 'attributes: EINVAL the attributes from the callout are no valid JSON' '[]'
        local wrong
        for wrong in '{"a":1}' '{"a":"1","b":"2"}' '{}' '"a"' 'null' '["a"]'; do
                attributes_are "[{\"a\":\"1\"},$wrong,{\"c\":\"3\"}]" \
                        'attributes: EINVAL attribute 1 from the callout is not an object with one string' '[{"a":"1"}]'
        done
}

@test "a script that fails to say the attributes is an error" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" get-attributes 'echo "[{\"a\":\"1\"}]"; echo broken >&2; exit 1'
        run -0 callouts attributes
        equal "$output" "stderr 3 v: broken
attributes: EPERM callout v failed at event get, exit status 1
[]"
}

@test "scripts without capabilities are searched for attributes" {
        legacy 2 2
        on "$usr/callouts/2" get-attributes 'echo "[{\"a\":\"1\"}]"; exit 0'
        run -0 callouts attributes
        equal "$output" 'attributes: 0
[{"a":"1"}]'
        called {1,2}" get capabilities none" {1,2}" get attributes none"
}

@test "scripts that all decline are not asked again for the attributes of the same type" {
        legacy 2 2
        run -0 callouts attributes "uuid=$(uuid 2)" attributes type=mtty-1 attributes type=mtty-2 start
        equal "$(calls | grep -c attributes)" 4
        equal "$(calls | grep -c pre)" 2
        # A script that was killed has not declined.
        on "$usr/callouts/1" get-attributes 'kill -9 $$'
        rm "$root/calls"
        run -0 callouts attributes attributes
        equal "$(calls | grep -c attributes)" 4
}

# Scripts that are not nice.

@test "a script need not read its input" {
        local big
        big=$(printf '{"mdev_type":"mtty-2","start":"manual","attrs":[{"a":"%0100000d"}]}' 1)
        script "$usr/callouts/v" 'exec <&-' "[ \$6 != capabilities ] || echo '$everything'" 'sleep 0.05' 'exit 0'
        run -0 callouts "json=$big" define success live attributes
        equal "$output" "define: 0
live: 0
attributes: 0
[]"
        # nor to close it
        script "$usr/callouts/v" 'exit 0'
        run -0 callouts "json=$big" define success
        equal "$output" "define: 0"
}

@test "a script gets all of a large input" {
        local big
        big=$(printf '{"mdev_type":"mtty-2","start":"manual","attrs":[{"a":"%0120000d"}]}' 1)
        versioned "$usr/callouts/v"
        run -0 callouts "json=$big" define
        equal "$(grep -c -F "$big" "$root/calls")" 1
}

@test "a script may write a mebibyte to stdout and to stderr before it reads" {
        local big
        big=$(printf '{"mdev_type":"mtty-2","start":"manual","attrs":[{"a":"%0120000d"}]}' 1)
        script "$usr/callouts/l" '[ $4 != get ] || exit 2' \
                'head -c 1048576 /dev/zero | tr "\0" o' 'head -c 1048576 /dev/zero | tr "\0" e >&2' \
                'cat >"$MDEVCTL_ENV_ROOT/input"' 'exit 0'
        callouts "json=$big" define >"$root/output"
        equal "$(tail -n 1 "$root/output")" "define: 0"
        equal "$(tr -cd e <"$root/output" | wc -c)" $((1048576 + $(printf 'stderrdefine' | tr -cd e | wc -c)))
        equal "$(cat "$root/input")" "$big"
}

@test "attributes may be a mebibyte" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" get-attributes 'printf "[{\"a\":\""; head -c 1048576 /dev/zero | tr "\0" x; printf "\"}]"; exit 0'
        callouts attributes >"$root/output"
        equal "$(head -n 1 "$root/output")" "attributes: 0"
        equal "$(tr -cd x <"$root/output" | wc -c)" 1048576
}

@test "what a script has written before it ends is read, however late" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" get-attributes 'kill -STOP $PPID
                printf "[{\"a\":\"%060000d\"}]" 1; printf "%060000d" 1 >&2
                (sleep 0.2; kill -CONT $PPID) >/dev/null 2>&1 &
                exit 0'
        callouts attributes >"$root/output"
        equal "$(grep -c '^attributes: 0$' "$root/output")" 1
        equal "$(tr -cd 0 <"$root/output" | wc -c)" $((59999 * 2 + 1))
}

@test "a script that never stops writing is ended and does not fill the memory" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'exec cat /dev/zero'
        # A sanitizer needs more than there is.
        MDEV_CALLOUT_TIMEOUT_MS=500 run -0 bash -c \
                'grep -q __asan_init "$0" || ulimit -v 200000; exec "$0" start' "$build/tests/run-callouts"
        equal "$output" "start: ETIMEDOUT callout v did not end within 0.5 s"
}

@test "what a script leaves behind in the background is not waited for" {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" pre 'echo before >&2; sleep 30 & echo $! >"$MDEVCTL_ENV_ROOT/background"; exit 0'
        local before=$SECONDS
        run -0 callouts start success
        kill "$(cat "$root/background")"
        equal "$output" "stderr 6 v: before
start: 0"
        [ $((SECONDS - before)) -lt 10 ]
}

# hangs EVENT[-ACTION] [COMMANDS]: a versioned script that does not end then.
hangs() {
        versioned "$usr/callouts/v"
        on "$usr/callouts/v" "$1" "echo \$\$ >\"\$MDEVCTL_ENV_ROOT/pid\"; echo waiting >&2; ${2:-exec sleep 30}"
        export MDEV_CALLOUT_TIMEOUT_MS=300
}

# The script that hung is gone.
gone() {
        missing "/proc/$(cat "$root/pid")"
}

@test "a script that hangs in pre is ended and has refused" {
        hangs pre
        record "$usr/notifiers/n"
        run -0 callouts start success
        equal "$output" "stderr 3 v: waiting
start: ETIMEDOUT callout v did not end within 0.3 s"
        called "v get capabilities none" "v pre start none" "n notify start none"
        gone
}

@test "a script that ignores SIGTERM gets SIGKILL" {
        hangs pre 'trap "echo term >>\"$MDEVCTL_ENV_ROOT/term\"" TERM; while :; do sleep 0.05; done'
        # On a busy machine the script takes its time to notice SIGTERM.
        export MDEV_CALLOUT_TIMEOUT_MS=1000
        run -0 callouts start success
        says "start: ETIMEDOUT callout v did not end within 1 s"
        equal "$(cat "$root/term")" term
        gone
}

@test "a script that ends well after SIGTERM has hung all the same" {
        hangs pre 'trap "exit 0" TERM; while :; do sleep 0.05; done'
        run -0 callouts start success
        says "start: ETIMEDOUT callout v did not end within 0.3 s"
        gone
}

@test "a hung script can be overridden, and post is run" {
        hangs pre
        run -0 callouts force start success
        says "warning: callout v did not end within 0.3 s; ignored because force is used" "start: 0"
        called "v get capabilities none" "v pre start none" "v post start success"
}

@test "notifiers share their time, and what they do changes nothing" {
        script "$usr/notifiers/a" 'exec sleep 30'
        record "$usr/notifiers/b"
        export MDEV_CALLOUT_TIMEOUT_MS=1000
        run -0 callouts start success
        says "warning: notifier a did not end within " "warning: notifier b was not run: those before it took 1 s" "start: 0"
        missing "$root/calls"
}

@test "a script that hangs in post is ended" {
        hangs post
        record "$usr/notifiers/n"
        run -0 callouts start success
        equal "$output" "start: 0
stderr 3 v: waiting
warning: callout v did not end within 0.3 s"
        called "v get capabilities none" "v pre start none" "v post start success" "n notify start success"
        gone
}

@test "a script that hangs in live or at the attributes is ended" {
        hangs live
        run -0 callouts live
        says "live: ETIMEDOUT callout v did not end within 0.3 s"
        gone
        hangs get-attributes
        run -0 callouts attributes
        says "attributes: ETIMEDOUT callout v did not end within 0.3 s"
        gone
}

@test "a notifier that hangs is ended" {
        hangs notify
        mv "$usr/callouts/v" "$usr/callouts/v.notify" "$usr/notifiers"
        run -0 callouts start success
        equal "$output" "start: 0
warning: notifier v did not end within 0.3 s"
        gone
}

@test "a script that hangs at its capabilities is found out once and refuses" {
        hangs get-capabilities
        on "$usr/callouts/v" pre 'exit 2'
        run -0 callouts start attributes start
        equal "$output" "warning: callout v did not end within 0.3 s
start: ETIMEDOUT callout v did not end within 0.3 s
attributes: ETIMEDOUT callout v did not end within 0.3 s
[]
start: ETIMEDOUT callout v did not end within 0.3 s"
        called "v get capabilities none"
        gone
}

@test "a versioned script after one that hangs is found" {
        hangs get-capabilities
        # The other script ends within this time on a busy host, too.
        export MDEV_CALLOUT_TIMEOUT_MS=2000
        versioned "$usr/callouts/w"
        run -0 callouts start success
        says "start: 0"
        called "v get capabilities none" "w get capabilities none" "w pre start none" "w post start success"
}

@test "the time-out of the tests has no effect without a root" {
        # Without a root there are the host's own scripts, if any; so look at the time-out alone.
        run -0 env -u MDEVCTL_ENV_ROOT MDEV_CALLOUT_TIMEOUT_MS=7 "$build/tests/test-callout" print-timeout
        equal "$output" "60000 5000"
        MDEV_CALLOUT_TIMEOUT_MS=7 run -0 "$build/tests/test-callout" print-timeout
        equal "$output" "7 7"
        run -0 "$build/tests/test-callout" print-timeout
        equal "$output" "60000 5000"
}

@test "a cancelled operation ends the script, and cannot be forced" {
        hangs pre
        unset MDEV_CALLOUT_TIMEOUT_MS
        run -0 callouts cancel start success force start success live attributes
        equal "$output" "start: EINTR callout v was cancelled
start: EINTR callout v was cancelled
live: EINTR callout v was cancelled
attributes: EINTR callout v was cancelled
[]"
}

@test "an operation that is cancelled after pre ends with post and the notifiers" {
        versioned "$usr/callouts/v"
        record "$usr/notifiers/n"
        run -0 callouts start cancel failure
        equal "$output" "start: 0"
        called "v get capabilities none" "v pre start none" "v post start failure" "n notify start failure"
}
