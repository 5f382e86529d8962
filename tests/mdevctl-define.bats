#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl define, undefine, modify: the written definitions

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

gpu=0000:00:02.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        umask 022
        parent mtty mtty-1 mtty-2
        echo '{"mdev_type": "mtty-2", "start": "auto", "attrs": [{"a": "1"}]}' >"$root/good.json"
}

# Fails, says why, and leaves /etc/mdevctl.d as it is: fails_unchanged TEXT ARGUMENT...
fails_unchanged() {
        local before text=$1
        shift
        before=$(snapshot)
        run --separate-stderr -1 mdevctl "$@"
        equal "$output" ""
        [[ $stderr == "Error: "*"$text"* ]] || {
                echo "stderr: $stderr"
                return 1
        }
        equal "$(snapshot)" "$before"
}

snapshot() {
        (cd "$root/etc" && find . -ls -type f -exec cat {} +)
}

@test "define writes a file with mode 0644 in a directory with mode 0755" {
        rmdir "$definitions"
        run --separate-stderr -0 mdevctl define -u "$one" -p mtty -t mtty-1
        equal "$output$stderr" ""
        equal "$(stat -c %a "$definitions" "$definitions/mtty" "$definitions/mtty/$one" | tr '\n' ' ')" "755 755 644 "
        printf '{\n  "mdev_type": "mtty-1",\n  "start": "manual",\n  "attrs": []\n}' | cmp - "$definitions/mtty/$one"
        equal "$(cd "$definitions" && find . | sort | tr '\n' ' ')" ". ./mtty ./mtty/$one "
}

@test "define respects the umask" {
        umask 077
        mdevctl define -u "$one" -p mtty -t mtty-1
        equal "$(stat -c %a "$definitions/mtty" "$definitions/mtty/$one" | tr '\n' ' ')" "700 600 "
}

@test "define prints a UUID if it had to make one up" {
        for what in "-t mtty-1" "--jsonfile $root/good.json"; do
                # shellcheck disable=SC2086
                run --separate-stderr -0 mdevctl define -p mtty $what
                [[ $output =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
                exists "$definitions/mtty/$output"
        done
        equal "$(find "$definitions/mtty" -type f | wc -l)" 2
}

@test "define for a parent and a type that do not exist" {
        mdevctl define -u "${one^^}" -p absent -t unknown --auto
        equal "$(defined "$one" absent)" '{"mdev_type":"unknown","start":"auto","attrs":[]}'
}

@test "define of a running device makes it persistent" {
        active mtty 1 mtty-2
        mdevctl define -u "$one" -a
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[]}'
        fails_unchanged "already defined" define -u "$one"
}

@test "define of a running device takes what else is given" {
        active mtty 1 mtty-2
        fails_unchanged "No parent specified" define -u "$one" -t mtty-1
        mdevctl define -u "$one" -p mtty -t mtty-1
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
        mdevctl define -u "$one" -p other
        equal "$(defined "$one" other)" '{"mdev_type":"mtty-2","start":"manual","attrs":[]}'
        active mtty 2 mtty-1
        rm "$root/sys/bus/mdev/devices/$two/mdev_type"
        fails_unchanged "No type specified" define -u "$two" -p mtty
}

@test "define of a device that cannot be looked up" {
        ln -s "$one" "$root/sys/bus/mdev/devices/$one"
        fails_unchanged "Failed to look up device $one: Too many levels" define -u "$one" -p mtty -t mtty-1
        run --separate-stderr -0 mdevctl define -u "$one" -p mtty -t mtty-1 --force
        [[ $stderr == "Warning: Failed to look up device $one: Too many levels"* ]]
        exists "$definitions/mtty/$one"
}

@test "define without what is needed" {
        fails_unchanged "No type specified" define -u "$one" -p mtty
        fails_unchanged "No type specified" define -p mtty
        fails_unchanged "No parent specified" define -u "$one" -t mtty-1
        fails_unchanged "No parent specified" define -u "$one"
        fails_unchanged "needs a parent" define -u "$one" --jsonfile "$root/good.json"
}

@test "define of what is defined" {
        define mtty 1 mtty-1 manual
        fails_unchanged "already defined under parent mtty" define -u "$one" -p mtty -t mtty-1
        fails_unchanged "already defined under parent mtty" define -u "$one" -p mtty --jsonfile "$root/good.json"
        echo broken >"$definitions/mtty/$one"
        fails_unchanged "already defined under parent mtty" define -u "$one" -p mtty -t mtty-1
        mdevctl define -u "$one" -p $gpu -t t2
        exists "$definitions/$gpu/$one"
        ln -s nowhere "$definitions/mtty/$two"
        fails_unchanged "already defined under parent mtty" define -u "$two" -p mtty -t mtty-1
}

@test "define from a file and from a pipe, as libvirt does" {
        mdevctl define --parent=mtty --jsonfile="$root/good.json" --uuid="$one"
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
        mdevctl define --parent=mtty --jsonfile=/dev/stdin --uuid="$two" <<<'{"mdev_type":"mtty-1","start":"manual"}'
        equal "$(defined "$two")" '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
        (sleep 0.2; cat "$root/good.json") | mdevctl define --parent=mtty --jsonfile=/dev/stdin --uuid="$three"
        exists "$definitions/mtty/$three"
}

@test "a file that is no definition" {
        while read -r text; do
                printf '%s' "$text" >"$root/bad.json"
                fails_unchanged "$root/bad.json: " define -p mtty -u "$one" --jsonfile "$root/bad.json"
                fails_unchanged "$root/bad.json: " modify -p mtty -u "$one" --jsonfile "$root/bad.json"
        done <<-'END'

		{
		{"start": "auto"}
		{"mdev_type": 7, "start": "auto"}
		{"mdev_type": "x/y", "start": "auto"}
		{"mdev_type": "x", "start": "auto", "attrs": [{"a": 1}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"/a": "1"}]}
		{"mdev_type": "x", "start": "auto", "attrs": [{"a\u0000": "1"}]}
	END
        printf '{"mdev_type": "x", "start": "auto"\0}' >"$root/bad.json"
        fails_unchanged "NUL" define -p mtty -u "$one" --jsonfile "$root/bad.json"
        fails_unchanged "Failed to open" define -p mtty -u "$one" --jsonfile "$root/missing.json"
        fails_unchanged "Failed to read $root: Is a directory" define -p mtty -u "$one" --jsonfile "$root"
        fails_unchanged "more than" define -p mtty -u "$one" --jsonfile /dev/zero
}

@test "hostile names" {
        define mtty 1 mtty-1 manual
        for name in "" . .. / a/b ../mtty $'a\nb' $'\xff' "$(printf 'x%.0s' {1..256})"; do
                fails_unchanged "the parent's name" define -u "$two" --parent="$name" -t mtty-1
                fails_unchanged "the parent's name" define -u "$two" --parent="$name" --jsonfile "$root/good.json"
                fails_unchanged "the parent's name" undefine -u "$one" --parent="$name"
                fails_unchanged "the parent's name" modify -u "$one" --parent="$name" -a
                fails_unchanged "the parent's name" modify -u "$two" --parent="$name" --jsonfile "$root/good.json"
                fails_unchanged "the parent's name" start -u "$one" --parent="$name"
                fails_unchanged "the type's name" define -u "$two" -p mtty --type="$name"
                fails_unchanged "the type's name" modify -u "$one" --type="$name"
                fails_unchanged "the type's name" start -u "$two" -p mtty --type="$name"
        done
        for name in "" / /etc/x .. ../x a/../b a//b a/ ./a remove uevent driver driver/unbind power power/control \
                $'a\nb' $'\xff'; do
                fails_unchanged "the attribute's name" modify -u "$one" --addattr="$name" --value 1
        done
        fails_unchanged "not valid UTF-8" modify -u "$one" --addattr=x --value=$'\xff'
}

@test "names of messages are one line" {
        run -1 mdevctl define -u "$two" -p $'a\nb\e[2J\x7f' -t x
        equal "${#lines[@]}" 1
        says 'a\x0ab\x1b[2J\x7f'
}

@test "a definition that is a link to nothing can be undefined" {
        mkdir -p "$definitions/mtty"
        ln -s nowhere "$definitions/mtty/$one"
        fails_unchanged "already defined" define -u "$one" -p mtty -t x
        mdevctl undefine -u "$one"
        missing "$definitions/mtty/$one"
}

@test "definitions are written and removed through a link in the place of a parent's directory" {
        mkdir "$root/elsewhere"
        ln -s ../../elsewhere "$definitions/link"
        mdevctl define -u "$one" -p link -t x
        mdevctl modify -u "$one" --auto
        equal "$(mdevctl list -d)" "$one link x auto"
        equal "$(ls -A "$root/elsewhere")" "$one"
        mdevctl undefine -u "$one"
        equal "$(ls -A "$root/elsewhere")" ""
        [ -L "$definitions/link" ]
        ln -s nowhere "$definitions/dangling"
        fails_unchanged "Failed to write /etc/mdevctl.d/dangling/$one: nowhere, reached by a symbolic link: No such file" \
                define -u "$one" -p dangling -t x
}

@test "a definition that is a link is written where it leads, and undefined without that" {
        define mtty 1 mtty-1 manual
        mkdir "$root/elsewhere"
        mv "$definitions/mtty/$one" "$root/elsewhere/file"
        ln -s file "$root/elsewhere/link"
        ln -s ../../../elsewhere/link "$definitions/mtty/$one"
        chmod 640 "$root/elsewhere/file"
        mdevctl modify -u "$one" --auto
        [ -L "$definitions/mtty/$one" ]
        [ -L "$root/elsewhere/link" ]
        equal "$(stat -c %F:%a "$root/elsewhere/file")" "regular file:640"
        equal "$(ls -A "$root/elsewhere")" $'file\nlink'
        equal "$(mdevctl list -d)" "$one mtty mtty-1 auto"
        mdevctl undefine -u "$one"
        missing "$definitions/mtty/$one"
        exists "$root/elsewhere/file"
}

@test "a link that leads out of the root is not written through" {
        define mtty 1 mtty-1 manual
        mkdir "$root/elsewhere"
        mv "$definitions/mtty/$one" "$root/elsewhere/"
        ln -s "$root/elsewhere/$one" "$definitions/mtty/$one"
        fails_unchanged "the symbolic link to $root/elsewhere/$one leads out of" modify -u "$one" --auto
        rm "$definitions/mtty/$one"
        ln -s "$root/elsewhere" "$definitions/link"
        fails_unchanged "the symbolic link to $root/elsewhere leads out of" define -u "$two" -p link -t x
        fails_unchanged "the symbolic link to $root/elsewhere leads out of" undefine -u "$one"
}

# As /dev/null is, of which a link to it is no definition.
@test "a link to something other than a file is not written through" {
        mkdir "$definitions/mtty" "$root/elsewhere"
        mkfifo "$root/elsewhere/$one"
        ln -s "../../../elsewhere/$one" "$definitions/mtty/$one"
        fails_unchanged "reached by a symbolic link: Invalid argument" modify -u "$one" -p mtty --jsonfile "$root/good.json"
        [ -p "$root/elsewhere/$one" ]
}

@test "links that go round in circles end" {
        mkdir "$definitions/mtty"
        ln -s loop "$definitions/mtty/loop"
        ln -s loop "$definitions/loop"
        fails_unchanged "Too many levels of symbolic links" define -u "$one" -p loop -t x
}

@test "a directory in which nobody looks for definitions is no parent" {
        fails_unchanged "the parent's name \"..x\" begins with \"..\", and no program reads definitions there" \
                define -u "$one" -p ..x -t x
        fails_unchanged "the parent's name \"scripts.d\" is that of the directory of the callout scripts" \
                define -u "$one" -p scripts.d -t x
}

@test "define names the nearest parent, also in the spelling of another tool" {
        local given registered warning
        parent 0000:3b:00.0 t
        parent 0.0.0313 t
        parent matrix t
        while read -r given registered; do
                run --separate-stderr -0 mdevctl define -u "$one" -p "$given" -t t
                equal "$output" ""
                warning="Warning: $definitions/$given/$one: warning: parent '$given' is not registered; "
                case $registered in
                same) warning= ;;
                '') warning+="load its driver [parent-absent]" ;;
                *) warning+="did you mean '$registered'? [parent-absent]" ;;
                esac
                equal "$stderr" "$warning"
                mdevctl undefine -u "$one"
        done <<-END
		00000000:3B:00.0 0000:3b:00.0
		0000:3B:00.0 0000:3b:00.0
		pci_0000_3b_00_0 0000:3b:00.0
		3b:00.0 0000:3b:00.0
		css_0_0_0313 0.0.0313
		0.0.313 0.0.0313
		ap_matrix matrix
		MATRIX matrix
		0000:3b:00.1 0000:3b:00.0
		0001:3b:00.0 0000:3b:00.0
		matrx matrix
		0000:3b:00.0 same
		3b:00
		other
		pci_
		-
	END
}

@test "undefine" {
        define mtty 1 mtty-1 manual
        run --separate-stderr -0 mdevctl undefine -u "$one"
        equal "$output$stderr" ""
        missing "$definitions/mtty/$one"
        exists "$definitions/mtty"
        fails_unchanged "Mediated device $one is not defined" undefine -u "$one"
        fails_unchanged "Mediated device mtty/$one is not defined" undefine -u "$one" -p mtty
}

@test "undefine under all parents and under one" {
        define mtty 1 mtty-1 manual
        define $gpu 1 t2 manual
        define mtty 2 mtty-1 manual
        define $gpu 2 t2 manual
        mdevctl undefine -u "$one"
        missing "$definitions/mtty/$one"
        missing "$definitions/$gpu/$one"
        mdevctl undefine -u "$two" -p $gpu
        exists "$definitions/mtty/$two"
        missing "$definitions/$gpu/$two"
}

@test "undefine of a broken definition" {
        define mtty 1 mtty-1 manual
        echo '{"mdev_type": 7' >"$definitions/mtty/$one"
        run -0 mdevctl undefine -u "$one"
        says "Warning: " "$one"
        missing "$definitions/mtty/$one"
}

@test "undefine does not create anything" {
        rmdir "$definitions"
        fails_unchanged "is not defined" undefine -u "$one"
        fails_unchanged "is not defined" modify -u "$one" -a
        missing "$definitions"
}

@test "undefine and modify --manual take back what systemctl enable has done" {
        define mtty 1 mtty-1 manual
        define mtty 2 mtty-1 manual
        enable mtty 1
        enable mtty 2
        mdevctl undefine -u "$one"
        equal "$(ls "$root"/etc/systemd/system/*.wants)" "mdev@$two.service"
        mdevctl modify -u "$two" --addattr a --value 1
        equal "$(mdevctl list -d)" "$two mtty mtty-1 auto"
        mdevctl modify -u "$two" --manual
        equal "$(mdevctl list -d)" "$two mtty mtty-1 manual"
        enable mtty 2
        mdevctl modify -u "$two" -p mtty --jsonfile "$root/good.json"
        equal "$(ls "$root"/etc/systemd/system/*.wants)" "mdev@$two.service"
        echo '{"mdev_type": "mtty-1", "start": "manual"}' >"$root/good.json"
        mdevctl modify -u "$two" -p mtty --jsonfile "$root/good.json"
        equal "$(mdevctl list -d)" "$two mtty mtty-1 manual"
        equal "$(ls "$root/etc/systemd/system")" ""
}

# Enables a unit in another way than under a parent: link DIRECTORY NUMBER [TARGET]
enable_in() {
        mkdir -p "$root/$1"
        ln -s "${3:-../mdev@.service}" "$root/$1/mdev@$(uuid "$2").service"
}

enable_links() {
        (cd "$root" && find etc/systemd run/systemd -mindepth 2 ! -type d | LC_ALL=C sort)
}

@test "links under whatever parents are looked up and taken back" {
        local parent=sys-class-mdev_bus-mtty.device
        define 0000:41:00.0 1 nvidia-63 manual
        enable 0000:3b:00.0 1
        enable_in run/systemd/system/sys-class-mdev_bus-my\\x2dparent.device.requires 1
        enable_in etc/systemd/system/multi-user.target.wants 1
        enable_in etc/systemd/system/multi-user.target.wants 2
        enable_in "etc/systemd/system/$parent.wants" 1 /dev/null
        equal "$(mdevctl list -d)" "$one 0000:41:00.0 nvidia-63 auto"
        mdevctl modify -u "$one" --manual
        equal "$(mdevctl list -d)" "$one 0000:41:00.0 nvidia-63 manual"
        equal "$(enable_links)" "etc/systemd/system/multi-user.target.wants/mdev@$two.service
etc/systemd/system/$parent.wants/mdev@$one.service"
}

@test "a link counts under the parent that defines the UUID, where there is another one" {
        define a 1 t manual
        define b 1 t manual
        enable a 1
        equal "$(mdevctl list -d)" "$one a t auto"$'\n'"$one b t manual"
        enable_in etc/systemd/system/multi-user.target.wants 1
        mdevctl modify -u "$one" -p b --manual
        equal "$(mdevctl list -d)" "$one a t auto"$'\n'"$one b t manual"
        equal "$(enable_links | wc -l)" 2
        mdevctl modify -u "$one" -p a --manual
        equal "$(mdevctl list -d)" "$one a t manual"$'\n'"$one b t manual"
        enable c 1
        equal "$(mdevctl list -d)" "$one a t auto"$'\n'"$one b t auto"
}

@test "a mask in the place of a link enables nothing" {
        define mtty 1 t manual
        enable_in etc/systemd/system/sys-class-mdev_bus-mtty.device.wants 1 /dev/null
        enable_in run/systemd/system/sys-class-mdev_bus-mtty.device.wants 1
        equal "$(mdevctl list -d)" "$one mtty t manual"
}

@test "undefine under the old parent takes the link along to the new one" {
        define a 1 t manual
        enable a 1
        enable_in run/systemd/system/sys-class-mdev_bus-gone.device.wants 1
        mdevctl define -u "$one" -p b -t t
        mdevctl undefine -u "$one" -p a
        equal "$(mdevctl list -d)" "$one b t auto"
        equal "$(enable_links)" "etc/systemd/system/sys-class-mdev_bus-b.device.wants/mdev@$one.service
run/systemd/system/sys-class-mdev_bus-b.device.wants/mdev@$one.service"
        [[ $(readlink "$root/etc/systemd/system/sys-class-mdev_bus-b.device.wants/mdev@$one.service") == /*/mdev@.service ]]
        mdevctl undefine -u "$one"
        equal "$(enable_links)" ""
}

@test "a link that cannot be taken away is named" {
        [ "$(id -u)" = 0 ] || skip "needs root to make a file immutable"
        define mtty 1 t manual
        enable mtty 1
        chattr +i "$root/etc/systemd/system/sys-class-mdev_bus-mtty.device.wants" || skip "no file is immutable here"
        run mdevctl modify -u "$one" --manual
        chattr -i "$root/etc/systemd/system/sys-class-mdev_bus-mtty.device.wants"
        says "$root/etc/systemd/system/sys-class-mdev_bus-mtty.device.wants/mdev@$one.service: Operation not permitted"
        equal "$status" 1
}

@test "modify: type, auto, manual" {
        define mtty 1 mtty-1 manual '{"a": "1"}'
        mdevctl modify -u "$one" --auto
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}]}'
        mdevctl modify -u "$one" -t mtty-2
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
        mdevctl modify -u "$one" --addattr b --value 2
        mdevctl modify -u "$one" --delattr
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
        mdevctl modify -u "$one" -m -t mtty-2
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"manual","attrs":[{"a":"1"}]}'
        mdevctl modify -u "$one" --defined -t mtty-1
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"1"}]}'
}

@test "modify: attributes" {
        define mtty 1 mtty-1 manual
        attrs() { defined "$one" | sed 's/.*"attrs"://; s/}$//'; }
        mdevctl modify -u "$one" --addattr b --value 2
        mdevctl modify -u "$one" --addattr b --value 2
        mdevctl modify -u "$one" --addattr mdev/aggregation --value 3 --index 2
        mdevctl modify -u "$one" --addattr a --value 1 -i 0
        mdevctl modify -u "$one" --addattr m --value 0 -i 1
        equal "$(attrs)" '[{"a":"1"},{"m":"0"},{"b":"2"},{"b":"2"},{"mdev/aggregation":"3"}]'
        fails_unchanged "no attribute 6, the definition has these: 0: a=1, 1: m=0" \
                modify -u "$one" --addattr x --value 1 -i 6
        fails_unchanged "no attribute 5" modify -u "$one" --delattr -i 5
        mdevctl modify -u "$one" --delattr -i 1
        mdevctl modify -u "$one" --delattr
        mdevctl modify -u "$one" --delattr -i 0
        equal "$(attrs)" '[{"b":"2"},{"b":"2"}]'
        mdevctl modify -u "$one" --delattr
        mdevctl modify -u "$one" --delattr
        equal "$(attrs)" '[]'
        mdevctl modify -u "$one" --delattr
        fails_unchanged "no attribute 0, the definition has none" modify -u "$one" --delattr -i 0
}

@test "modify: which definition" {
        define mtty 1 mtty-1 manual
        define $gpu 1 t2 manual
        fails_unchanged "several parents, $gpu and mtty" modify -u "$one" -a
        fails_unchanged "Mediated device none/$one is not defined" modify -u "$one" -p none -a
        fails_unchanged "Mediated device $two is not defined" modify -u "$two" -a
        mdevctl modify -u "$one" -p $gpu -a
        equal "$(defined "$one" $gpu)" '{"mdev_type":"t2","start":"auto","attrs":[]}'
}

@test "modify: of a broken definition" {
        mkdir "$definitions/mtty"
        echo '{"mdev_type": 7, "start": "auto"}' >"$definitions/mtty/$one"
        fails_unchanged "/mtty/$one: \"mdev_type\" is not a string" modify -u "$one" -a
        mdevctl modify -u "$one" -p mtty --jsonfile "$root/good.json"
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
}

@test "modify: a file replaces everything, even nothing" {
        define mtty 1 mtty-1 manual '{"b": "2"}'
        fails_unchanged "needs a parent" modify -u "$one" --jsonfile "$root/good.json"
        mdevctl modify --parent=mtty --jsonfile=/dev/stdin --uuid="$one" <"$root/good.json"
        mdevctl modify --parent=mtty --jsonfile=/dev/stdin --uuid="$two" --defined <"$root/good.json"
        equal "$(defined "$one")" '{"mdev_type":"mtty-2","start":"auto","attrs":[{"a":"1"}]}'
        equal "$(defined "$two")" "$(defined "$one")"
}

@test "modify: what an administrator has set for the file stays" {
        define mtty 1 mtty-1 manual
        chmod 600 "$definitions/mtty/$one"
        mdevctl modify -u "$one" -a
        equal "$(stat -c %a "$definitions/mtty/$one")" 600
}

@test "modify: a definition nobody could read any more is not written" {
        define mtty 1 mtty-1 manual
        head -c 100000 /dev/zero | tr '\0' x >"$root/value"
        for _ in 1 2; do
                mdevctl modify -u "$one" --addattr x --value "$(cat "$root/value")"
        done
        fails_unchanged "more than" modify -u "$one" --addattr x --value "$(cat "$root/value")"
        equal "$(ls -A "$definitions/mtty")" "$one"
}

@test "modify --live: what must be there" {
        active mtty 1 mtty-1
        fails_unchanged "'live' option must be used with 'jsonfile' option" modify -u "$one" --live --delattr
        fails_unchanged "'live' option must be used with 'jsonfile' option" modify -u "$one" --live -a
        fails_unchanged "Mediated device $two is not active" modify -u "$two" --live --jsonfile "$root/good.json"
        fails_unchanged "Mediated device mtty/$two is not active" \
                modify -u "$two" -p mtty --live --jsonfile "$root/good.json"
        fails_unchanged "Mediated device $gpu/$one is not active" \
                modify -u "$one" -p $gpu --live --jsonfile "$root/good.json"
        fails_unchanged "cannot be changed from mtty-1 to mtty-2" modify -u "$one" --live --jsonfile "$root/good.json"
        echo '{"mdev_type": "mtty-1", "start": "auto"}' >"$root/good.json"
        fails_unchanged "$one" modify -u "$one" --live --jsonfile "$root/good.json"
        fails_unchanged "Mediated device mtty/$one is not defined" \
                modify -u "$one" --live --defined --jsonfile "$root/good.json"
        define mtty 1 mtty-2 manual
        fails_unchanged "defined with type mtty-2" modify -u "$one" --live --defined --jsonfile "$root/good.json"
        rm "$root/sys/bus/mdev/devices/$one/mdev_type"
        fails_unchanged "Mediated device $one is not active" modify -u "$one" --live --jsonfile "$root/good.json"
}

@test "modify --live: by a script, and then the definition" {
        active mtty 1 mtty-1
        define mtty 1 mtty-1 manual
        script callouts live 'echo "$4/$6/$8" >>log
if [ "$4/$6" = get/capabilities ]; then
        echo "{\"supports\":{\"version\":2,\"actions\":[\"modify\",\"attributes\"],\"events\":[\"pre\",\"post\",\"live\",\"get\"]}}"
elif [ "$4" = live ]; then
        cat >>log
        exit "${LIVE_STATUS:-0}"
fi'
        echo '{"mdev_type": "mtty-1", "start": "auto", "attrs": [{"a": "1"}]}' >"$root/good.json"
        mdevctl modify -u "$one" --live --jsonfile "$root/good.json"
        grep -q 'live/modify/none' log
        grep -qF '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}]}' log
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
        LIVE_STATUS=1 fails_unchanged "$one" modify -u "$one" --live --defined --jsonfile "$root/good.json"
        LIVE_STATUS=1 fails_unchanged "$one" modify -u "$one" --live --force --jsonfile "$root/good.json"
        rm log
        mdevctl modify -u "$one" --live --defined --jsonfile "$root/good.json"
        equal "$(grep -o '[a-z]*/modify/[a-z]*' log | tr '\n' ' ')" "live/modify/none pre/modify/none post/modify/success "
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}]}'
}

@test "scripts: told before and after, and may refuse" {
        script callouts check 'printf "%s %s %s: " "$4" "$6" "$8" >>log; cat >>log; echo >>log
[ "$6" != capabilities ] || exit 2
[ "$4" != pre ] || exit "${CHECK_STATUS:-0}"'
        script notifiers note 'echo "$4 $6 $8" >>log'
        run --separate-stderr -0 mdevctl define -u "$one" -p mtty -t mtty-1
        equal "$output" ""
        equal "$(grep -v capabilities log)" "pre define none: {\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[]}
post define success: {\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[]}
notify define success"
        rm log
        fails_unchanged "already defined" define -u "$one" -p mtty -t mtty-1
        missing log
        CHECK_STATUS=1 fails_unchanged "$one" undefine -u "$one"
        CHECK_STATUS=1 fails_unchanged "$one" modify -u "$one" -a
        CHECK_STATUS=1 fails_unchanged "$two" define -u "$two" -p mtty -t mtty-1
        rm log
        mdevctl modify -u "$one" -m
        CHECK_STATUS=1 run --separate-stderr -0 mdevctl modify -u "$one" -a --force
        mdevctl undefine -u "$one"
        equal "$(grep -o '^[a-z]* [a-z]* [a-z]*' log | grep -v capabilities)" "pre modify none
post modify success
notify modify success
pre modify none
post modify success
notify modify success
pre undefine none
post undefine success
notify undefine success"
        define mtty 1 mtty-1 manual
        CHECK_STATUS=1 run --separate-stderr -0 mdevctl undefine -u "$one" -f
        missing "$definitions/mtty/$one"
}

@test "scripts: what one refuses is an error, even if the rest goes well" {
        script callouts check '[ "$4" != pre ] || [ "${12}" != '$gpu' ] || exit 1
[ "$6" != capabilities ] || exit 2'
        define mtty 1 mtty-1 manual
        define $gpu 1 t2 manual
        run --separate-stderr -1 mdevctl undefine -u "$one"
        exists "$definitions/$gpu/$one"
        missing "$definitions/mtty/$one"
}

@test "scripts: attributes of a running device are defined with it" {
        active mtty 1 mtty-1
        script callouts attributes '[ "$6" = attributes ] || exit 2
echo "$ATTRIBUTES"'
        ATTRIBUTES=nonsense run -1 mdevctl define -u "$one"
        missing "$definitions/mtty/$one"
        ATTRIBUTES='[{"x":"1"},{"remove":"1"}]' fails_unchanged 'the name "remove"' define -u "$one"
        ATTRIBUTES='[{"x":"1"},{"x":"2"}]' mdevctl define -u "$one"
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[{"x":"1"},{"x":"2"}]}'
        mdevctl undefine -u "$one"
        ATTRIBUTES='[{}]' mdevctl define -u "$one"
        equal "$(defined "$one")" '{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
}

@test "scripts: one that is told of the end of a definition may define another" {
        define mtty 1 mtty-1 manual
        script notifiers define "[ \"\$6\" != undefine ] || exec timeout 20 '$build/mdevctl/mdevctl' define -u $two -p mtty -t mtty-1"
        mdevctl undefine -u "$one"
        missing "$definitions/mtty/$one"
        exists "$definitions/mtty/$two"
}

@test "scripts: what they write to stderr is shown, stdout is not" {
        script callouts talk '[ "$6" != capabilities ] || exit 2
echo out; echo err >&2'
        run --separate-stderr -0 mdevctl define -u "$one" -p mtty -t mtty-1
        equal "$output" ""
        [[ $stderr == *"talk: err"* ]]
}
