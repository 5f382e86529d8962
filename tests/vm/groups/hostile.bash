# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Invalid and hostile definitions, all present at boot beside good ones
#
# cmdline: mdev_sim.prefix=si%m-
# suites: bookworm

before_boot() {
        local d=$definitions
        define mtty 1 mtty-2 auto
        define 'si%m-0' 2 mdev_sim-small auto '{"sim/a": "1"}'
        mkdir -p "$d/mtty" "$d/a b" "$d/it's \"x\"" "$d"/$'new\nline' "$d/-dash" "$d/.dot" "$d/other"
        echo '{' >"$d/mtty/$(uuid 20)"
        echo '{"start": "auto"}' >"$d/mtty/$(uuid 21)"
        echo '{"mdev_type": 7, "start": "auto"}' >"$d/mtty/$(uuid 22)"
        echo '{"mdev_type": "mtty-2", "start": "auto", "attrs": {}}' >"$d/mtty/$(uuid 23)"
        echo '{"mdev_type": "mtty-2", "start": "auto", "attrs": [{"a": "1", "b": "2"}]}' >"$d/mtty/$(uuid 24)"
        echo '{"mdev_type": "mtty-2", "start": "auto", "attrs": [{"../x": "1"}]}' >"$d/mtty/$(uuid 25)"
        echo '{"mdev_type": "mtty-9", "start": "auto"}' >"$d/mtty/$(uuid 26)"
        # shellcheck disable=SC2028
        echo '{"mdev_type": "x\nExecStart=touch smuggled", "start": "auto"}' >"$d/mtty/$(uuid 27)"
        head -c 1048576 /dev/zero | tr '\0' ' ' >"$d/mtty/$(uuid 28)"
        printf '[%.0s' {1..10000} >"$d/mtty/$(uuid 29)"
        mkdir "$d/mtty/$(uuid 30)"
        mkfifo "$d/mtty/$(uuid 31)"
        define mtty 32 mtty-2 auto
        mv "$d/mtty/$(uuid 32)" "$d/mtty/$(uuid 32 | tr a-f A-F)"
        define mtty 33 mtty-2 auto
        mv "$d/mtty/$(uuid 33)" "$d/mtty/notes.txt"
        define mtty 34 mtty-2 auto
        define other 34 mtty-2 auto
        define 'a b' 35 'x \"%n\" \\ y' auto
        define "it's \"x\"" 36 x auto
        define $'new\nline' 37 x auto
        define -dash 38 x auto
        define .dot 39 x auto
        printf '{"mdev_type": "\377", "start": "auto"}' >"$d/mtty/$(uuid 40)"
}

# One line of the kernel log names the file and the reason.
warned() { # FILE REASON
        equal "$(journalctl -k -o cat -t mdev-generator | grep -F -- "$definitions/$1:" | grep -cF -- "$2")" 1
}

test_the_good_ones_work() {
        modprobe mtty
        eventually 30 state 1 active
        exists 1
        eventually 30 state 34 active
        state 26 failed
        logged 26 'parent mtty does not support type mtty-9; it supports mtty-1, mtty-2'
        [ "$(systemctl show -P FragmentPath "$(unit 1)")" -ef /usr/lib/systemd/system/mdev@.service ]
}

test_each_bad_one_is_named_once() {
        journalctl -k -o cat -t mdev-generator
        warned "mtty/$(uuid 20)" 'is not valid JSON'
        warned "mtty/$(uuid 21)" '"mdev_type" is missing'
        warned "mtty/$(uuid 22)" '"mdev_type" is not a string'
        warned "mtty/$(uuid 23)" '"attrs" is not an array'
        warned "mtty/$(uuid 24)" 'attribute 0 in "attrs" is not an object with exactly one member'
        warned "mtty/$(uuid 25)" 'contains an empty, "." or ".." component'
        warned "mtty/$(uuid 27)" 'contains control characters'
        warned "mtty/$(uuid 28)" 'has 1048576 bytes'
        warned "mtty/$(uuid 29)" 'is not valid JSON'
        warned "mtty/$(uuid 30)" 'is a directory'
        warned "mtty/$(uuid 31)" 'is not a regular file'
        warned "mtty/$(uuid 32 | tr a-f A-F)" 'not a UUID in lower case'
        warned mtty/notes.txt 'not a UUID'
        warned "mtty/$(uuid 40)" 'is not valid UTF-8'
        equal "$(journalctl -k -o cat -t mdev-generator | grep -cF "$(uuid 34): the UUID is defined under another parent, too")" 1
        warned 'new\x0aline' 'contains control characters'
}

# systemd itself has nothing to complain of in what was generated.
test_systemd_takes_what_was_generated() {
        local number complaints
        complaints=$(journalctl -b -o cat _PID=1 | grep -E '50-mdev.conf|Failed to (resolve|parse)|[Uu]nknown key|invalid' || :)
        equal "$complaints" ''
        for number in 35 36 38 39; do
                equal "$(systemctl show -P LoadState "$(unit "$number")")" loaded
                equal "$(systemctl show -P ExecStart "$(unit "$number")" | grep -c mdev-helper)" 1
        done
        systemctl show -P SourcePath "$(unit 35)"
        equal "$(systemctl show -P SourcePath "$(unit 35)")" "$definitions/a b/$(uuid 35)"
        equal "$(systemctl show -P SourcePath "$(unit 36)")" "$definitions/it's \"x\"/$(uuid 36)"
        equal "$(systemctl show -P Description "$(unit 35)")" 'Mediated device x "%n" \ y on a b'
        systemctl show -P BindsTo "$(unit 35)" | grep 'sys-class-mdev_bus-a.*x20b-mdev_supported_types.device' >/dev/null
        systemctl show -P BindsTo "$(unit 38)" | grep 'sys-class-mdev_bus-.*x2ddash-mdev_supported_types.device' >/dev/null
        systemctl show -P BindsTo "$(unit 39)" | contains 'sys-class-mdev_bus-.dot-mdev_supported_types.device'
        [ ! -e /smuggled ] && [ ! -e smuggled ]
}

# udev and the generator derive the same unit name from an odd but valid name.
test_a_parent_with_an_odd_name() {
        modprobe mdev-sim
        eventually 30 state 2 active
        exists 2
        equal "$(systemctl show -P Description "$(unit 2)")" 'Mediated device mdev_sim-small on si%m-0'
        journalctl --sync
        journalctl -o cat MDEV_PARENT='si%m-0' | contains 'created, type mdev_sim-small on parent si%m-0'
        rmmod mdev-sim
        eventually 30 state 2 inactive
}
