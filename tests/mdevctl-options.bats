#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: how the command line is read

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
        define mtty 1 mtty-1 manual '{"a": "1"}'
}

# Nothing on stdout, the reason and the usage on stderr: refused ARGUMENT...
refused() {
        run --separate-stderr -2 mdevctl "$@"
        equal "$output" ""
        [[ $stderr == "error: "*$'\n\n'"Usage: mdevctl"*"try '--help'." ]] || {
                echo "stderr: $stderr"
                return 1
        }
}

@test "without a command the commands are listed on stderr" {
        run --separate-stderr -2 mdevctl
        equal "$output" ""
        [[ $stderr == *"Usage: mdevctl <COMMAND>"* ]]
}

@test "help lists the commands, but for the one that only udev rules use" {
        for form in help --help -h -hV; do
                run --separate-stderr -0 mdevctl "$form"
                says "Usage: mdevctl <COMMAND>" define undefine modify start stop list types status check apply hostdev
                [[ $output != *start-parent-mdevs* ]]
                equal "$stderr" ""
        done
}

@test "help of a command, short and long" {
        for command in define undefine modify start stop list types start-parent-mdevs status check apply hostdev; do
                run --separate-stderr -0 mdevctl help "$command"
                says "Usage: mdevctl $command"
                equal "$(mdevctl "$command" --help)" "$output"
                run -0 mdevctl "$command" -h
                says "Usage: mdevctl $command" "-h, --help"
        done
        run -0 mdevctl help help
        refused help bogus
        refused help list list
        refused help -h
}

@test "no line of the short help is too wide" {
        for command in define undefine modify start stop list types status check apply hostdev; do
                mdevctl "$command" -h | grep -v ^Usage | awk 'length > 100 { exit 1 }'
        done
}

@test "libvirt's question whether devices can be updated" {
        run -0 mdevctl modify --defined --live --jsonfile b --help
}

@test "help wins over what follows it and what is missing, not over what is wrong before it" {
        run -0 mdevctl define --help -u xx --bogus
        run -0 mdevctl modify -hu
        refused define --bogus --help
        refused define -u xx --help
}

@test "version" {
        equal "$(mdevctl --version)" "mdevctl 1.4.0"
        equal "$(mdevctl -V list)" "mdevctl 1.4.0"
        equal "$(mdevctl list -V)" "mdevctl-list 1.4.0"
        equal "$(lsmdev --version)" "lsmdev 1.4.0"
        refused define -V
}

@test "lsmdev is mdevctl list" {
        equal "$(lsmdev -d)" "$(mdevctl list -d)"
        run --separate-stderr -2 lsmdev --bogus
        [[ $stderr == *"Usage: lsmdev"* ]]
        ln -s "$build/mdevctl/mdevctl" "$root/my-lsmdev"
        equal "$("$root/my-lsmdev" -d)" "$(mdevctl list -d)"
}

@test "forms of options" {
        for form in "-u $one" "-u$one" "-u=$one" "--uuid $one" "--uuid=$one" "-u ${one^^}" "-u ${one//-/}" "-u {$one}" \
                "-u urn:uuid:$one" "-p mtty" "-pmtty" "-p=mtty" "--parent=mtty --" "-p mtty -u $one"; do
                # shellcheck disable=SC2086
                equal "$(mdevctl list -d $form)" "$one mtty mtty-1 manual"
        done
        equal "$(mdevctl list "-u$one" --defined)" "$one mtty mtty-1 manual"
        equal "$(mdevctl list "-dvu$one" | head -n 1)" "$one mtty mtty-1 manual"
        equal "$(mdevctl list -vdp mtty | head -n 1)" "$one mtty mtty-1 manual"
}

@test "what is no option, no UUID, no value" {
        refused bogus
        refused --bogus
        refused -v
        refused -- list
        refused list x
        refused list -- x
        refused list ""
        refused list --defi
        refused list -x
        refused list -dx
        refused list --defined=true
        refused list --defined=
        refused list -d=true
        refused list -dd
        refused list --uuid "$one" --uuid "$one"
        refused list --uuid
        refused list -u
        refused list -u "$one-"
        refused list -u "{${one//-/}}"
        refused list -u "URN:UUID:$one"
        refused list -p -d
        refused list -p --
        refused start-parent-mdevs
        refused start-parent-mdevs a b
        refused stop -u "$one" -p mtty
}

@test "what must be given" {
        refused define
        refused define --auto
        refused define -t x
        refused undefine -p mtty
        refused stop
        refused start
        refused start -t x
        refused modify
        refused modify -a
        refused modify -u "$one"
        refused modify -u "$one" --live
        refused modify -u "$one" --addattr x
        refused modify -u "$one" --value x
        # An excluded option does not count as missing.
        run -1 mdevctl modify -u "$one" --live --addattr x
        says "Error: 'live' option must be used with 'jsonfile' option"
}

@test "what cannot be given together" {
        local m="modify -u $one"
        refused define -p mtty --jsonfile x -t y
        refused define -p mtty --jsonfile x -a
        refused start -p mtty --jsonfile x -t y
        for options in "-a -m" "-a --delattr" "-m --delattr" "-a --jsonfile x" "-m --jsonfile x" "--delattr --jsonfile x" \
                "-a --addattr x --value y" "--delattr --addattr x --value y" "--addattr x --value y --jsonfile z" \
                "--delattr --value x" "-a -i 0" "-m -i 0" "--jsonfile x -i 0" "--delattr -i 0 --live" "-a --value x" \
                "--addattr x --value y --live" "-t x --jsonfile y" "-t x -a --live"; do
                # shellcheck disable=SC2086
                refused $m $options
        done
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"1"}]}'
}

@test "an index is a number" {
        for index in x "" 4294967296 99999999999999999999 1x +; do
                refused modify -u "$one" --delattr --index="$index"
        done
        refused modify -u "$one" --delattr -i -1
        refused modify -u "$one" --delattr --index=-1
        run -0 mdevctl modify -u "$one" --delattr -i +0
}

@test "a value may begin with a hyphen if it is no word of its own, and may be empty" {
        refused modify -u "$one" --addattr x --value -1
        refused modify -u "$one" --addattr x --value --
        mdevctl modify -u "$one" --addattr x --value=-1
        mdevctl modify -u "$one" --addattr x --value -
        mdevctl modify -u "$one" --addattr x --value ""
        equal "$(defined "$one")" \
                '{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"1"},{"x":"-1"},{"x":"-"},{"x":""}]}'
}

@test "the root must be an absolute path" {
        MDEVCTL_ENV_ROOT=relative run -1 mdevctl list
        says "Error: MDEVCTL_ENV_ROOT must be an absolute path"
}

@test "output that cannot be written is an error" {
        run -1 bash -c '"$0" list -d >/dev/full' "$build/mdevctl/mdevctl"
        says "Error: Failed to write to stdout"
}

@test "without privileges, reading works and writing says what it needs" {
        [ "$(id -u)" -eq 0 ] || skip "needs root to give it up"
        as_nobody() {
                env -u MDEVCTL_ENV_ROOT setpriv --reuid=65534 --regid=65534 --clear-groups \
                        "$BATS_TEST_TMPDIR/mdevctl" "$@"
        }
        # Where anybody can get at it.
        cp "$build/mdevctl/mdevctl" "$BATS_TEST_TMPDIR/mdevctl"
        as_nobody --version >/dev/null || skip "the build directory is private"
        run -0 as_nobody list
        run -0 as_nobody types
        run -0 as_nobody help
        for command in "define -p mtty -t x" "undefine -u $one" "modify -u $one -a" "start -u $one" "stop -u $one" \
                "start-parent-mdevs mtty"; do
                # shellcheck disable=SC2086
                run -1 as_nobody $command
                says "Error: mdevctl ${command%% *}" "needs root"
        done
}
