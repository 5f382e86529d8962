#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl apply: the definitions become what a document says

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        umask 022
}

# device NUMBER TYPE START [ATTRIBUTES]: an element of a document
device() {
        printf '{"%s": {"mdev_type": "%s", "start": "%s", "attrs": [%s]}}' "$(uuid "$1")" "$2" "$3" "${4:-}"
}

# applies DOCUMENT ARGUMENT...: succeeds without a word on stderr. The output is in $output.
applies() {
        local document=$1
        shift
        run --separate-stderr -0 mdevctl apply "$@" - <<<"$document"
        equal "$stderr" ""
}

# Applying again prints nothing and touches no file.
changes_nothing() {
        local before
        before=$(snapshot)
        applies "$@"
        equal "$output" ""
        equal "$(snapshot)" "$before"
}

# Inodes, times, modes and targets of all files, and their content.
snapshot() {
        (cd "$root/etc" && find . -printf '%p %i %m %T@ %C@ %l\n' -type f -exec cat {} + | sort)
}

# refused DOCUMENT TEXT...: fails, says each text, prints and changes nothing.
refused() {
        local document=$1 before text
        shift
        before=$(snapshot)
        run --separate-stderr -1 mdevctl apply - <<<"$document"
        equal "$output" ""
        for text in "$@"; do
                [[ $stderr == *"Error: "*"$text"* ]] || {
                        printf 'stderr: %s\nexpected in it: %s\n' "$stderr" "$text"
                        return 1
                }
        done
        equal "$(snapshot)" "$before"
}

@test "apply defines, modifies and undefines, says so from column 0, and is done then" {
        local document
        define mtty 1 mtty-1 manual '{"a": "1"}, {"b": "2"}, {"c": "3"}'
        define mtty 2 mtty-1 auto
        define mtty 4 mtty-1 auto
        document='[{"mtty": ['$(device 1 mtty-2 auto '{"a": "1"}, {"x": "9"}, {"c": "3"}')', '$(device 3 mtty-1 manual)', '$(device 4 mtty-1 auto)']}]'
        applies "$document" --prune
        equal "$output" "~ mtty $one
    mdev_type: mtty-1 -> mtty-2
    start: manual -> auto
    attribute 1: b=2 -> x=9
- mtty $two
+ mtty $three"
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"},{"x":"9"},{"c":"3"}]}'
        equal "$(defined "$three")" '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
        missing "$definitions/mtty/$two"
        changes_nothing "$document" --prune
}

@test "the lines of a modification show each attribute that comes, goes or changes" {
        define mtty 1 t manual '{"a": "1"}, {"a": "2"}, {"b": "3"}'
        applies '[{"mtty": ['"$(device 1 t manual '{"a": "1"}, {"n": ""}, {"a": "2"}, {"b": "3"}')"']}]'
        equal "$output" "~ mtty $one
    attribute 1: (none) -> n="
        applies '[{"mtty": ['"$(device 1 t manual '{"a": "1"}, {"b": "3"}')"']}]'
        equal "$output" "~ mtty $one
    attribute 1: n= -> (none)
    attribute 2: a=2 -> (none)"
        applies '[{"mtty": ['"$(device 1 t manual)"']}]'
        equal "$output" "~ mtty $one
    attribute 0: a=1 -> (none)
    attribute 1: b=3 -> (none)"
        applies '[{"mtty": ['"$(device 1 t manual '{"a": "1"}, {"a": "1"}')"']}]'
        applies '[{"mtty": ['"$(device 1 t manual '{"a": "1"}, {"a": "1"}, {"a": "1"}')"']}]'
        equal "$output" "~ mtty $one
    attribute 2: (none) -> a=1"
}

@test "the arrow needs a locale with UTF-8" {
        define mtty 1 t manual
        LC_ALL=C.UTF-8 applies '[{"mtty": ['"$(device 1 u manual)"']}]' --dry-run
        equal "$output" "~ mtty $one
    mdev_type: t → u"
}

@test "list -d --dumpjson | apply copies a host byte for byte" {
        mdevctl define -u "$one" -p mtty -t mtty-1 --auto
        mdevctl modify -u "$one" --addattr 'vendor/param' --value $'ä "\\ \x1b\n\xc2\x9b'
        mdevctl define -u "$two" -p 0000:3b:00.0 -t nvidia-63
        mdevctl define -u "$two" -p mtty -t mtty-2
        mkdir -p "$root/other/etc"
        mdevctl list -d --dumpjson >document
        MDEVCTL_ENV_ROOT=$root/other mdevctl apply - <document
        diff -r "$definitions" "$root/other/etc/mdevctl.d"
        equal "$(find other/etc -type f | wc -l)" 3
        changes_nothing "$(cat document)" --prune
        # Only a part of a host.
        mdevctl list -d --dumpjson -p mtty >document
        changes_nothing "$(cat document)" --prune
}

@test "only what differs in meaning is written" {
        mkdir "$definitions/mtty"
        printf '\t{"x": 1, "start" : "boot", "attrs": null,\n"mdev_type":"t", "start":"never"}\n' >"$definitions/mtty/$one"
        changes_nothing '[{"mtty": ['"$(device 1 t manual)"']}]'
        changes_nothing '[{"mtty": [{"'"$one"'": {"start": "manual", "mdev_type": "t"}}]}]'
        applies '[{"mtty": ['"$(device 1 t auto)"']}]'
        equal "$output" "~ mtty $one
    start: manual -> auto"
        equal "$(defined "$one")" '{"mdev_type":"t","start":"auto","attrs":[]}'
        # The order of attributes has a meaning.
        applies '[{"mtty": ['"$(device 1 t auto '{"a": "1"}, {"b": "2"}')"']}]'
        applies '[{"mtty": ['"$(device 1 t auto '{"b": "2"}, {"a": "1"}')"']}]'
        says "attribute 0: a=1 -> b=2" "attribute 1: b=2 -> a=1"
}

@test "a document with any fault changes nothing, and every fault has its place" {
        define mtty 1 t auto
        local good
        good=$(device 2 t auto)
        refused '' "stdin: is not valid JSON (line 2)"
        refused '[{"mtty": ['"$good"',]}]' "stdin: is not valid JSON (line 1)"
        refused '{"mdev_type": "t", "start": "auto", "attrs": []}' "is the definition of one device"
        refused '{"mtty": []}' "stdin: is not an array of one object"
        refused '[{}, {}]' "stdin: has several elements"
        refused '[[]]' "stdin: the element is not an object"
        refused '[{"mtty": {}}]' 'stdin: parent "mtty": is not an array'
        refused '[{"mtty": [], "mtty": []}]' 'stdin: parent "mtty": is repeated'
        refused '[{"a/b": ['"$good"'], "": [], "..x": [], "scripts.d": [], "c": [1, {}, '"$good"', '"$good"', {"'"$three"'": 5}]}]' \
                'parent "a/b": the name is not a single' 'parent "": the name is empty' 'parent "..x": the name begins with ".."' \
                'parent "scripts.d": the name is that of' 'parent "c", device 0: is not an object' 'parent "c", device 1: is not an object' \
                'parent "c": device "'"$two"'" is repeated' 'parent "c", device 4, "'"$three"'": is not a JSON object'
        refused '[{"mtty": ['"$good"', {"'"${three^^}"'": {"mdev_type": "t", "start": "auto"}}, {"x": {"mdev_type": "t"}}]}]' \
                'device 1, "'"${three^^}"'": the UUID is not in lower case with hyphens; write "'"$three"'"' \
                'device 2, "x": the name is not a UUID' 'device 2, "x": "start" is missing'
        for text in '"start": "auto"|"mdev_type" is missing' '"mdev_type": "../t", "start": "auto"|"mdev_type": "../t" is not' \
                '"mdev_type": "t", "start": "yes"|"start" is neither "auto" nor "manual"' \
                '"mdev_type": "t", "start": 1|"start" is neither "auto" nor "manual"' \
                '"mdev_type": "t", "start": "auto", "attr": []|a definition has no "attr"' \
                '"mdev_type": "t", "start": "auto", "start": "auto"|"start" is repeated' \
                '"mdev_type": "t", "start": "auto", "attrs": [{"../remove": "1"}]|attribute 0: the name "../remove"' \
                '"mdev_type": "t", "start": "auto", "attrs": [{"a": 1}]|attribute 0: the value of "a" is not a string'; do
                refused '[{"mtty": ['"$good"', {"'"$three"'": {'"${text%|*}"'}}]}]' 'stdin: parent "mtty", device 1, "'"$three"'": '"${text#*|}"
        done
        refused '[{"mtty": ['"$good"', '"$(device 3 t auto '{"a": "'"$(head -c 262144 /dev/zero | tr '\0' x)"'"}')"']}]' \
                "the definition would have more than 262144 bytes"
        refused '[{"mtty": ['"$(printf '1,%.0s' {1..30})$good"']}]' "device 19: is not" "stdin: has 10 more faults"
        [[ $stderr != *"device 20"* ]]
        run --separate-stderr -1 mdevctl apply absent
        equal "$stderr" "Error: Failed to open absent: No such file or directory"
        run --separate-stderr -2 mdevctl apply
        run --separate-stderr -2 mdevctl apply - -
}

@test "apply reads a file, a pipe and a socket" {
        echo '[{"mtty": ['"$(device 1 t auto)"']}]' >document
        run -0 mdevctl apply --dry-run document
        equal "$output" "+ mtty $one"
        run -0 mdevctl apply --dry-run <(cat document)
        equal "$output" "+ mtty $one"
        run -0 perl -e 'use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0);
                open(F, "<", "document"); print $a <F>; close($a); open(STDIN, "<&", $b); exec(@ARGV)' \
                "$build/mdevctl/mdevctl" apply --dry-run -
        equal "$output" "+ mtty $one"
}

@test "an unreadable definition is replaced" {
        mkdir "$definitions/mtty"
        printf '{"mdev_type": "\x1b' >"$definitions/mtty/$one"
        mkfifo "$definitions/mtty/$two"
        ln -s "../$three" "$definitions/mtty/$three"
        local document
        document='[{"mtty": ['"$(device 1 t manual), $(device 2 t auto '{"a": "1"}'), $(device 3 t manual)"']}]'
        applies "$document"
        equal "$output" "~ mtty $one
    unreadable: is not valid JSON (line 1) -> t
    start: (none) -> manual
~ mtty $two
    unreadable: is not a regular file -> t
    start: (none) -> auto
    attribute 0: (none) -> a=1
~ mtty $three
    unreadable: the symbolic link to ../$three cannot be followed: No such file or directory -> t
    start: (none) -> manual"
        exists "$definitions/$three"
        changes_nothing "$document"
}

@test "a unit that is enabled counts as auto, and manual disables it" {
        define mtty 1 t manual
        enable mtty 1
        changes_nothing '[{"mtty": ['"$(device 1 t auto)"']}]'
        local document
        document='[{"mtty": ['"$(device 1 t manual)"']}]'
        applies "$document"
        equal "$output" "~ mtty $one
    start: auto -> manual"
        equal "$(find etc/systemd -name 'mdev@*')" ""
        changes_nothing "$document"
}

@test "links of systemctl enable never contradict the document" {
        # A new definition under the parent of a stale link.
        enable mtty 1
        applies '[{"mtty": ['"$(device 1 t manual)"']}]'
        equal "$output" "+ mtty $one"
        changes_nothing '[{"mtty": ['"$(device 1 t manual)"']}]'
        # A definition that moves and becomes manual does not take its enablement along; the other one does.
        define old 2 t manual
        define old 3 t manual
        enable old 2
        enable old 3
        local document
        document='[{"old": [], "new": ['"$(device 2 t manual), $(device 3 t auto)"']}]'
        applies "$document" --prune
        changes_nothing "$document" --prune
        equal "$(mdevctl list -d -p new)" "$two new t manual
$three new t auto"
        # Two definitions start by a link under a third parent, and one of them becomes manual.
        define a 4 t manual
        define b 4 t manual
        enable gone 4
        document='[{"a": ['"$(device 4 t manual)"'], "b": ['"$(device 4 t auto)"']}]'
        applies "$document"
        equal "$output" "~ a $four
    start: auto -> manual
~ b $four
    start: enabled -> auto"
        changes_nothing "$document"
}

@test "--prune undefines only under the parents of the document" {
        define a 1 t auto
        define a 2 t auto
        define b 1 t auto
        define c 3 t auto
        echo broken >"$definitions/a/$four"
        echo kept >"$definitions/a/notes"
        changes_nothing '[]' --prune
        changes_nothing '[{}]' --prune
        changes_nothing '[{"none": []}]' --prune
        changes_nothing '[{"c": []}]'
        run --separate-stderr -0 mdevctl apply --prune - <<<'[{"a": ['"$(device 2 t auto)"'], "c": []}]'
        equal "$output" "- a $one
- a $four
- c $three"
        equal "$stderr" "Warning: $definitions/a/notes: the name of the file is not a UUID in lower case with hyphens, ignoring
Warning: $definitions/a/$four: is not valid JSON (line 1); removing it without asking callout scripts"
        equal "$(cd "$definitions" && find . -type f | sort | tr '\n' ' ')" "./a/$two ./a/notes ./b/$one "
}

@test "--dry-run says what would be done, and writes nothing" {
        rm -r "$definitions" "$root/run"
        local document before
        document='[{"mtty": ['"$(device 1 t auto)"']}]'
        applies "$document" --dry-run
        equal "$output" "+ mtty $one"
        applies "$document" --dry-run --json
        equal "$(jq -c '[.changed, [.changes[] | .action, .parent, .uuid, .old, .new.start], .failed]' <<<"$output")" \
                '[1,["define","mtty","'"$one"'",null,"auto"],[]]'
        missing "$definitions"
        missing "$root/run"
        # There is nothing to write without a definition either.
        changes_nothing '[{"mtty": []}]' --prune
        missing "$definitions"
}

@test "--json has all keys, and shows no control character" {
        printf -v value '\x1b\x7f\xc2\x9b\n'
        define mtty 1 t manual
        enable mtty 1
        define mtty 2 t auto "{\"a\": \"\\u001b\\u007f\\u009b\\n\"}"
        echo broken >"$definitions/mtty/$three"
        run --separate-stderr -0 mdevctl apply --prune --json - <<<'[{"mtty": ['"$(device 1 t manual), $(device 3 u auto)"']}]'
        equal "$(LC_ALL=C tr -d '\n -~' <<<"$output")" ""
        equal "$(jq -c 'keys_unsorted' <<<"$output")" '["changed","changes","failed"]'
        equal "$(jq -c '.changes[] | keys_unsorted' <<<"$output" | sort -u)" '["action","parent","uuid","old","new"]'
        equal "$(jq -c '.changes[] | [.action, .uuid, .old.start, .new.start]' <<<"$output")" \
                '["modify","'"$one"'","auto","manual"]
["undefine","'"$two"'","auto",null]
["modify","'"$three"'",null,"auto"]'
        equal "$(jq -r '.changes[1].old.attrs[0].a' <<<"$output")" "${value%$'\n'}"
        applies '[{"mtty": []}]' --json
        equal "$(jq -c . <<<"$output")" '{"changed":0,"changes":[],"failed":[]}'
        # Lines escape them, too, and not only on a terminal.
        define mtty 2 t auto
        run -0 mdevctl apply --dry-run - <<<'[{"mtty": ['"$(device 2 t auto '{"a": "\u001b\u007f\u009b\n"}')"']}]'
        says 'attribute 0: (none) -> a=\x1b\x7f\xc2\x9b\x0a'
}

@test "a change that fails does not keep the others from being done" {
        local document
        mkdir -p "$definitions/mtty/$two" "$root/elsewhere"
        ln -s ../elsewhere "$definitions/mtty.link"
        define mtty 4 t auto
        document='[{"mtty": ['"$(device 1 t auto), $(device 2 t auto), $(device 3 t auto)"'], "absent": []}]'
        run --separate-stderr -1 mdevctl apply --prune --json - <<<"$document"
        [[ $stderr == "Error: "*" write /etc/mdevctl.d/mtty/$two: Is a directory" ]]
        equal "$(jq -c '[.changed, [.failed[] | .parent, .uuid], [.changes[].uuid]]' <<<"$output")" \
                '[3,["mtty","'"$two"'"],["'"$one"'","'"$three"'","'"$four"'"]]'
        equal "Error: $(jq -r '.failed[].error' <<<"$output")" "$stderr"
        exists "$definitions/mtty/$one"
        exists "$definitions/mtty/$three"
        missing "$definitions/mtty/$four"
        rmdir "$definitions/mtty/$two"
        applies "$document" --prune
        equal "$output" "+ mtty $two"
}

@test "definitions are written through links, but not over what a link leads to" {
        mkdir -p "$definitions/mtty" "$root/etc/managed"
        printf '{"mdev_type": "t", "start": "auto"}' >"$root/etc/managed/one"
        ln -s ../../managed/one "$definitions/mtty/$one"
        mkfifo "$root/etc/managed/two"
        ln -s ../../managed/two "$definitions/mtty/$two"
        ln -s /dev/null "$definitions/mtty/$three"
        run --separate-stderr -1 mdevctl apply - <<<'[{"mtty": ['"$(device 1 u auto), $(device 2 u auto), $(device 3 u auto)"']}]'
        [[ $stderr == *"write /etc/mdevctl.d/mtty/$two: ../../managed/two, reached by a symbolic link: Invalid argument; change it where it comes from
Error: "*"write /etc/mdevctl.d/mtty/$three: the symbolic link to /dev/null leads out of \$MDEVCTL_ENV_ROOT" ]]
        equal "$(readlink "$definitions/mtty/$one")" ../../managed/one
        equal "$(tr -d ' \n' <"$root/etc/managed/one")" '{"mdev_type":"u","start":"auto","attrs":[]}'
        [ -p "$root/etc/managed/two" ]
        # Pruning removes the link, as undefine does.
        run -0 mdevctl apply --prune - <<<'[{"mtty": []}]'
        equal "$(ls "$definitions/mtty")" ""
        exists "$root/etc/managed/one"
}

@test "what cannot be read is not taken for absent" {
        without_privileges
        define mtty 1 t auto
        define other 2 t auto
        chmod 000 "$definitions/mtty/$one"
        run --separate-stderr -1 "${unprivileged[@]}" "$build/mdevctl/mdevctl" apply --dry-run - <<<'[{"mtty": ['"$(device 1 t auto)"']}]'
        equal "$output$stderr" "Error: $definitions/mtty/$one: Permission denied"
        chmod 644 "$definitions/mtty/$one"
        chmod 000 "$definitions/mtty"
        run --separate-stderr -1 "${unprivileged[@]}" "$build/mdevctl/mdevctl" apply --dry-run - <<<'[{"mtty": ['"$(device 1 t auto)"']}]'
        equal "$output$stderr" "Error: $definitions/mtty: Permission denied, ignoring"
        # Another parent does not matter.
        run --separate-stderr -0 "${unprivileged[@]}" "$build/mdevctl/mdevctl" apply --dry-run - <<<'[{"other": ['"$(device 2 t auto)"']}]'
        equal "$output$stderr" ""
        chmod 755 "$definitions/mtty"
}

@test "callouts and notifiers run as for define, modify and undefine" {
        define mtty 1 t auto
        define mtty 2 t auto
        define old 4 t auto
        script callouts log 'echo "$4 $6 $8 ${10} ${12} $(cat)" >>log; [ "$4 ${10}" != "pre '"$three"'" ]'
        script notifiers log 'echo "notify $4 $6 $8 ${10}" >>log'
        run --separate-stderr -1 mdevctl apply --prune - \
                <<<'[{"mtty": ['"$(device 1 u auto), $(device 3 t auto), $(device 4 t auto)"'], "old": []}]'
        [[ $stderr == "Error: $three: "*log* ]]
        missing "$definitions/mtty/$three"
        # What the document has nowhere goes first, what moves goes last.
        equal "$(grep -v notify log | cut -d '{' -f 1)" "pre undefine none $two mtty 
post undefine success $two mtty 
pre modify none $one mtty 
post modify success $one mtty 
pre define none $three mtty 
pre define none $four mtty 
post define success $four mtty 
pre undefine none $four old 
post undefine success $four old "
        grep -q '^pre modify none .* {"mdev_type":"u","start":"auto","attrs":\[\]}$' log
        equal "$(grep -c "^notify .* success" log)" 4
}

@test "a notifier may change definitions, and apply respects that" {
        define mtty 2 t auto
        script notifiers edit '[ "$8" != success ] || ['" \"\${10}\" != $one ] || $build/mdevctl/mdevctl modify -u $two --addattr a --value 1"
        run --separate-stderr -1 timeout 10 "$build/mdevctl/mdevctl" apply - <<<'[{"mtty": ['"$(device 1 t auto), $(device 2 u auto)"']}]'
        equal "$stderr" "Error: the definition of $two under parent mtty has changed meanwhile; apply the document again"
        equal "$(defined "$two")" '{"mdev_type":"t","start":"auto","attrs":[{"a":"1"}]}'
}

@test "apply waits for the lock" {
        local lock=$root/run/mdev-generator/.definitions.lock
        mkdir -p "${lock%/*}"
        flock "$lock" sh -c 'sleep 1 && touch over' &
        eventually 10 sh -c "! flock -n '$lock' true"
        mdevctl apply - <<<'[{"mtty": ['"$(device 1 t auto)"']}]'
        exists over
        wait
}
