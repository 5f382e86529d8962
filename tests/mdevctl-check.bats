#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl check: each finding appears with its cause, and disappears with it

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
}

# Nothing is wrong.
clean() {
        run --separate-stderr -0 mdevctl check "$@"
        equal "$output$stderr" ""
}

# finds STATUS LINE...: exactly these findings, and nothing on stderr.
finds() {
        local status=$1
        shift
        run --separate-stderr "-$status" mdevctl check
        equal "$output" "$(printf '%s\n' "$@")"
        equal "$stderr" ""
}

# file NUMBER [PARENT]: the path of a definition.
file() {
        echo "$definitions/${2:-mtty}/$(uuid "$1")"
}

# An s390 with the adapters 1 and 5, the domains 4 and 6, and nothing for the host.
crypto() {
        local bus=$root/sys/bus/ap queue
        parent matrix vfio_ap-passthrough
        echo 9 >"$(type_of matrix vfio_ap-passthrough)/available_instances"
        mkdir -p "$bus/devices"
        for queue in 01.0004 01.0006 05.0004 05.0006; do
                mkdir "$bus/devices/$queue"
        done
        printf '0x%064x\n' 0 | tee "$bus/apmask" >"$bus/aqmask"
}

# matrix NUMBER START ADAPTER DOMAIN: such a definition of one queue.
matrix() {
        define matrix "$1" vfio_ap-passthrough "$2" "{\"assign_adapter\": \"$3\"}, {\"assign_domain\": \"$4\"}"
}

@test "nothing is wrong" {
        clean
        equal "$(mdevctl check --json)" "[]"
        define mtty 1 mtty-1 auto
        active mtty 1 mtty-1
        active mtty 2 mtty-2
        clean
        rm -r "$definitions" "$root/sys"
        clean
}

@test "definition-unreadable" {
        define mtty 1 mtty-1 auto
        echo '{"start": "auto"}' >"$(file 1)"
        ln -s nowhere "$definitions/gone"
        mkdir "$(file 2)"
        finds 1 "$definitions/gone: error: the symbolic link cannot be followed: No such file or directory, ignoring; correct or remove it [definition-unreadable]" \
                "$(file 1): error: \"mdev_type\" is missing; correct the definition, or remove it with \"mdevctl undefine -u $one -p mtty\" [definition-unreadable]" \
                "$(file 2): error: is a directory, not a definition file; remove the directory [definition-unreadable]"
        rm -r "$definitions/gone" "$(file 2)"
        define mtty 1 mtty-1 auto
        clean
}

@test "definition-unreadable: the unit of a parent would have too long a name" {
        local name
        name=$(printf '%0220d' 0)
        parent "$name" t
        define "$name" 1 t auto
        finds 1 "$(file 1 "$name"): error: the parent's name is too long for the name of a unit; correct the definition, or remove it with \"mdevctl undefine -u $one -p $name\" [definition-unreadable]"
        rm -r "${definitions:?}/$name"
        clean
}

@test "name-not-uuid" {
        define mtty 1 mtty-1 auto
        mv "$(file 1)" "$definitions/mtty/${one^^}"
        touch "$definitions/mtty/notes~"
        finds 1 "$definitions/mtty/${one^^}: warning: the name is not a UUID in lower case with hyphens; rename it to $one [name-not-uuid]" \
                "$definitions/mtty/notes~: warning: the name is not a UUID in lower case with hyphens; rename it to a UUID, or remove it [name-not-uuid]"
        clean -u "$one"
        rm "$definitions/mtty/notes~"
        equal "$(mdevctl check --json | tr -d '\n' | sed 's/  */ /g')" \
                "[ { \"level\": \"warning\", \"code\": \"name-not-uuid\", \"file\": \"$definitions/mtty/${one^^}\", \"uuid\": null, \"parent\": \"mtty\", \"message\": \"the name is not a UUID in lower case with hyphens\", \"remedy\": \"rename it to $one\" }]"
        mv "$definitions/mtty/${one^^}" "$(file 1)"
        clean
}

@test "uuid-ambiguous" {
        parent sim0 t
        parent sim1 t
        define mtty 1 mtty-1 manual
        define sim0 1 t manual
        define sim1 1 t manual
        finds 1 "$(file 1): error: the UUID is also defined under parent sim0, sim1; keep one definition, or give the others new UUIDs [uuid-ambiguous]" \
                "$(file 1 sim0): error: the UUID is also defined under parent mtty, sim1; keep one definition, or give the others new UUIDs [uuid-ambiguous]" \
                "$(file 1 sim1): error: the UUID is also defined under parent mtty, sim0; keep one definition, or give the others new UUIDs [uuid-ambiguous]"
        rm "$root"/sys/class/mdev_bus/{sim0,sim1}
        run -1 mdevctl check
        equal "$(grep -c 'warning: the UUID is also' <<<"$output")" 3
        equal "$(grep -c error <<<"$output")" 0
        rm -r "$definitions"/{sim0,sim1}
        clean
}

@test "parent-absent" {
        local given nearest
        parent 0000:3b:00.0 t
        parent 0.0.0313 t
        while read -r given nearest; do
                define "$given" 1 t manual
                finds 1 "$(file 1 "$given"): warning: parent '$given' is not registered; $nearest [parent-absent]"
                rm -r "${definitions:?}/$given"
        done <<-END
		00000000:3B:00.0 did you mean '0000:3b:00.0'?
		css_0_0_0313 did you mean '0.0.0313'?
		pci_0000_3b_00_0 did you mean '0000:3b:00.0'?
		0000:3c:00.0 did you mean '0000:3b:00.0'?
		mty did you mean 'mtty'?
		quite-different load its driver, or use one of 0.0.0313, 0000:3b:00.0, mtty
	END
        define away 1 t manual
        run -1 mdevctl check
        parent away t
        clean
        # A tree that does not say which parents there are is not asked.
        rm -r "$root/sys/class"
        clean
}

@test "type-unsupported" {
        define mtty 1 mtty-3 manual
        finds 1 "$(file 1): error: parent mtty does not support type mtty-3; change the type with \"mdevctl modify -u $one -p mtty --type TYPE\"; the parent supports mtty-1, mtty-2 [type-unsupported]"
        define mtty 1 mtty-2 manual
        clean
}

# The tree has two instances of each type.
@test "instances-exceeded" {
        local number
        define mtty 1 mtty-1 auto
        define mtty 2 mtty-1 auto
        define mtty 3 mtty-1 manual
        define mtty 4 mtty-2 auto
        clean
        enable mtty 3
        finds 1 "$(file 1): error: 3 definitions of type mtty-1 on parent mtty start by themselves, but only 2 instances are available to them; the others are $two, $three; make some of them manual, such as this one with \"mdevctl modify -u $one -p mtty --manual\" [instances-exceeded]" \
                "$(file 2): error: 3 definitions of type mtty-1 on parent mtty start by themselves, but only 2 instances are available to them; the others are $one, $three; make some of them manual, such as this one with \"mdevctl modify -u $two -p mtty --manual\" [instances-exceeded]" \
                "$(file 3): error: 3 definitions of type mtty-1 on parent mtty start by themselves, but only 2 instances are available to them; the others are $one, $two; make some of them manual, such as this one with \"mdevctl modify -u $three -p mtty --manual\" [instances-exceeded]"

        # An active device has its instance; one of another type does not help.
        active mtty 1 mtty-1
        clean
        run -0 mdevctl modify -u "$one" --auto
        equal "$output" ""
        ln -sfn ../mdev_supported_types/mtty-2 "$root/sys/devices/virtual/mtty/$one/mdev_type"
        run -1 mdevctl check
        says "only 2 instances" instances-exceeded
        rm "$definitions/mtty/$(uuid 4)"
        run -0 mdevctl modify -u "$one" --auto
        says "only 2 instances" instances-exceeded
        rm -r "$root/sys/devices/virtual/mtty/$one" "$root/sys/bus/mdev/devices/$one"

        # What is masked does not start.
        ln -s /dev/null "$root/etc/systemd/system/mdev@$two.service"
        clean
        rm "$root/etc/systemd/system/mdev@$two.service"
        run -1 mdevctl check
        local wants=$root/etc/systemd/system/sys-class-mdev_bus-mtty.device.wants
        ln -s /dev/null "$wants/mdev@$two.service"
        clean
        rm "$wants/mdev@$two.service"

        run -1 mdevctl check
        echo many >"$(type_of mtty mtty-1)/available_instances"
        run -0 mdevctl check
        echo 3 >"$(type_of mtty mtty-1)/available_instances"
        clean

        # Hundreds may be too many; a message names five.
        for number in {5..8}; do define mtty "$number" mtty-1 auto; done
        run -1 mdevctl check
        says "the others are $two, $(uuid 3), $(uuid 5), $(uuid 6), $(uuid 7), ...; make some" instances-exceeded
}

@test "attribute-unknown" {
        define mtty 1 mtty-1 manual '{"a": "1"}, {"b": "1"}, {"v/c": "1"}, {"a": "2"}, {"subsystem": "1"}'
        clean
        active mtty 1 mtty-1
        echo 1 >"$root/sys/devices/virtual/mtty/$one/b"
        chmod 0444 "$root/sys/devices/virtual/mtty/$one/b"
        local advice="remove it from the definition with \"mdevctl modify -u $one -p mtty --delattr --index NUMBER\", or the next start fails; \"mdevctl list -dv -u $one\" prints the numbers [attribute-unknown]"
        finds 1 "$(file 1): warning: attribute b of the device is not writable; $advice" \
                "$(file 1): warning: the device has no attribute \"a\"; $advice" \
                "$(file 1): warning: the device has no attribute \"subsystem\"; $advice" \
                "$(file 1): warning: the device has no attribute \"v/c\"; $advice"
        define mtty 1 mtty-1 manual '{"b": "1"}'
        chmod 0644 "$root/sys/devices/virtual/mtty/$one/b"
        clean
        # Attributes of another type mean nothing.
        define mtty 1 mtty-2 manual '{"a": "1"}'
        run -1 mdevctl check
        [[ $output != *attribute-unknown* ]]
}

@test "value-differs" {
        define mtty 1 mtty-1 manual '{"a": "1"}, {"b": "x"}, {"a": "2\n"}'
        active mtty 1 mtty-1
        printf '3\n\n' >"$root/sys/devices/virtual/mtty/$one/a"
        touch "$root/sys/devices/virtual/mtty/$one/b"
        chmod 0200 "$root/sys/devices/virtual/mtty/$one/b"
        finds 0 "$(file 1): note: attribute a of the device is \"3\", not \"2\x0a\"; stop and start the device to apply the definition, or change the definition [value-differs]"
        printf '2\n\n' >"$root/sys/devices/virtual/mtty/$one/a"
        clean
}

@test "ap-queue-shared: two automatic definitions" {
        crypto
        matrix 1 auto 5 4
        matrix 2 auto 0x5 04
        matrix 3 auto 1 4
        finds 1 "$(file 1 matrix): error: the device and $two get the same queues: 05.0004; assign each queue to one device [ap-queue-shared]" \
                "$(file 2 matrix): error: the device and $one get the same queues: 05.0004; assign each queue to one device [ap-queue-shared]"
        matrix 2 manual 0x5 04
        clean
}

@test "ap-queue-shared: an active device, defined or not, and an automatic definition" {
        crypto
        active matrix 1 vfio_ap-passthrough
        printf '05.0004\n05.0006\n01.\n.0004\n' >"$root/sys/devices/virtual/matrix/$one/matrix"
        matrix 2 auto 5 6
        finds 1 "device $one: error: the device and $two get the same queues: 05.0006; assign each queue to one device [ap-queue-shared]" \
                "$(file 2 matrix): error: the device and $one get the same queues: 05.0006; assign each queue to one device [ap-queue-shared]"
        matrix 2 auto 1 4
        clean

        # Two active devices that have what the other's definition assigns do not conflict: not now, and
        # not after a reboot.
        printf '05.0006\n' >"$root/sys/devices/virtual/matrix/$one/matrix"
        matrix 1 auto 1 4
        active matrix 2 vfio_ap-passthrough
        printf '01.0004\n' >"$root/sys/devices/virtual/matrix/$two/matrix"
        matrix 2 auto 5 6
        run mdevctl check
        [[ $output != *ap-queue-shared* ]]
}

@test "ap-queue-host" {
        crypto
        matrix 1 manual 5 4
        # Bit 0 is the leftmost: bits 5 and 4.
        printf '0x04%062x\n' 0 >"$root/sys/bus/ap/apmask"
        clean
        printf '0x08%062x\n' 0 >"$root/sys/bus/ap/aqmask"
        finds 1 "$(file 1 matrix): error: apmask and aqmask leave queues to the host: 05.0004; take their adapters out of /sys/bus/ap/apmask or their domains out of /sys/bus/ap/aqmask, or assign others [ap-queue-host]"
        matrix 1 manual 5 6
        clean
        matrix 1 manual 1 4
        clean
        matrix 1 manual 5 4
        rm "$root/sys/bus/ap/aqmask"
        clean
}

@test "ap-queue-absent" {
        crypto
        matrix 1 manual 2 4
        finds 1 "$(file 1 matrix): warning: the host does not have queues: 02.0004; configure them for the host, or assign others [ap-queue-absent]"
        mkdir "$root/sys/bus/ap/devices/02.0004"
        clean
        rm -r "$root/sys/bus/ap/devices"
        clean
}

# queues ATTRIBUTES EXPECTED: the queues of a definition, as a bus without queues misses them.
queues() {
        define matrix 1 vfio_ap-passthrough manual "$1"
        equal "$(mdevctl check | sed -n 's/.*does not have queues: \(.*\); configure.*/\1/p')" "$2"
}

@test "attributes of vfio_ap mean what they mean to the kernel" {
        local a='{"assign_adapter": "1"}' d='{"assign_domain": "2"}'
        parent matrix vfio_ap-passthrough
        mkdir -p "$root/sys/bus/ap/devices"
        queues "$a" ""
        queues "$d" ""
        queues "$d, $a" 01.0002
        queues "$a, $d, {\"assign_adapter\": \"255\"}, {\"assign_domain\": \"0xFF\"}" "01.0002, 01.00ff, ff.0002, ff.00ff"
        local number
        for number in 256 0x100 -1 " 1" 1x 08 "" 0x 1.0 99999999999999999999 '1\n\n'; do
                queues "{\"assign_adapter\": \"$number\"}, $a, $d" 01.0002
                queues "{\"assign_domain\": \"$number\"}, $a, $d" 01.0002
        done
        queues "{\"assign_adapter\": \"010\"}, {\"assign_domain\": \"+0X1f\\n\"}" 08.001f
        queues "$a, {\"unassign_adapter\": \"0x1\"}, $d" ""
        queues "$a, {\"unassign_adapter\": \"0x1\"}, $d, $a" 01.0002
        queues "$a, $d, {\"unassign_domain\": \"3\"}" 01.0002
        queues "$a, $d, {\"unassign_domain\": \"2\"}" ""
        queues "$a, {\"assign_control_domain\": \"2\"}" ""
        queues "$a, $d, {\"ap_config\": \"0x04,0x08,0xff\\n\"}" 05.0004
        queues "$a, $d, {\"ap_config\": \"0x04,0x08\"}" 01.0002
        queues "$a, $d, {\"ap_config\": \"0x04,0x0g,0x0\"}" 01.0002
        queues "$a, $d, {\"ap_config\": \"0x04,0x08,0x0,0x0\"}" 01.0002
        queues "{\"ap_config\": \"0x04,0x08,0x0\"}, $a" "01.0004, 05.0004"
        queues "{\"ap_config\": \"0x$(printf '%064x' 1),0x$(printf '%064x' 1),0x0\"}" ff.00ff
}

@test "enablement-stale" {
        local wants=etc/systemd/system/sys-class-mdev_bus-mtty.device.wants
        define mtty 1 mtty-1 manual
        enable mtty 1
        clean
        rm "$(file 1)"
        finds 1 "$root/$wants/mdev@$one.service: warning: enables a unit without a definition under parent mtty; run \"systemctl disable mdev@$one.service\" [enablement-stale]"
        mkdir -p "$root/run/systemd/system"
        mv "$root/$wants" "$root/run/systemd/system"
        parent sim0 t
        define sim0 1 t manual
        finds 1 "$root/${wants/etc/run}/mdev@$one.service: warning: enables the unit under parent mtty, but the definition is under parent sim0; run \"systemctl reenable --runtime mdev@$one.service\" to move the link [enablement-stale]"
        equal "$(mdevctl check -u "$one" -p mtty | wc -l)" 1
        ln -sf /dev/null "$root/${wants/etc/run}/mdev@$one.service"
        clean
}

@test "unit-differs: the active device is none that is defined" {
        parent sim0 t
        define mtty 1 mtty-1 manual
        active mtty 1 mtty-2
        finds 1 "$(file 1): error: the definition has type mtty-1 on parent mtty, but the active device has type mtty-2 on parent mtty; stop and start the device to apply the definition, or change the definition [unit-differs]"
        define mtty 1 mtty-2 manual
        clean
        define sim0 1 t manual
        run -1 mdevctl check
        [[ $output != *unit-differs* ]]
        rm "$(file 1)"
        finds 1 "$(file 1 sim0): error: the definition has type t on parent sim0, but the active device has type mtty-2 on parent mtty; stop and start the device to apply the definition, or change the definition [unit-differs]"
        # An unreadable definition may be the right one.
        touch "$(file 1)"
        run -1 mdevctl check
        [[ $output != *unit-differs* ]]
}

@test "other-autostart: rules of udev" {
        local rules=$root/etc/udev/rules.d file
        mkdir -p "$rules" "$root/usr/lib/udev/rules.d"
        file=$root/usr/lib/udev/rules.d/60-mdevctl.rules
        printf '# RUN+="/usr/sbin/mdevctl start"\nACTION=="add", \\\n  TEST=="x", ENV{MDEV_STATE}=="registered", RUN+="/bin/sh -c '\''/usr/sbin/mdevctl start-parent-mdevs %%k'\''"\n' >"$file"
        finds 1 "$file: warning: the rule in line 2 runs mdevctl, and may start devices as well; remove the rule, or mask the file with \"ln -sf /dev/null /etc/udev/rules.d/60-mdevctl.rules\" [other-autostart]"
        clean -p mtty
        clean -u "$one"
        ln -s /dev/null "$rules/60-mdevctl.rules"
        clean
        rm "$rules/60-mdevctl.rules"
        printf 'ENV{A}="mdevctl", RUN+="/usr/bin/mdevctl-tool /etc/mdevctl.d"\n#\\\nRUN+="mdevctl"' >"$file"
        clean
}

@test "other-autostart: units nvidia-mdev@" {
        local units=$root/etc/systemd/system
        mkdir -p "$units/multi-user.target.wants"
        ln -s ../nvidia-mdev@.service "$units/multi-user.target.wants/nvidia-mdev@$one.service"
        finds 1 "$units/multi-user.target.wants/nvidia-mdev@$one.service: warning: nvidia-mdev@$one.service also starts devices; let definitions start them, and disable or mask this unit [other-autostart]"
        rm -r "$units/multi-user.target.wants"
        clean
        touch "$units/nvidia-mdev@.service"
        run -1 mdevctl check
        says other-autostart
        ln -sf /dev/null "$units/nvidia-mdev@.service"
        clean
}

@test "findings are sorted, selected and counted" {
        define mtty 2 mtty-9 manual
        define mtty 1 mtty-9 manual
        define away 1 t manual
        touch "$definitions/mtty/x" "$(file 3)"
        equal "$(mdevctl check | sed 's/.*\[//')" "$(printf '%s]\n' parent-absent uuid-ambiguous name-not-uuid type-unsupported uuid-ambiguous type-unsupported definition-unreadable)"
        equal "$(mdevctl check -u "$one" | wc -l)" 4
        equal "$(mdevctl check -p mtty | wc -l)" 5
        equal "$(mdevctl check -p mtty -u "$one" | sed 's/.*\[//')" "$(printf '%s]\n' type-unsupported uuid-ambiguous)"
        run -1 mdevctl check -u "$two"
        run -0 mdevctl check -u "$four"
        equal "$output" ""
        equal "$(mdevctl check --json -u "$four")" "[]"
        run -1 mdevctl check --json -u "$two"
        says '"level": "error"' "\"file\": \"$(file 2)\"" "\"uuid\": \"$two\"" '"parent": "mtty"'
}

@test "usage" {
        run -2 mdevctl check -u none
        run -2 mdevctl check -x
        run -2 mdevctl check word
        run -2 mdevctl check --json=1
}

@test "no control character reaches a terminal or a pipe" {
        local name=$'\e[31m\x7f\xc2\x9b\xff'
        define mtty 1 mtty-1 manual
        touch "$definitions/mtty/$name"
        run -1 mdevctl check
        says '/mtty/\x1b[31m\x7f\xc2\x9b'$'\xef\xbf\xbd: warning'
        run -1 mdevctl check --json
        says '/mtty/\u001b[31m\u007f\u009b'$'\xef\xbf\xbd"'
        rm "$definitions/mtty/$name"
        define mtty 1 mtty-1 manual '{"a": "\u001b\u009b"}'
        active mtty 1 mtty-1
        printf '\e\xff' >"$root/sys/devices/virtual/mtty/$one/a"
        run -0 mdevctl check
        says 'is "\x1b'$'\xef\xbf\xbd''", not "\x1b\xc2\x9b"'
}

@test "define, modify and start warn of what concerns their device, and do their work" {
        define mtty 1 mtty-9 manual
        run --separate-stderr -0 mdevctl define -u "$two" -p mtty -t mtty-8 -a
        equal "$stderr" "Warning: $(file 2): error: parent mtty does not support type mtty-8; change the type with \"mdevctl modify -u $two -p mtty --type TYPE\"; the parent supports mtty-1, mtty-2 [type-unsupported]"
        equal "$output" ""
        exists "$(file 2)"
        run --separate-stderr -0 mdevctl modify -u "$two" --addattr a --value 1
        says_on_stderr mtty-8
        run --separate-stderr -0 mdevctl modify -u "$two" -t mtty-1
        equal "$stderr" ""

        run --separate-stderr -0 mdevctl modify -u "$two" --delattr
        equal "$stderr" ""

        # The device of a definition that conflicts with others.
        define mtty 3 mtty-1 auto
        define mtty 4 mtty-1 auto
        run --separate-stderr -0 mdevctl_with_sysfs start -u "$two"
        equal "$output" ""
        says_on_stderr "Warning: $(file 2): error: 3 definitions of type mtty-1"
        equal "$(wc -l <<<"$stderr")" 1
        exists "$root/sys/bus/mdev/devices/$two"
        # Neither notes nor what concerns others.
        mdevctl_with_sysfs start -u "$(uuid 5)" -p mtty -t mtty-1 2>"$root/stderr"
        equal "$(cat "$root/stderr")" ""
}

@test "they warn of other devices that conflict with theirs" {
        crypto
        matrix 1 auto 5 4
        run --separate-stderr -0 mdevctl modify -u "$one" --addattr a --value 1
        equal "$stderr" ""
        matrix 2 auto 5 4
        run --separate-stderr -0 mdevctl modify -u "$two" --addattr a --value 1
        says_on_stderr "the device and $one get the same queues: 05.0004"
        equal "$(wc -l <<<"$stderr")" 1

        parent sim0 mtty-1
        run --separate-stderr -0 mdevctl define -u "$(uuid 3)" -p sim0 -t mtty-1
        equal "$stderr" ""
        run --separate-stderr -0 mdevctl define -u "$(uuid 3)" -p mtty -t mtty-1
        says_on_stderr "the UUID is also defined under parent sim0"

        # There are as many instances as are needed, then one less.
        echo 2 >"$(type_of mtty mtty-1)/available_instances"
        define mtty 4 mtty-1 auto
        define mtty 5 mtty-1 manual
        run --separate-stderr -0 mdevctl modify -u "$(uuid 5)" --auto
        equal "$stderr" ""
        run --separate-stderr -0 mdevctl modify -u "$(uuid 3)" -p mtty --auto
        says_on_stderr "3 definitions of type mtty-1"
}

says_on_stderr() {
        [[ $stderr == *"$1"* ]] || {
                echo "stderr is: $stderr"
                return 1
        }
}
