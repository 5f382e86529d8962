#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl list and mdevctl types: every byte that programs read

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

gpu=0000:00:02.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
        parent $gpu t2 t10
}

# Devices in every state, defined in an order that is not that of the lists.
populate() {
        define mtty 3 mtty-2 auto '{"b": "2"}, {"a": "1"}, {"b": "3"}'
        define mtty 1 mtty-1 manual
        define $gpu 2 t2 auto '{"nvidia/vgpu_params": "frame_rate_limiter=0, \"x\""}'
        define $gpu 3 t10 manual
        active mtty 3 mtty-2
        active mtty 4 mtty-1
        active $gpu 2 t2
}

@test "nothing to list" {
        for options in "" -v -d -dv "-p mtty" "-u $one"; do
                # shellcheck disable=SC2086
                equal "$(mdevctl list $options | wc -c)" 0
        done
        for options in "" -d -v "-p mtty" "-u $one"; do
                # shellcheck disable=SC2086
                equal "$(mdevctl list --dumpjson $options; echo .)" "[]."
        done
}

@test "no directories at all" {
        rm -r "$definitions" "$root/sys"
        equal "$(mdevctl list 2>&1)" ""
        equal "$(mdevctl list -d 2>&1)" ""
        equal "$(mdevctl types 2>&1)" ""
}

@test "active devices" {
        populate
        prints list.txt mdevctl list
        prints list.txt mdevctl list -v
        prints list-mtty.txt mdevctl list -p mtty
        prints list.json mdevctl list --dumpjson
        prints list.json mdevctl list --dumpjson -v
        prints list-one.json mdevctl list --dumpjson -u "$three"
}

@test "definitions" {
        populate
        prints list-defined.txt mdevctl list -d
        prints list-defined-verbose.txt mdevctl list -dv
        prints list-defined.json mdevctl list -d --dumpjson
        prints list-defined-one.json mdevctl list -d --dumpjson -u "$two"
        prints list-defined-two.json mdevctl list -d --dumpjson -u "$three"
}

@test "a file that mdevctl has written is what it lists" {
        define mtty 1 mtty-1 auto '{"a": "1"}'
        mdevctl modify -u "$one" --addattr b --value 2
        mdevctl list -d --dumpjson -u "$one" | cmp - "$definitions/mtty/$one"
}

@test "strings are escaped as little as JSON allows" {
        define mtty 1 mtty-1 manual '{"q\"\\\/x": "\b\t\n\f\r\u0001\u001F\u007f\u00e9/\ud83d\ude00"}'
        prints escapes.json mdevctl list -d --dumpjson -u "$one"
}

@test "what is tolerated in a definition" {
        define mtty 1 x manual
        for text in '{"mdev_type":"mtty-1","start":"manual"}' \
                '{"start":"manual","mdev_type":"mtty-1","attrs":null}' \
                '{"mdev_type":"x","mdev_type":"mtty-1","start":"auto","start":1,"attrs":[],"more":[1]}' \
                $'\t{\n"mdev_type" : "mtty-1", "start": "automatic" }\n\n'; do
                printf '%s' "$text" >"$definitions/mtty/$one"
                equal "$(mdevctl list -d)" "$one mtty mtty-1 manual"
                equal "$(mdevctl list -d --dumpjson -u "$one" | tr -d ' \n')" \
                        '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
        done
}

@test "broken definitions are named and left out, and the list does not fail" {
        define mtty 1 mtty-1 auto
        while read -r text; do
                printf '%s' "$text" >"$definitions/mtty/$two"
                run --separate-stderr -0 mdevctl list -d
                equal "$output" "$one mtty mtty-1 auto"
                [[ $stderr == "Warning: "*"/mtty/$two: "* ]]
                run --separate-stderr -0 mdevctl list -d --dumpjson
                equal "$(tr -d ' \n' <<<"$output")" "[{\"mtty\":[{\"$one\":{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[]}}]}]"
        done <<-'END'

		{
		[]
		{"mdev_type": "x", "start": "auto"} x
		{"start": "auto"}
		{"mdev_type": "x"}
		{"mdev_type": "x", "start": null}
		{"mdev_type": null, "start": "auto"}
		{"mdev_type": 7, "start": "auto"}
		{"mdev_type": "a/b", "start": "auto"}
		{"mdev_type": "x", "start": "auto", "attrs": {}}
		{"mdev_type": "x", "start": "auto", "attrs": [1]}
		{"mdev_type": "x", "start": "auto", "attrs": [{}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"a": "1", "b": "2"}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"a": 1}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"../a": "1"}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"a": "\u0000"}]}
	END
        run --separate-stderr -0 mdevctl list -d -u "$one"
        equal "$stderr" ""
}

@test "what is no definition" {
        define mtty 1 mtty-1 manual
        cp "$definitions/mtty/$one" "$definitions/mtty/.$two.new"
        cp "$definitions/mtty/$one" "$definitions/mtty/83B8F4F2-509F-382F-3C1E-000000000002"
        cp "$definitions/mtty/$one" "$definitions/file"
        ln -s nowhere "$definitions/link"
        ln -s nowhere "$definitions/mtty/$two"
        mkdir -p "$definitions/scripts.d/callouts" "$definitions/mtty/$three"
        mkfifo "$definitions/mtty/$four"
        run --separate-stderr -0 mdevctl list -d
        equal "$output" "$one mtty mtty-1 manual"
        [[ $stderr == *"83B8F4F2"* && $stderr == *"$three"* && $stderr == *"$four"* && $stderr != *"$two.new"* ]]
        [[ $stderr == *"/link: the symbolic link cannot be followed: No such file or directory, ignoring"* ]]
        [[ $stderr == *"/mtty/$two: the symbolic link to nowhere cannot be followed: No such file or directory, ignoring"* ]]
}

@test "links to parents' directories are followed" {
        define mtty 1 mtty-1 manual
        mkdir "$root/elsewhere"
        mv "$definitions/mtty" "$root/elsewhere"
        ln -s ../../elsewhere/mtty "$definitions/mtty"
        ln -s mtty "$definitions/..data"
        equal "$(mdevctl list -d)" "$one mtty mtty-1 manual"
        equal "$(mdevctl list -d -u "$one" -p mtty)" "$one mtty mtty-1 manual"
        active mtty 1 mtty-1
        equal "$(mdevctl list)" "$one mtty mtty-1 manual (defined)"
}

@test "a directory whose name can be no parent's is named and left out" {
        define mtty 1 mtty-1 manual
        define $'evil\n' 2 mtty-1 manual
        run --separate-stderr -0 mdevctl list -d
        equal "$output" "$one mtty mtty-1 manual"
        [[ $stderr == *'/evil\x0a: '* ]]
        run -1 mdevctl undefine -u "$two"
}

@test "an unreadable directory is named and left out" {
        [ "$(id -u)" -ne 0 ] || skip "root can read everything"
        define mtty 1 mtty-1 manual
        mkdir -m 0 "$definitions/other"
        run --separate-stderr -0 mdevctl list -d
        equal "$output" "$one mtty mtty-1 manual"
        [[ $stderr == *"/other: "* ]]
}

@test "active and defined belong together if parent and type are the same" {
        define mtty 1 mtty-1 auto
        active mtty 1 mtty-2
        equal "$(mdevctl list)" "$one mtty mtty-2 auto (defined)"
        equal "$(mdevctl list -d)" "$one mtty mtty-1 auto"
        define $gpu 2 t2 auto
        active mtty 2 mtty-1
        equal "$(mdevctl list -u "$two")" "$two mtty mtty-1 manual"
        equal "$(mdevctl list -du "$two")" "$two $gpu t2 auto"
}

@test "a broken definition of an active device counts as one" {
        mkdir "$definitions/mtty"
        echo x >"$definitions/mtty/$one"
        active mtty 1 mtty-1
        equal "$(mdevctl list)" "$one mtty mtty-1 manual (defined)"
}

@test "a device that is not complete is none" {
        active mtty 1 mtty-1
        rm "$root/sys/bus/mdev/devices/$one/mdev_type"
        equal "$(mdevctl list)" ""
}

@test "a device whose name is no UUID is named and left out" {
        active mtty 1 mtty-1
        ln -s "$one" "$root/sys/bus/mdev/devices/${one^^}"
        run --separate-stderr -0 mdevctl list
        equal "$output" "$one mtty mtty-1 manual"
        [[ $stderr == "Warning: "*"/${one^^}: not a UUID"* ]]
}

@test "enabled units start by themselves" {
        define mtty 1 mtty-1 manual
        enable mtty 1
        equal "$(mdevctl list -d)" "$one mtty mtty-1 auto"
        equal "$(mdevctl list -d --dumpjson -u "$one" | tr -d ' \n')" '{"mdev_type":"mtty-1","start":"auto","attrs":[]}'
        active mtty 1 mtty-1
        equal "$(mdevctl list)" "$one mtty mtty-1 auto (defined)"
}

@test "attributes of active devices come from callout scripts, and only where they are shown" {
        active mtty 1 mtty-1
        define mtty 1 mtty-1 manual '{"not": "this"}'
        script callouts attributes "[ \"\$6\" = attributes ] || exit 2
echo x >>\"$root/asked\"
echo '[{\"a\":\"1\"},{\"b\":\"\\\\\"\"}]'"
        equal "$(mdevctl list)" "$one mtty mtty-1 manual (defined)"
        mdevctl list -d -v >/dev/null
        missing "$root/asked"
        prints list-attributes.txt mdevctl list -v
        prints list-attributes.json mdevctl list --dumpjson
}

@test "a callout script that fails to give attributes does not make the list fail" {
        active mtty 1 mtty-1
        script callouts attributes '[ "$6" = attributes ] || exit 2
echo trouble >&2
exit 1'
        run --separate-stderr -0 mdevctl list -v
        equal "$output" "$one mtty mtty-1 manual"
        [[ $stderr == *"attributes: trouble"* ]]
}

@test "definitions: the empty name of an attribute" {
        define mtty 1 mtty-1 auto '{"": "1"}'
        run --separate-stderr -0 mdevctl list -dv
        equal "$output$stderr" "$one mtty mtty-1 auto
  Attrs:
    @{0}: {\"\":\"1\"}"
        mdevctl list -d --dumpjson -u "$one" | grep -qxF '      "": "1"'
}

@test "types: text that is not UTF-8" {
        parent mtty mtty-1
        printf 'caf\351 \377\n' >"$root/sys/devices/virtual/mtty/mdev_supported_types/mtty-1/description"
        printf 'caf\303\251' >"$root/sys/devices/virtual/mtty/mdev_supported_types/mtty-1/name"
        mdevctl types -p mtty --dumpjson >json
        iconv -f UTF-8 -t UTF-8 json | grep -qF '"description": "caf� �"'
        grep -qF '"name": "café"' json
        mdevctl types -p mtty | iconv -f UTF-8 -t UTF-8 | grep -qF 'Description: caf� �'
}

@test "types" {
        echo -n 0 >"$(type_of $gpu t10)/available_instances"
        echo 'Dual "port"' >"$(type_of mtty mtty-2)/name"
        printf '\n two\nlines \n\n' >"$(type_of mtty mtty-2)/description"
        : >"$(type_of mtty mtty-1)/name"
        parent bare
        prints types.txt mdevctl types
        prints types.json mdevctl types --dumpjson
        prints types-bare.json mdevctl types --dumpjson --parent bare
        equal "$(mdevctl types -p none)" ""
        equal "$(mdevctl types -p none --dumpjson)" "[]"
}

@test "a large number of instances is printed in full" {
        echo 1234567890123456789 >"$(type_of mtty mtty-1)/available_instances"
        [[ $(mdevctl types --dumpjson -p mtty) == *'"available_instances": 1234567890123456789,'* ]]
}

# A terminal takes them for commands; programs get every byte.
@test "control characters are escaped on a terminal, and only there" {
        define mtty 1 mtty-1 manual '{"a": "1\u001b[2J\n\u009b2J\u00e9"}'
        printf 'x\e[2J' >"$(type_of mtty mtty-1)/name"
        mdevctl list -dv >raw-list
        grep -qF "    @{0}: {\"a\":\"1"$'\e[2J' raw-list
        mdevctl types -p mtty >raw-types
        grep -qxF "    Name: x"$'\e[2J' raw-types
        run env script -qec "$build/mdevctl/mdevctl list -dv" /dev/null
        says '    @{0}: {"a":"1\x1b[2J\x0a\xc2\x9b2Jé"}'
        run env script -qec "$build/mdevctl/mdevctl types -p mtty" /dev/null
        says 'Name: x\x1b[2J'
        [[ $output != *$'\e'* ]]
}

@test "a type that cannot be read is named and left out" {
        rm "$(type_of mtty mtty-2)/device_api"
        echo many >"$(type_of $gpu t2)/available_instances"
        run --separate-stderr -1 mdevctl types
        says mtty-1 t10
        [[ $output != *mtty-2* && $output != *"t2"* ]]
        equal "$stderr" "Error: parent $gpu, type t2: available_instances is not a number: many
Error: parent mtty, type mtty-2: Failed to read device_api: No such file or directory"
        run --separate-stderr -1 mdevctl types --dumpjson
        says mtty-1 t10
        run --separate-stderr -0 mdevctl types -p other
}

@test "what is optional and cannot be read is named" {
        rm -f "$(type_of mtty mtty-1)"/{name,description}
        run --separate-stderr -0 mdevctl types -p mtty
        ln -s ../../../../out "$(type_of mtty mtty-1)/description"
        run --separate-stderr -1 mdevctl types -p mtty
        equal "$stderr" "Error: parent mtty, type mtty-1: Failed to read description: Invalid cross-device link"
}

@test "a device that cannot be read is named and left out" {
        active mtty 1 mtty-1
        active mtty 2 mtty-1
        ln -sfT "$(printf '%300s' "" | tr ' ' x)" "$root/sys/bus/mdev/devices/$one/mdev_type"
        run --separate-stderr -0 mdevctl list
        equal "$output" "$two mtty mtty-1 manual"
        equal "$stderr" "Warning: device $one: cannot be read, ignoring: File name too long"
}

@test "a parent that cannot be read is named and left out" {
        ln -s nowhere "$root/sys/class/mdev_bus/gone"
        run --separate-stderr -1 mdevctl types --dumpjson
        says '"mtty"'
        [[ $output != *gone* && $stderr == "Error: parent gone: "* ]]
}
