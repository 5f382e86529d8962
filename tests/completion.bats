#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion: what "mdevctl complete" offers, and what the shells make of it

# Variables of bats.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        completions=$(realpath "$BATS_TEST_DIRNAME/../completions")
        parent 0000:01:00.0 t1 t2
        parent mtty t3
}

# The candidates for the last word, without their descriptions: completed WORD...
completed() {
        mdevctl complete mdevctl "$@" | cut -f 1
}

# The same with descriptions.
described() {
        mdevctl complete mdevctl "$@" | tr '\t' '|'
}

# The commands of the help.
commands() {
        mdevctl help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | sort
}

# A file of the tree: file PATH TEXT
file() {
        mkdir -p "$(dirname "$root/$1")"
        echo "$2" >"$root/$1"
}

@test "all commands, with the help's descriptions" {
        [ "$(commands | wc -l)" -gt 10 ]
        equal "$(completed '' | sort)" "$(commands)"
        equal "$(completed help '' | sort)" "$(commands | grep -vx help)"
        equal "$(described und)" "undefine|$(mdevctl help | sed -n 's/^  undefine *//p')"
        equal "$(completed --)" $'--help\n--version'
        equal "$(completed nothing '')" ''
        equal "$(completed help define '')" ''
}

@test "all options of each command, with the help's descriptions" {
        local command n=0
        for command in $(commands | grep -vx help); do
                echo "$command"
                # The description of an option may name another one.
                equal "$(described "$command" - | sort)" \
                        "$(mdevctl "$command" -h | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z-]+)( <[A-Z]+>)? +(.*)$/\2|\4/p' | sort -u)"
                n=$((n + 1))
        done
        [ $n -gt 10 ]
        equal "$(mdevctl complete /usr/sbin/lsmdev --def | cut -f 1)" --defined
}

@test "only options that can still be given" {
        equal "$(completed stop -f --uuid "$one" -)" --help
        equal "$(completed define --jsonfile x --t)" ''
        equal "$(completed define --t)" --type
        equal "$(completed stop -- -)" ''
        equal "$(completed stop '')" "$(completed stop -)"
}

@test "UUIDs that the command can do something about, with parent and type" {
        define absent 1 t1 manual
        define mtty 3 t3 auto
        active mtty 2 t3
        active mtty 3 t3
        define other 3 t9 manual
        equal "$(described hostdev --uuid '')" "$one|absent t1
$two|mtty t3
$three|mtty t3, other t9"
        equal "$(completed stop -u '')" "$two"$'\n'"$three"
        equal "$(completed undefine -u '')" "$one"$'\n'"$three"
        equal "$(described undefine -p mtty -u '')" "$three|mtty t3"
        equal "$(completed define -u '')" "$two"
        equal "$(completed start -u '')" "$one"$'\n'"$three"
        equal "$(completed modify -u '')" "$(completed undefine -u '')"
        equal "$(completed modify --live --uuid '')" "$(completed stop -u '')"
        equal "$(completed list -u '')" "$(completed stop -u '')"
        equal "$(completed list -du '')" "$(completed undefine -u '')"
        equal "$(completed status -u 9)" ''
}

@test "parents, and the types of the parent" {
        mkdir -p "$root/sys/bus/pci/drivers/gpu"
        ln -s "$root/sys/bus/pci/drivers/gpu" "$root/sys/devices/virtual/0000:01:00.0/driver"
        define absent 1 t1 manual
        equal "$(described status -p '')" $'0000:01:00.0|driver gpu\nabsent|not registered\nmtty'
        equal "$(completed check --parent 0000)" 0000:01:00.0
        equal "$(completed check --parent=0000)" --parent=0000:01:00.0
        equal "$(completed undefine --parent '')" absent
        equal "$(completed undefine -u "$two" --parent '')" ''
        equal "$(completed start-parent-mdevs m)" mtty
        file sys/devices/virtual/mtty/mdev_supported_types/t3/name 'Three of them'
        equal "$(described define --parent mtty --type '')" 't3|2 free, Three of them'
        equal "$(described define --parent=mtty --type='')" '--type=t3|2 free, Three of them'
        equal "$(completed define -pmtty -t '')" t3
        equal "$(completed define -t '')" $'t1\nt2\nt3'
        define mtty 2 t3 manual
        equal "$(completed modify -u "$two" -t '')" t3
}

@test "attributes of the device and of its like, and their numbers" {
        define mtty 1 t3 manual '{"vendor/b": "1"}, {"vendor/b": "x=y"}'
        active mtty 2 t3
        file "sys/devices/virtual/mtty/$two/vendor/a" 1
        file "sys/devices/virtual/mtty/$two/power/control" auto
        file "sys/devices/virtual/mtty/$two/state" 1
        file "sys/devices/virtual/mtty/$two/value" 1
        chmod a-w "$root/sys/devices/virtual/mtty/$two/state"
        active 0000:01:00.0 3 t1
        file "sys/devices/virtual/0000:01:00.0/$three/other" 1
        equal "$(completed modify -u "$one" --addattr '' | sort)" $'value\nvendor/a\nvendor/b'
        equal "$(completed modify -u "$three" --addattr '')" other
        equal "$(completed modify --addattr '')" ''
        equal "$(described modify -u "$one" --delattr --index '')" $'0|vendor/b=1\n1|vendor/b=x=y'
        equal "$(completed modify -u "$two" --index '')" ''
}

@test "devices and drivers" {
        setup_bus
        equal "$(completed driver '')" $'set\nunset\nlist'
        equal "$(described driver set '')" '0000:3b:00.0|nic'
        equal "$(completed driver -b pci set 0000:3b:00.0 '')" $'nic\nvfio-pci\nnone'
        equal "$(completed driver set --now 0000:3b:00.0 nic -)" "$(completed driver - | grep -vx -e --now -e --all)"
        equal "$(completed driver list -)" $'--bus\n--all\n--help'
        equal "$(completed driver -b css set '' | grep -v ^-)" ''
        equal "$(completed driver unset '' | grep -v ^-)" ''
        override pci-0000:3b:00.0 vfio-pci
        override css-0.0.0313 vfio_ccw
        equal "$(described driver unset '')" '0000:3b:00.0|vfio-pci'
        equal "$(described driver --bus=css unset '')" '0.0.0313|vfio_ccw'
        equal "$(completed driver -b '')" $'pci\ncss\nplatform\namba\nfsl-mc\nvmbus'
}

@test "functions of vGPUs, their types and attributes" {
        load vgpu-lib
        setup_vgpu
        virtual_function 0000:41:00.5
        vgpu 0000:41:00.5 '"NVIDIA L40S-48Q"'
        equal "$(completed vgpu '')" $'define\nundefine\nlist\ntypes'
        equal "$(completed vgpu list -)" $'--json\n--help'
        equal "$(completed vgpu undefine 0000:41:00.5 -)" --help
        equal "$(described vgpu define '')" "$name|nvidia"
        equal "$(described vgpu undefine 0)" '0000:41:00.5|NVIDIA L40S-48Q'
        equal "$(described vgpu types '')" "0000:41:00.0|card
$name|nvidia
0000:41:00.5|NVIDIA L40S-48Q"
        equal "$(completed vgpu list '' | grep -v ^-)" ''
        equal "$(completed vgpu define "$name" -)" "$(completed vgpu - | grep -vx -e --json)"
        equal "$(described vgpu define "$name" -t '')" $'NVIDIA L40S-24Q|number 1155\nNVIDIA L40S-48Q|number 1156'
        equal "$(completed vgpu define --type='NVIDIA L40S-4')" '--type=NVIDIA L40S-48Q'
        equal "$(completed vgpu define 0000:41:00.5 -t '')" ''
        chmod a-w "$directory/creatable_vgpu_types"
        equal "$(completed vgpu define "$name" --addattr '')" vgpu_params
        present 1155
        equal "$(described status -p 0000:41:00.4)" '0000:41:00.4|NVIDIA L40S-24Q'
        equal "$(described status -p 0000:41:00)" "$(described vgpu types '')"
        equal "$(completed check -p 0000:41)" "$name"$'\n0000:41:00.5'
        equal "$(completed list -p 0000:41)" ''
        run -3 mdevctl complete mdevctl vgpu define "$name" --jsonfile ''
}

@test "a file name is the shell's affair" {
        run -3 mdevctl complete mdevctl define --jsonfile ''
        run -3 mdevctl complete mdevctl apply --prune ''
        equal "$output" ''
        equal "$(completed apply --pr)" --prune
}

@test "any words, and a candidate that would be two lines" {
        local words=(complete mdevctl define -u "$one" -p mtty --type=t3 -x --=y --value -- -p '' '=') n
        for ((n = 1; n <= ${#words[@]}; n++)); do
                run -0 mdevctl "${words[@]:0:n}"
        done
        parent $'a\tb\nc' t1
        equal "$(completed status -p a)" ''
}

# What the shells make of it. A program named mdevctl shows how it would be called.

# The shell's terminal: a program that writes its words to a file, and completes as ours does.
setup_shell() {
        command -v "$1" >/dev/null || skip "no $1"
        bin=$BATS_TEST_TMPDIR/bin
        mkdir -p "$bin"
        printf '%s\n' '#!/bin/sh' "[ \"\$1\" != complete ] || exec $build/mdevctl/mdevctl \"\$@\"" \
                "printf '%s\\n' \"\$@\" >$BATS_TEST_TMPDIR/called.new" "mv $BATS_TEST_TMPDIR/called.new $BATS_TEST_TMPDIR/called" >"$bin/mdevctl"
        chmod +x "$bin/mdevctl"
        ln -s mdevctl "$bin/lsmdev"
        export PATH=$bin:$PATH
        echo '{}' >"$root/my=file"
}

# called_by KEYS WORD...: typed to bash, these keys call mdevctl with these words.
called_by() {
        rm -f "$BATS_TEST_TMPDIR/called"
        eventually 20 test -e "$BATS_TEST_TMPDIR/prompt"
        rm "$BATS_TEST_TMPDIR/prompt"
        printf '%b\r' "$1" >&5
        eventually 20 test -e "$BATS_TEST_TMPDIR/called"
        equal "$(cat "$BATS_TEST_TMPDIR/called")" "$(printf '%s\n' "${@:2}")"
}

@test "bash" {
        setup_shell bash
        define 0000:01:00.0 1 t1 auto
        active mtty 2 t3
        printf '%s\n' ". $completions/bash/mdevctl" 'bind "set bell-style none"' \
                "PROMPT_COMMAND='touch $BATS_TEST_TMPDIR/prompt'" >rc
        mkfifo keys
        exec 5<>keys
        TERM=dumb command script -qec 'bash --noprofile --rcfile rc -i' /dev/null <keys >"$BATS_TEST_TMPDIR/screen" 2>&1 3>&- 5>&- &
        called_by 'mdevctl und\t' undefine
        called_by 'mdevctl define --par\t0000\t--ty\t t2' define --parent 0000:01:00.0 --type t2
        called_by 'mdevctl define --parent=0000:\t--type=t1' define --parent=0000:01:00.0 --type=t1
        called_by 'mdevctl stop -u \t' stop -u "$two"
        called_by 'mdevctl start -fu\t 83\t' start -fu "$one"
        called_by 'mdevctl define --jsonfile my\t' define --jsonfile 'my=file'
        called_by 'mdevctl apply my\t' apply 'my=file'
        load vgpu-lib
        setup_vgpu
        called_by 'mdevctl vgpu define \t-t \t48\t' vgpu define "$name" -t 'NVIDIA L40S-48Q'
        called_by 'mdevctl vgpu define --type=NVIDIA\\ L40S-2\t' vgpu define '--type=NVIDIA L40S-24Q'
        called_by 'mdevctl vgpu define -t "NVIDIA L40S-2\t' vgpu define -t 'NVIDIA L40S-24Q'
        called_by "mdevctl vgpu define --type='NV\t2\t" vgpu define '--type=NVIDIA L40S-24Q'
        printf 'exit\r' >&5
        wait
}

@test "zsh" {
        setup_shell zsh
        load vgpu-lib
        setup_vgpu
        define 0000:01:00.0 1 t1 auto
        active mtty 2 t3
        cat >complete.zsh <<'END'
zmodload zsh/zpty
place=$2
zpty shell zsh -f -i
# Waits for a file that the shell makes.
await() {
        for ((i = 0; i < 2000; i++)); do
                [[ ! -e $place/$1 ]] || break
                zpty -r -t shell discarded || :
                sleep 0.01
        done
}
# The shell reads keys only from then on; before, the terminal takes Ctrl-D for the end.
typed() {
        await prompt
        rm $place/prompt
        zpty -n -w shell "$1"
}
zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $place/dump; LISTMAX=1000; setopt no_beep
zle-line-init() { : >$place/prompt }; zle -N zle-line-init"
# Types lines of keys, and shows what mdevctl is called with.
while read -r keys; do
        rm -f $place/called
        typed "${(g::)keys}"$'\n'
        await called
        print -r -- "${(f)$(<$place/called)}"
done
# The list of candidates shows their descriptions.
typed $'mdevctl start --uuid \C-d'
zpty -r -m shell answer "*$3*" && print described
END
        equal "$(timeout 60 zsh -f complete.zsh "$completions/zsh" "$BATS_TEST_TMPDIR" '0000:01:00.0 t1' <<'END'
mdevctl und\t
mdevctl define --par\t0000\t--ty\t t2
mdevctl define --parent=0000\t--type t2
mdevctl stop -u \t
mdevctl define --jsonfile my\t
mdevctl driver un\t
mdevctl vgpu define 00\t-t NV\t2\t
END
)" "undefine
define --parent 0000:01:00.0 --type t2
define --parent=0000:01:00.0 --type t2
stop -u $two
define --jsonfile my=file
driver unset
vgpu define $name -t NVIDIA L40S-24Q
described"
}

@test "fish" {
        setup_shell fish
        define 0000:01:00.0 1 t1 auto
        active mtty 2 t3
        # The shell's answer to the keys: asked KEYS
        asked() {
                HOME=$BATS_TEST_TMPDIR XDG_DATA_DIRS='' fish --no-config -c '
                        set fish_complete_path $argv[1]
                        complete -C $argv[2]' "$completions/fish" "$1" | tr '\t' '|'
        }
        equal "$(asked 'mdevctl undef')" "undefine|$(mdevctl help | sed -n 's/^  undefine *//p')"
        equal "$(asked 'mdevctl start --uuid ')" "$one|0000:01:00.0 t1"
        equal "$(asked 'mdevctl define -p 0000')" '0000:01:00.0'
        equal "$(asked 'mdevctl define --parent=0000')" '--parent=0000:01:00.0'
        equal "$(asked 'mdevctl stop -u ')" "$two|mtty t3"
        equal "$(asked 'mdevctl apply my' | cut -d '|' -f 1)" 'my=file'
        equal "$(asked 'mdevctl define --jsonfile my' | cut -d '|' -f 1)" 'my=file'
        load vgpu-lib
        setup_vgpu
        equal "$(asked 'mdevctl vgpu define -t NVIDIA\ L40S-2')" 'NVIDIA L40S-24Q|number 1155'
        equal "$(asked 'mdevctl vgpu define --type="NVIDIA L40S-2')" '--type=NVIDIA L40S-24Q|number 1155'
        equal "$(asked 'lsmdev --def' | cut -d '|' -f 1)" --defined
}
