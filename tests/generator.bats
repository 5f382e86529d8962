#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdev-generator

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load lib
        setup_tree
        unit_dir=$(sed -n 's/^#define UNIT_DIR "\(.*\)"/\1/p' "$build/config.h")
        mtty=sys-class-mdev_bus-mtty.device
}

# Runs the generator as systemd does.
generate() {
        run -0 generator "$out"/{normal,early,late}
}

# Prints what lies in the three directories: every entry that is no directory, and directories that are empty.
written() {
        (cd "${1:-$out}" && find normal early late -mindepth 1 \( ! -type d -o -empty \) 2>/dev/null | LC_ALL=C sort)
}

# The drop-in of the definition with a number.
drop_in() {
        echo "$out/normal/mdev@$(uuid "$1").service.d/50-mdev.conf"
}

# The link that makes a definition's unit start with the parent mtty: wants normal|early NUMBER
wants() {
        echo "$out/$1/$mtty.wants/mdev@$(uuid "$2").service"
}

# What the drop-in of a unit that all definitions share adds is in the order of the directories:
sorted() {
        [ ! -e "$1" ] || { head -n 3 "$1"; tail -n +4 "$1" | paste - - | LC_ALL=C sort; }
}

# The golden trees.

golden() {
        local case=$BATS_TEST_DIRNAME/data/generator/$1 expected=$BATS_TEST_TMPDIR/expected file
        cp -a "$case/etc" "$root"
        [ ! -d "$case/run" ] || cp -a "$case/run" "$root"
        [ ! -d "$case/usr" ] || cp -a "$case/usr" "$root"
        if [ -e "$case/cmdline" ]; then
                SYSTEMD_PROC_CMDLINE=$(<"$case/cmdline")
                export SYSTEMD_PROC_CMDLINE
        fi
        mkdir "$expected"
        [ ! -d "$case/expected" ] || cp -a "$case/expected/." "$expected"
        touch "$expected"/{symlinks.txt,messages.txt}
        [ ! -e "$case/symlinks.txt" ] || sed "s|@UNIT_DIR@|$unit_dir|" "$case/symlinks.txt" >"$expected/symlinks.txt"
        [ ! -e "$case/messages.txt" ] || cp "$case/messages.txt" "$expected"

        generate
        diff -u <(LC_ALL=C sort "$expected/messages.txt") <(printf '%s' "${output:+$output$'\n'}" | LC_ALL=C sort)
        diff -u <({ written "$expected"; sed 's/ -> .*//' "$expected/symlinks.txt"; } | LC_ALL=C sort) <(written)
        diff -u <(LC_ALL=C sort "$expected/symlinks.txt") <(cd "$out" && find . -type l -printf '%P -> %l\n' | LC_ALL=C sort)
        while read -r file; do
                case $file in
                normal/mdev.target.d/50-mdev.conf) diff -u <(sorted "$expected/$file") <(sorted "$out/$file") ;;
                *) diff -u "$expected/$file" "$out/$file" ;;
                esac
        done < <(written "$expected")
}

@test "an auto definition gets a drop-in, starts with its parent, and mdev.target waits for it" {
        golden 01-auto
}

@test "a manual definition gets a drop-in and nothing else" {
        golden 02-manual
}

@test "definitions under parents of several buses do not get in each other's way" {
        golden 03-several-parents
}

@test "what mdevctl tolerates in a definition is tolerated" {
        golden 04-tolerance
}

@test "characters that mean something in a unit file mean nothing in a name" {
        golden 05-escapes
}

@test "mdev.target waits for manual definitions that systemctl has enabled" {
        golden 06-enabled
}

@test "systemd.mdev=no masks every start with a parent, above the administrator's links" {
        golden 07-no-autostart
}

@test "broken definitions are named and do not spoil the others" {
        golden 08-broken-ones
}

@test "without definitions nothing is written" {
        golden 09-nothing
}

@test "devices come before the services that start guests, where these are installed" {
        golden 10-guest-managers
}

@test "a unit is not bound to another parent than its device is active on" {
        golden 11-moved
}

@test "a link under another parent than the definition's is named, and the unit starts with its parent" {
        golden 12-stray-links
}

@test "all services that start guests are looked for, in every directory of units" {
        define mtty 1 mtty-2 manual
        mkdir -p "$root"{/etc/systemd/system,/run/systemd/system,/usr/local/lib/systemd/system,/usr/lib/systemd/system}
        touch "$root/etc/systemd/system/virtnodedevd.service" "$root/run/systemd/system/libvirtd.service" \
                "$root/usr/local/lib/systemd/system/libvirt-guests.service" "$root/usr/lib/systemd/system/virtqemud.service"
        generate
        grep -qx "Before=libvirtd.service virtqemud.service virtnodedevd.service libvirt-guests.service" "$(drop_in 1)"
        rm -rf "$out"/normal/*
        mkdir -p "$root/lib/systemd"
        mv "$root/usr/lib/systemd/system" "$root/lib/systemd/"
        generate
        grep -qx "Before=libvirtd.service virtqemud.service virtnodedevd.service libvirt-guests.service" "$(drop_in 1)"
}

# Invocation.

@test "a number of arguments that systemd does not give is refused with the usage" {
        run -1 generator
        equal "$output" "mdev-generator: usage: mdev-generator NORMAL-DIR [EARLY-DIR LATE-DIR]"
        run -1 generator "$out/normal" "$out/early"
        says usage
        run -1 generator "$out"/{normal,early,late} more
        says usage
}

@test "--version prints the version" {
        run -0 generator --version
        equal "$output" "mdev-generator $(sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$build/config.h")"
}

@test "a relative MDEVCTL_ENV_ROOT is refused" {
        MDEVCTL_ENV_ROOT=root run -1 generator "$out/normal"
        says MDEVCTL_ENV_ROOT absolute
}

@test "a host without /etc/mdevctl.d is fine" {
        rmdir "$definitions"
        generate
        equal "$output" ""
        equal "$(written)" ""
}

@test "an /etc/mdevctl.d that cannot be read is an error" {
        rmdir "$definitions"
        touch "$definitions"
        run -1 generator "$out"/{normal,early,late}
        equal "$output" "mdev-generator: /etc/mdevctl.d: Not a directory"
}

@test "in the initrd nothing is written" {
        define mtty 1 mtty-2 auto
        SYSTEMD_IN_INITRD=1 generate
        equal "$output" ""
        equal "$(written)" ""
        SYSTEMD_IN_INITRD=0 generate
        exists "$(drop_in 1)"
}

@test "with one directory everything is written there" {
        define mtty 1 mtty-2 auto
        run -0 generator "$out/normal"
        equal "$output" ""
        exists "$(drop_in 1)"
        equal "$(readlink "$(wants normal 1)")" "$unit_dir/mdev@.service"
        equal "$(find "$out/early" "$out/late" -mindepth 1)" ""
}

@test "with one directory systemd.mdev=no masks there" {
        define mtty 1 mtty-2 auto
        SYSTEMD_PROC_CMDLINE=systemd.mdev=no run -0 generator "$out/normal"
        equal "$(readlink "$(wants normal 1)")" /dev/null
}

@test "a missing output directory is named" {
        define mtty 1 mtty-2 auto
        run -1 generator "$out"/{none,early,late}
        equal "$output" "mdev-generator: $out/none: No such file or directory"
        run -1 generator "$out"/{normal,none,late}
        equal "$output" "mdev-generator: $out/none: No such file or directory"
}

@test "an output directory that cannot be written to gives a message" {
        without_privileges
        define mtty 1 mtty-2 auto
        chmod a-w "$out/normal"
        run -1 generator "$out"/{normal,early,late}
        equal "$output" "mdev-generator: /etc/mdevctl.d/mtty/$(uuid 1): Failed to write the units of this definition: Permission denied; is /run full or read-only?"
}

@test "units that cannot be written give a message, an exit status, and all other units" {
        local i
        for i in {1..6}; do
                define "parent$i" "1$i" mtty-2 auto
                define parent3 "2$i" mtty-2 auto
        done
        touch "$out/normal/mdev@$(uuid 22).service.d" "$out/normal/mdev@$(uuid 24).service.d"
        run -1 generator "$out"/{normal,early,late}
        equal "${#lines[@]}" 2
        says "mdev-generator: /etc/mdevctl.d/parent3/$(uuid 22): Failed to write the units of this definition: Not a directory"
        for i in {11..16} 21 23 25 26; do
                exists "$(drop_in "$i")"
        done
        missing "$out/normal/sys-class-mdev_bus-parent3.device.wants/mdev@$(uuid 22).service"
}

@test "where there is no more room, no line is left that is not whole" {
        local number
        for number in {1..40}; do
                define mtty "$number" mtty-2 auto
        done
        run -1 bash -c 'trap "" XFSZ && ulimit -f 1 && "$0" "$1"' "$build/generator/mdev-generator" "$out/normal"
        says "Failed to write the units of this definition: No space left on device; is /run full or read-only?"
        run -1 grep -vE '^((Wants|After)=mdev@.{36}\.service|#.*|\[Unit\]|)$' "$out/normal/mdev.target.d/50-mdev.conf"
        grep -q '^After=' "$out/normal/mdev.target.d/50-mdev.conf"
}

@test "the files are readable for all, whatever the umask" {
        define mtty 1 mtty-2 auto
        umask 0077
        generate
        equal "$(stat -c %a "$(drop_in 1)" "$(dirname "$(drop_in 1)")" "$out/normal/mdev.target.d/50-mdev.conf" | tr '\n' ' ')" \
                "644 755 644 "
}

# The kernel command line.

# autostart COMMAND-LINE: succeeds if a device starts with its parent, after checking that all is written accordingly.
autostart() {
        rm -rf "${out:?}"/*/*
        SYSTEMD_PROC_CMDLINE=$1 generate || return 2
        exists "$(drop_in 1)" || return 2
        exists "$(drop_in 2)" || return 2
        if [ -L "$(wants normal 1)" ]; then
                missing "$(wants normal 2)" && equal "$(find "$out/early" -mindepth 1)" "" || return 2
                exists "$out/normal/mdev.target.d/50-mdev.conf" || return 2
        else
                equal "$(readlink "$(wants early 1)") $(readlink "$(wants early 2)")" "/dev/null /dev/null" || return 2
                missing "$out/normal/mdev.target.d" || return 2
                return 1
        fi
}

two_definitions() {
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-2 manual
}

# with COMMAND-LINE STATUS [OUTPUT]: what autostart returns and the generator prints.
with() {
        local status_of_autostart=0
        autostart "$1" || status_of_autostart=$?
        equal "$1: $status_of_autostart" "$1: $2"
        equal "$1: $output" "$1: ${3:-}"
}

@test "systemd.mdev= takes the words systemd takes for a boolean" {
        local word
        two_definitions
        for word in no 0 off false n f NO Off; do
                with "systemd.mdev=$word" 1
        done
        for word in yes 1 on true y t YES; do
                with "systemd.mdev=no systemd.mdev=$word" 0
        done
}

@test "systemd.mdev without a value means yes" {
        two_definitions
        with "systemd.mdev" 0
        with "systemd.mdev=no systemd.mdev" 0
        with "systemd.mdev=no systemd.mdev quiet" 0
}

@test "the last systemd.mdev= counts" {
        two_definitions
        with "systemd.mdev=yes quiet systemd.mdev=no" 1
        with "systemd.mdev=no quiet systemd.mdev=yes" 0
}

@test "a systemd.mdev= that is neither yes nor no is named and ignored" {
        two_definitions
        with "systemd.mdev=bogus" 0 'mdev-generator: kernel command line: "systemd.mdev=bogus" is neither yes nor no, ignoring it'
        with "systemd.mdev=no systemd.mdev=" 1 'mdev-generator: kernel command line: "systemd.mdev=" is neither yes nor no, ignoring it'
}

@test "words that only look like systemd.mdev= are others' business" {
        local word
        two_definitions
        for word in systemd_mdev systemd-mdev mdev xsystemd.mdev systemd.mdevs systemd.mde rd.systemd.mdev systemd.mdev.x SYSTEMD.MDEV; do
                with "$word=no" 0
        done
}

@test "quotes on the kernel command line keep words together" {
        two_definitions
        with 'a="b systemd.mdev=no c"' 0
        with '"systemd.mdev=no"' 1
        with 'systemd.mdev="no"' 1
        with '"a b" systemd.mdev=no' 1
        with $'a\tsystemd.mdev=no\n' 1
        with '"systemd.mdev=no' 1
}

@test "the kernel command line is read from /proc/cmdline" {
        two_definitions
        unset SYSTEMD_PROC_CMDLINE
        echo "root=/dev/vda systemd.mdev=no" >"$root/proc/cmdline"
        generate
        equal "$(readlink "$(wants early 1)")" /dev/null
}

@test "the kernel command line may have a MiB" {
        two_definitions
        unset SYSTEMD_PROC_CMDLINE
        { head -c 1048000 /dev/zero | tr '\0' a; echo " systemd.mdev=no"; } >"$root/proc/cmdline"
        generate
        equal "$(readlink "$(wants early 1)")" /dev/null
}

@test "a long kernel command line may be given" {
        two_definitions
        with "$(printf 'a%.0s' {1..5000}) systemd.mdev=no" 1
}

# Bad definitions. Beside each is a good one; its output must be the same as without the bad one.

good_alone() {
        define mtty 1 mtty-2 auto
        generate
        equal "$output" ""
        mv "$out" "$BATS_TEST_TMPDIR/reference"
        mkdir -p "$out"/{normal,early,late}
        mkdir -p "$definitions/mtty"
        bad=$definitions/mtty/$(uuid 2)
}

only_good_written() {
        diff -ru --no-dereference "$BATS_TEST_TMPDIR/reference" "$out"
}

# ignored REASON [FILE]: one warning says so, and only the good definition has had consequences.
ignored() {
        generate
        equal "$output" "mdev-generator: /etc/mdevctl.d/${2:-mtty/$(uuid 2)}: $1, ignoring"
        only_good_written
}

# ignored_text REASON TEXT
ignored_text() {
        good_alone
        printf '%s' "$2" >"$bad"
        ignored "$1"
}

@test "text that is no JSON is ignored" {
        ignored_text "is not valid JSON (line 1)" "mdev_type=mtty-2"
}

@test "JSON that ends early is ignored" {
        ignored_text "is not valid JSON (line 2)" $'{"mdev_type": "mtty-2",\n"start": "auto"'
}

@test "JSON with something behind it is ignored" {
        ignored_text "is not valid JSON (line 1)" '{"mdev_type": "mtty-2", "start": "auto"}}'
}

@test "JSON that is no object is ignored" {
        ignored_text "is not a JSON object" '["mtty-2", "auto"]'
}

@test "an empty file is ignored" {
        ignored_text "the file is empty" ""
}

@test "a definition that is not UTF-8 is ignored" {
        ignored_text "is not valid UTF-8" $'{"mdev_type": "caf\xe9", "start": "auto"}'
}

@test "a definition with an escaped NUL is ignored" {
        ignored_text "contains a NUL byte" '{"mdev_type": "mtty-2\u0000x", "start": "auto"}'
}

@test "a definition with a NUL byte is ignored" {
        good_alone
        printf '{"mdev_type": "mtty-2", "start": "auto"}\0' >"$bad"
        ignored "contains a NUL byte"
}

@test "a definition without mdev_type is ignored" {
        ignored_text '"mdev_type" is missing' '{"start": "auto"}'
}

@test "a definition whose mdev_type is no string is ignored" {
        ignored_text '"mdev_type" is not a string' '{"mdev_type": 2, "start": "auto"}'
}

@test "a definition without start is ignored" {
        ignored_text '"start" is missing' '{"mdev_type": "mtty-2"}'
}

@test "a definition whose mdev_type is a path is ignored" {
        ignored_text '"mdev_type": "../mtty-2" is not a single path component' '{"mdev_type": "../mtty-2", "start": "auto"}'
}

@test "a definition whose mdev_type would begin a new line is ignored, and the warning stays one line" {
        good_alone
        printf '%s' '{"mdev_type": "a\n[Service]\nExecStart=b", "start": "auto"}' >"$bad"
        ignored '"mdev_type": "a\x0a[Service]\x0aExecStart=b" contains control characters'
}

@test "attrs that are no array are ignored with their definition" {
        ignored_text '"attrs" is not an array' '{"mdev_type": "mtty-2", "start": "auto", "attrs": {"a": "1"}}'
}

# ignored_attributes REASON ATTRIBUTES
ignored_attributes() {
        good_alone
        define mtty 2 mtty-2 auto "$2"
        ignored "$1"
}

@test "an attribute that is no object is ignored with its definition" {
        ignored_attributes 'attribute 0 in "attrs" is not an object with exactly one member' '"a"'
}

@test "an attribute with two members is ignored with its definition" {
        ignored_attributes 'attribute 1 in "attrs" is not an object with exactly one member' '{"a": "1"}, {"a": "1", "b": "2"}'
}

@test "an attribute whose value is a number is ignored with its definition" {
        ignored_attributes 'attribute 0: the value of "a" is not a string' '{"a": 1}'
}

@test "an attribute with an absolute path is ignored with its definition" {
        ignored_attributes 'attribute 0: the name "/etc/passwd" is an absolute path' '{"/etc/passwd": "1"}'
}

@test "an attribute that leads to another device is ignored with its definition" {
        ignored_attributes 'attribute 0: the name "../x/remove" contains an empty, "." or ".." component' '{"../x/remove": "1"}'
}

@test "an attribute that is a control of the kernel is ignored with its definition" {
        ignored_attributes 'attribute 1: the name "remove" belongs to the kernel and is not an attribute of the device' \
                '{"a": "1"}, {"remove": "1"}'
}

@test "a file whose name is no UUID is ignored" {
        local name
        good_alone
        for name in notes.txt "$(uuid 2).swp" ".$(uuid 2)" "$(uuid 2 | tr -d -)" "$(uuid 2 | tr a-f A-F)" -x "a b" '%n'; do
                cp "$definitions/mtty/$(uuid 1)" "$definitions/mtty/$name"
                ignored "the name of the file is not a UUID in lower case with hyphens" "mtty/$name"
                rm "$definitions/mtty/$name"
                rm -r "${out:?}"/*/*
        done
}

@test "a file name with a newline is ignored, and the warning stays one line" {
        good_alone
        cp "$definitions/mtty/$(uuid 1)" "$definitions/mtty/a"$'\n'"b"
        ignored "the name of the file is not a UUID in lower case with hyphens" 'mtty/a\x0ab'
}

@test "a definition of a MiB is ignored" {
        good_alone
        { printf '{"mdev_type": "mtty-2", "start": "auto"}'; printf '%1048576s' ''; } >"$bad"
        ignored "has 1048616 bytes, more than the 262144 a definition may have"
}

@test "ten thousand nested brackets are ignored" {
        ignored_text "is not valid JSON (line 1)" "$(printf '[%.0s' {1..10000})"
}

@test "an unreadable file is ignored" {
        without_privileges
        good_alone
        define mtty 2 mtty-2 auto
        chmod 0 "$bad"
        ignored "Permission denied"
}

@test "an unreadable parent directory is ignored" {
        without_privileges
        good_alone
        define other 2 mtty-2 auto
        chmod 0 "$definitions/other"
        ignored "Permission denied" other
        chmod 755 "$definitions/other"
}

@test "a directory in the place of a definition is ignored" {
        good_alone
        mkdir "$bad"
        ignored "is a directory, not a definition file"
}

@test "a FIFO in the place of a definition is ignored without waiting for its writer" {
        good_alone
        mkfifo "$bad"
        ignored "is not a regular file"
}

@test "a link to a FIFO is ignored without waiting for its writer" {
        good_alone
        mkfifo "$root/fifo"
        ln -s "$root/fifo" "$bad"
        ignored "is not a regular file"
}

@test "a dangling link is ignored, and named with what it leads to" {
        good_alone
        ln -s nowhere "$bad"
        ignored "the symbolic link to nowhere cannot be followed: No such file or directory"
        rm -r "$bad" "${out:?}"/*/*
        ln -s nowhere "$definitions/other"
        ignored "the symbolic link cannot be followed: No such file or directory" other
}

@test "a link to a file is followed" {
        good_alone
        mv "$definitions/mtty/$(uuid 1)" "$root/elsewhere"
        ln -s "$root/elsewhere" "$definitions/mtty/$(uuid 1)"
        generate
        equal "$output" ""
        only_good_written
}

@test "a link to a parent's directory is followed" {
        good_alone
        mv "$definitions/mtty" "$root/elsewhere"
        ln -s "$root/elsewhere" "$definitions/mtty"
        touch "$root/file"
        ln -s "$root/file" "$definitions/file"
        generate
        equal "$output" ""
        only_good_written
}

@test "a volume of Kubernetes has the definitions to which its links lead, and no others" {
        good_alone
        mkdir "$definitions/..2026_11_27"
        mv "$definitions/mtty" "$definitions/..2026_11_27"
        ln -s ..2026_11_27 "$definitions/..data"
        ln -s ..data/mtty "$definitions/mtty"
        generate
        equal "$output" ""
        only_good_written
        # As a volume of one parent.
        mv "$definitions/..2026_11_27/mtty" "$definitions/tmp"
        rm -r "$definitions/mtty" "$definitions"/..?*
        mkdir "$definitions/mtty"
        mv "$definitions/tmp" "$definitions/mtty/..2026_11_27"
        ln -s ..2026_11_27 "$definitions/mtty/..data"
        ln -s "..data/$(uuid 1)" "$definitions/mtty/$(uuid 1)"
        rm -rf "${out:?}"/*/*
        generate
        equal "$output" ""
        only_good_written
}

@test "scripts.d is no parent" {
        good_alone
        define scripts.d 2 mtty-2 auto
        mkdir "$definitions/scripts.d/callouts"
        generate
        equal "$output" ""
        only_good_written
}

@test "files beside the parents are none" {
        good_alone
        cp "$definitions/mtty/$(uuid 1)" "$definitions/$(uuid 2)"
        mkfifo "$definitions/fifo"
        generate
        equal "$output" ""
        only_good_written
}

@test "a parent whose name would begin a new line is ignored, and the warning stays one line" {
        good_alone
        define $'a\n[Service]\nExecStart=b' 2 mtty-2 auto
        generate
        equal "$output" 'mdev-generator: /etc/mdevctl.d/a\x0a[Service]\x0aExecStart=b: the name contains control characters, ignoring the definitions in it'
        only_good_written
}

@test "a parent whose name is not UTF-8 is ignored" {
        good_alone
        define $'caf\xe9' 2 mtty-2 auto
        generate
        equal "$output" $'mdev-generator: /etc/mdevctl.d/caf\xe9: the name is not valid UTF-8, ignoring the definitions in it'
        only_good_written
}

@test "a parent whose name is too long for a unit is ignored" {
        local parent
        good_alone
        parent=$(printf -- '-%.0s' {1..100})
        define "$parent" 2 mtty-2 auto
        generate
        equal "$output" "mdev-generator: /etc/mdevctl.d/$parent: the name is too long for the name of a unit, ignoring the definitions in it"
        only_good_written
}

# Good parents with bad names: used_as PARENT UNIT SOURCE-PATH FIELD [DESCRIPTION]
used_as() {
        define "$1" 1 mtty-2 auto
        generate
        equal "$output" ""
        equal "$(written)" "normal/mdev.target.d/50-mdev.conf
normal/mdev@$(uuid 1).service.d/50-mdev.conf
normal/sys-class-mdev_bus-$2.device.wants/mdev@$(uuid 1).service"
        diff -u - "$(drop_in 1)" <<EXPECTED
# Automatically generated by mdev-generator

[Unit]
SourcePath=/etc/mdevctl.d/$3/$(uuid 1)
${5-Description=Mediated device mtty-2 on $3
}BindsTo=sys-class-mdev_bus-$2-mdev_supported_types.device
After=sys-class-mdev_bus-$2-mdev_supported_types.device

[Service]
LogExtraFields="MDEV_PARENT=$4" "MDEV_TYPE=mtty-2"

[Install]
WantedBy=sys-class-mdev_bus-$2.device
EXPECTED
}

@test "a percent sign in a parent's name is no specifier" {
        used_as '%n%%i' '\x25n\x25\x25i' '%%n%%%%i' '%%n%%%%i'
}

@test "spaces in a parent's name separate nothing" {
        used_as ' a  b ' '\x20a\x20\x20b\x20' ' a  b ' ' a  b '
}

@test "quotes in a parent's name quote nothing" {
        used_as "a\"b'c" 'a\x22b\x27c' "a\"b'c" "a\\\"b'c"
}

@test "a backslash in a parent's name escapes nothing, and continues no line" {
        # shellcheck disable=SC1003
        used_as 'a\x41\' 'a\x5cx41\x5c' 'a\x41\' 'a\\x41\\' ''
}

@test "a dash in front of a parent's name is a character like any other" {
        used_as -rf '\x2drf' -rf -rf
}

@test "a dot in front of a parent's name is a character like any other" {
        used_as .hidden .hidden .hidden .hidden
}

@test "a parent's name may have all Unicode" {
        local name=$'caf\xc3\xa9'
        used_as "$name" 'caf\xc3\xa9' "$name" "$name"
}

@test "the longest name is used that fits into the names of its units" {
        local name
        name=$(printf 'a%.0s' {1..208})
        used_as "$name" "$name" "$name" "$name"
}

@test "a UUID under two parents still comes before the services that start guests" {
        define mtty 1 mtty-2 manual
        define other 1 mtty-1 manual
        mkdir -p "$root/etc/systemd/system"
        touch "$root/etc/systemd/system/libvirtd.service"
        generate
        equal "$(tail -n 2 "$(drop_in 1)")" "[Unit]
Before=libvirtd.service"
}

@test "a UUID under two parents is bound to none, starts with each, and is named" {
        define mtty 1 mtty-2 auto
        define other 1 mtty-1 auto
        define mtty 2 mtty-2 auto
        generate
        equal "${#lines[@]}" 1
        [[ $output =~ ^mdev-generator:\ /etc/mdevctl.d/(mtty|other)/$(uuid 1):\ the\ UUID\ is\ defined\ under\ another\ parent ]]
        equal "$(cat "$(drop_in 1)")" "# Automatically generated by mdev-generator

# Defined under more than one parent, therefore bound to none.
[Unit]"
        equal "$(readlink "$(wants normal 1)")" "$unit_dir/mdev@.service"
        equal "$(readlink "$out/normal/sys-class-mdev_bus-other.device.wants/mdev@$(uuid 1).service")" "$unit_dir/mdev@.service"
        grep -q "^BindsTo=${mtty%.device}-mdev_supported_types.device$" "$(drop_in 2)"
}

# The generated units as systemd reads them. None of these tests needs a running systemd.

# Lays the output and the template where systemctl finds them; the tree is as good as a system.
install_output() {
        command -v systemctl >/dev/null || skip "systemctl is not installed"
        mkdir -p "$root/run/systemd" "$root$unit_dir" "$root/etc/systemd/system"
        # As on a system whose /lib is a part of /usr.
        [ "$unit_dir" = /usr/lib/systemd/system ] || { mkdir -p "$root/usr/lib/systemd" && ln -s "$root$unit_dir" "$root/usr/lib/systemd/system"; }
        cp "$build/units/mdev@.service" "$BATS_TEST_DIRNAME/../units/mdev.target" "$root$unit_dir"
        cp -r --no-dereference "$out/normal" "$root/run/systemd/generator"
        cp -r --no-dereference "$out/early" "$root/run/systemd/generator.early"
}

ctl() {
        systemctl --root="$root" "$@"
}

@test "systemctl says that an auto definition is enabled at runtime" {
        define mtty 1 mtty-2 auto
        generate
        install_output
        run -0 ctl is-enabled "mdev@$(uuid 1).service"
        equal "$output" enabled-runtime
}

@test "systemctl says that a manual definition is disabled, enables it, and disables it again" {
        local link
        link=$root/etc/systemd/system/$mtty.wants/mdev@$(uuid 1).service
        define mtty 1 mtty-2 manual
        generate
        install_output
        run -1 ctl is-enabled "mdev@$(uuid 1).service"
        equal "$output" disabled
        run -0 ctl enable "mdev@$(uuid 1).service"
        equal "$(readlink "$link")" "$unit_dir/mdev@.service"
        run -0 ctl is-enabled "mdev@$(uuid 1).service"
        equal "$output" enabled
        run -0 ctl disable "mdev@$(uuid 1).service"
        missing "$link"
}

@test "systemctl enables nothing for a UUID that is not defined" {
        define mtty 1 mtty-2 manual
        generate
        install_output
        run ctl enable "mdev@$(uuid 2).service"
        equal "$(find "$root/etc/systemd/system" -name 'mdev@*')" ""
        run ctl is-enabled "mdev@$(uuid 2).service"
        equal "$output" static
}

@test "systemctl enables a definition whose parent has a hostile name under that parent" {
        local parent link
        for parent in '%n a"b' "c'd\\e" -rf .hidden $'caf\xc3\xa9'; do
                rm -rf "${root:?}"/{run,lib,usr,etc} "${out:?}"/*/*
                define "$parent" 1 mtty-2 manual
                generate
                install_output
                run -0 ctl enable "mdev@$(uuid 1).service"
                link=$root/etc/systemd/system/$("$build/tests/print-unit-name" "/sys/class/mdev_bus/$parent").wants/mdev@$(uuid 1).service
                equal "$(readlink "$link")" "$unit_dir/mdev@.service"
        done
}
