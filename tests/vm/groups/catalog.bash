# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# "journalctl -x" explains each failure that an administrator can do something about
#
# cmdline: mdev_sim.parents=2 mdev_sim.instances=2

# suites: trixie

# Variables of lib.bash.
# shellcheck disable=SC2154

scripts=/etc/mdevctl.d/scripts.d/callouts

before_boot() {
        # $top is that of tests/vm/boot.
        # shellcheck disable=SC2154
        cp "$top/lib/message-id.h" "$1/tests/"
}

# The journal of a unit has one entry with an id, which the catalog explains: explained NUMBER NAME FIELD=VALUE...
explained() {
        local id entry field message
        local -r number=$1 name=$2
        shift 2
        id=$(sed -n "s/^#define MESSAGE_$name \"\(.*\)\"/\1/p" /tests/message-id.h)
        journalctl --sync
        entry=$(journalctl -q -o export -u "$(unit "$number")" "MESSAGE_ID=$id")
        echo "$entry"
        for field in "MDEV_UUID=$(uuid "$number")" SYSLOG_IDENTIFIER=mdev-helper "$@"; do
                contains "$field" <<<"$entry"
                grep -qx -- "$field" <<<"$entry"
        done
        # Once, and not on stderr as well.
        message=$(sed -n 's/^MESSAGE=//p' <<<"$entry")
        equal "$(grep -c . <<<"$message")" 1
        equal "$(journalctl -q -o cat -u "$(unit "$number")" | grep -cFx -- "$message")" 1
        journalctl -q -x --no-pager -u "$(unit "$number")" "MESSAGE_ID=$id" >/tmp/explanation
        cat /tmp/explanation
        contains 'Defined-By: mdev-generator' </tmp/explanation
        contains "$(uuid "$number")" < <(grep Subject /tmp/explanation) || grep -q 'Subject: Parent' /tmp/explanation
        fails grep '@[A-Z_]*@' /tmp/explanation
}

# The journal knows the unit itself.
attributed() { # NUMBER NAME
        explained "$@" "_SYSTEMD_UNIT=$(unit "$1")" "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID "$(unit "$1")")"
}

test_type_unknown() {
        journalctl --update-catalog
        modprobe mdev-sim
        define sim0 1 mdev_sim-none manual
        systemctl daemon-reload
        fails systemctl start "$(unit 1)"
        attributed 1 TYPE_UNKNOWN MDEV_PARENT=sim0 MDEV_TYPE=mdev_sim-none ERRNO=2 PRIORITY=3
        { systemctl status -n 5 "$(unit 1)" || :; } | contains 'does not support type mdev_sim-none'
}

test_attribute_refused() {
        define sim0 2 mdev_sim-small manual '{"sim/a": "1"}, {"sim/errno": "28"}'
        systemctl daemon-reload
        fails mdevctl start -u "$(uuid 2)" 2>/tmp/stderr
        cat /tmp/stderr
        contains 'attribute 2 of 2, sim/errno, did not take the value "28"' </tmp/stderr
        attributed 2 ATTRIBUTE_REFUSED MDEV_PARENT=sim0 MDEV_TYPE=mdev_sim-small MDEV_ATTRIBUTE=sim/errno ERRNO=28
        attributed 2 HALF_CONFIGURED_REMOVED MDEV_PARENT=sim0 MDEV_TYPE=mdev_sim-small PRIORITY=6
}

test_no_instance_left() {
        local number
        for number in 3 4 5; do
                define sim0 $number mdev_sim-small manual
        done
        systemctl daemon-reload
        systemctl start "$(unit 3)" "$(unit 4)"
        fails systemctl start "$(unit 5)"
        attributed 5 NO_INSTANCE_LEFT MDEV_PARENT=sim0 MDEV_TYPE=mdev_sim-small
        systemctl stop "$(unit 3)" "$(unit 4)"
}

test_creation_refused() {
        echo 5 >/sys/module/mdev_sim/parameters/probe_errno
        fails systemctl start "$(unit 3)"
        echo 0 >/sys/module/mdev_sim/parameters/probe_errno
        attributed 3 CREATION_REFUSED MDEV_PARENT=sim0 ERRNO=5
}

test_definition_unreadable() {
        echo '{' >"$definitions/sim0/$(uuid 6)"
        fails systemctl start "$(unit 6)"
        attributed 6 DEFINITION_UNREADABLE MDEV_PARENT=sim0 ERRNO=74
        rm "$definitions/sim0/$(uuid 6)"
}

test_definition_ambiguous() {
        define sim0 7 mdev_sim-small manual
        define sim1 7 mdev_sim-small manual
        systemctl daemon-reload
        fails systemctl start "$(unit 7)"
        attributed 7 DEFINITION_AMBIGUOUS ERRNO=76
        rm "$definitions"/sim?/"$(uuid 7)"
}

test_not_defined() {
        fails systemctl start "$(unit 12)"
        attributed 12 NOT_DEFINED ERRNO=2 PRIORITY=3
}

test_callout_refused() {
        mkdir -p $scripts
        # shellcheck disable=SC2016
        printf '#!/bin/sh\ncase "$*" in *"-e pre"*) echo no >&2; exit 1;; *) exit 2;; esac\n' >$scripts/no
        chmod +x $scripts/no
        define sim0 8 mdev_sim-small manual
        systemctl daemon-reload
        fails systemctl start "$(unit 8)"
        rm $scripts/no
        attributed 8 CALLOUT_REFUSED MDEV_PARENT=sim0 MDEV_TYPE=mdev_sim-small ERRNO=1
}

test_device_in_use() {
        modprobe vfio_iommu_type1
        modprobe mtty
        define mtty 9 mtty-1 manual
        systemctl daemon-reload
        systemctl start "$(unit 9)"
        hold 9
        systemctl stop "$(unit 9)"
        exists 9
        attributed 9 DEVICE_IN_USE MDEV_PARENT=mtty MDEV_TYPE=mtty-1 ERRNO=16
        kill "$holder"
        wait "$holder" || :
        eventually 10 state 9 failed active
        mdevctl stop -u "$(uuid 9)" || :
}

test_device_differs() {
        define mtty 10 mtty-1 manual
        systemctl daemon-reload
        uuid 10 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create
        eventually 30 state 10 failed
        attributed 10 DEVICE_DIFFERS MDEV_PARENT=mtty MDEV_TYPE=mtty-2 ERRNO=17
        echo 1 >"$devices/$(uuid 10)/remove"
}

# systemd starts no unit whose parent is absent; the parent leaves during the start. journalctl shows what a
# helper says outside its unit, too.
test_parent_not_registered() {
        define sim9 11 mdev_sim-small manual
        fails systemd-run -q --wait /usr/libexec/mdev-helper start "$(uuid 11)"
        explained 11 PARENT_NOT_REGISTERED MDEV_PARENT=sim9 MDEV_TYPE=mdev_sim-small ERRNO=19
}

# Without the socket, the message is a line on stderr.
test_without_the_journals_socket() {
        systemctl reset-failed 'mdev@*'
        mkdir -p "/run/systemd/system/$(unit 1).d"
        printf '[Service]\nInaccessiblePaths=/run/systemd/journal/socket\n' >"/run/systemd/system/$(unit 1).d/no-socket.conf"
        systemctl daemon-reload
        fails systemctl start "$(unit 1)"
        journalctl --sync
        journalctl -o export "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID "$(unit 1)")" >/tmp/entries
        cat /tmp/entries
        contains 'does not support type mdev_sim-none' </tmp/entries
        fails grep -q "MESSAGE_ID=$(sed -n 's/^#define MESSAGE_TYPE_UNKNOWN "\(.*\)"/\1/p' /tests/message-id.h)" /tmp/entries
}
