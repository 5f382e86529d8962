# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# mdevctl where systemd cannot do the work now, or is not the one to do it: in
# jobs that wait for the command, during boot and shutdown, in other namespaces
#
# suites: bookworm
# cmdline: mdev_sim.parents=2

# Variables of lib.bash, and scripts in quotes.
# shellcheck disable=SC2016,SC2154

# How long a command may take that has nothing to wait for, in seconds: a process is slow here.
at_once=20

# A wait in a service before sysinit.target delays the boot.
before_boot() {
        local overlay=$1 number
        for number in {1..6}; do
                define sim0 "$number" mdev_sim-small manual
        done
        define sim0 10 mdev_sim-small manual
        define sim0 11 mdev_sim-small manual
        define sim0 12 mdev_sim-small auto
        mkdir -p "$overlay"/etc/{modules-load.d,systemd/system/sysinit.target.wants}
        echo mdev-sim >"$overlay/etc/modules-load.d/mdev-test.conf"

        # One that runs the command, and one that waits for another which does.
        early early <<END
[Service]
Type=oneshot
ExecStart=/usr/sbin/mdevctl start -u $(uuid 10)
END
        early daemon <<END
[Service]
ExecStart=/bin/sh -c 'for i in 11 12; do mdevctl start -u ${uuid_head}\$\$i; echo \$\$? >>/run/early; done'
END
        early client <<END
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'until [ "\$\$(wc -l </run/early)" = 2 ]; do sleep 0.5; done'
END

        # The generator orders devices before this service, so they wait for its stop. It waits for a hook, as
        # the real one does.
        service libvirt-guests <<'END'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/tests/hook
TimeoutStopSec=60
END
        service hooks <<'END'
[Service]
ExecStart=/bin/sh -c 'while :; do read -r line </run/hook; sh -c "$$line"; echo $$? >/run/hook-done; done'
ExecStartPre=/bin/mkfifo /run/hook
END
        printf '%s\n' '#!/bin/sh' 'cat /run/hook-command >/run/hook' \
                'until [ -e /run/hook-done ]; do sleep 0.2; done' >"$overlay/tests/hook"
        chmod +x "$overlay/tests/hook"
}

uuid_head=83b8f4f2-509f-382f-3c1e-0000000000

# service NAME: a unit from stdin, in /etc before the boot and in /run later.
service() {
        local directory=${overlay:+$overlay/etc/systemd/system}
        cat >"${directory:-/run/systemd/system}/$1.service"
}

early() { # NAME
        { printf '[Unit]\nDefaultDependencies=no\nAfter=systemd-modules-load.service systemd-udev-settle.service\nWants=systemd-udev-settle.service\nBefore=sysinit.target\n'; cat; } | service "early-$1"
        ln -s "../early-$1.service" "$overlay/etc/systemd/system/sysinit.target.wants/"
}

before_each() {
        local number
        for number in {1..6}; do
                if exists "$number"; then
                        echo 1 >"$devices/$(uuid "$number")/remove"
                fi
        done
        eventually 60 all_down
        systemctl reset-failed
}

all_down() {
        local number
        for number in {1..6}; do
                state "$number" inactive failed && ! has_job "$number" || return
        done
}

# within SECONDS COMMAND...: succeeds, and in that time. What it has written is in /tmp/output.
within() {
        local begin=$SECONDS limit=$1 status=0
        shift
        timeout "$((limit + 20))" "$@" >/tmp/output 2>&1 </dev/null || status=$?
        cat /tmp/output
        echo "$* took $((SECONDS - begin)) s, status $status"
        [ "$status" = 0 ] && [ $((SECONDS - begin)) -le "$limit" ]
}

# Device and unit agree in the end: up NUMBER, down NUMBER
up() {
        exists "$1"
        eventually 30 state "$1" active
        exists "$1"
}

down() {
        gone "$1"
        eventually 30 state "$1" inactive
        gone "$1"
}

# The device was made by a command and not by its unit.
made_by_command() { # NUMBER
        logged "$1" "$(uuid "$1"): was active already"
}

# From a unit that has no job: through a daemon that runs commands on request.
tell_hooks() {
        rm -f /run/hook-done
        printf '%s\n' "$1" >/run/hook-command
}

test_a_start_before_sysinit_does_not_hold_up_the_boot() {
        equal "$(systemctl show -P Result early-early.service)" success
        equal "$(cat /run/early)" $'0\n0'
        up 10
        up 11
        up 12
        made_by_command 10
        made_by_command 11
        for number in 10 11 12; do
                mdevctl stop -u "$(uuid $number)"
                down $number
        done
}

test_a_stop_after_the_stop_of_what_requires_the_device() {
        service user <<END
[Unit]
Requires=$(unit 1)
After=$(unit 1)
[Service]
ExecStart=/bin/sleep infinity
ExecStopPost=/usr/sbin/mdevctl stop -u $(uuid 1)
TimeoutStopSec=60
END
        systemctl daemon-reload
        systemctl start user.service
        up 1
        within $at_once systemctl stop user.service
        down 1
        equal "$(systemctl show -P Result user.service)" success
}

# There is no job then.
test_a_stop_after_the_end_of_what_requires_the_device() {
        systemctl start user.service
        up 1
        systemctl kill -s KILL --kill-who=main user.service
        eventually $at_once gone 1
        down 1
        eventually 30 systemctl is-failed user.service
        equal "$(systemctl show -P Result user.service)" signal
        rm /run/systemd/system/user.service
        systemctl daemon-reload
}

test_a_start_in_a_unit_that_comes_before_the_device() {
        service before <<END
[Unit]
Before=$(unit 1)
[Service]
Type=oneshot
ExecStartPre=/usr/sbin/mdevctl start -u $(uuid 1)
ExecStart=/bin/test -e $devices/$(uuid 1)
END
        systemctl daemon-reload
        within $at_once systemctl start before.service
        up 1
        made_by_command 1
}

test_hooks_of_guests_that_are_shut_down() {
        systemctl start hooks.service libvirt-guests.service
        systemctl show -P Before "$(unit 1)" | contains libvirt-guests.service
        mdevctl start -u "$(uuid 1)"
        state 1 active
        tell_hooks "mdevctl stop -u $(uuid 1)"
        within $at_once systemctl stop libvirt-guests.service
        equal "$(cat /run/hook-done)" 0
        down 1

        systemctl start libvirt-guests.service
        tell_hooks "mdevctl start -u $(uuid 2)"
        within $at_once systemctl stop libvirt-guests.service
        equal "$(cat /run/hook-done)" 0
        up 2
        made_by_command 2

        systemctl start libvirt-guests.service
        tell_hooks "mdevctl stop -u $(uuid 2) && mdevctl start -u $(uuid 2)"
        within $at_once systemctl stop libvirt-guests.service
        equal "$(cat /run/hook-done)" 0
        exists 2
        quiet 60
        up 2
}

test_a_script_of_one_device_that_starts_another() {
        local notifiers=/usr/lib/mdevctl/scripts.d/notifiers
        mkdir -p $notifiers /run/systemd/system/"$(unit 2)".d
        printf '[Unit]\nAfter=%s\n' "$(unit 1)" >"/run/systemd/system/$(unit 2).d/after.conf"
        printf '#!/bin/sh\n[ "${10}" != %s ] || mdevctl "$6" -u %s\n' "$(uuid 1)" "$(uuid 2)" >$notifiers/pair
        chmod +x $notifiers/pair
        systemctl daemon-reload
        within $at_once systemctl start "$(unit 1)"
        up 1
        up 2
        within $at_once systemctl stop "$(unit 1)"
        down 1
        down 2
        rm -r $notifiers/pair "/run/systemd/system/$(unit 2).d"
        systemctl daemon-reload
}

test_an_order_after_something_that_takes_long() {
        mkdir -p "/run/systemd/system/$(unit 3).d"
        printf '[Unit]\nAfter=long.service\n' >"/run/systemd/system/$(unit 3).d/after.conf"
        printf '[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n' | service long
        systemctl daemon-reload
        systemctl --no-block start long.service
        within $at_once mdevctl start -u "$(uuid 3)"
        exists 3
        within $at_once mdevctl stop -u "$(uuid 3)"
        gone 3
        within $at_once mdevctl start -u "$(uuid 3)"
        exists 3
        systemctl stop long.service
        up 3

        # A job that another process requested is not cancelled.
        mdevctl stop -u "$(uuid 3)"
        down 3
        systemctl --no-block start long.service
        systemctl --no-block start "$(unit 3)"
        has_job 3
        within $at_once mdevctl start -u "$(uuid 3)"
        exists 3
        has_job 3
        systemctl stop long.service
        up 3

        # And what it starts is not there when somebody has stopped it.
        mdevctl stop -u "$(uuid 3)"
        down 3
        systemctl --no-block start long.service
        systemctl --no-block start "$(unit 3)"
        uuid 3 >/sys/class/mdev_bus/sim0/mdev_supported_types/mdev_sim-small/create
        within $at_once mdevctl stop -u "$(uuid 3)"
        systemctl stop long.service
        quiet 60
        down 3
        rm -r "/run/systemd/system/$(unit 3).d"
        systemctl daemon-reload
}

test_a_start_while_the_unit_still_stops() {
        local callouts=/usr/lib/mdevctl/scripts.d/callouts
        mkdir -p $callouts
        printf '#!/bin/sh\n[ "$4-$6" != post-stop ] || sleep 8\nexit 2\n' >$callouts/slow
        chmod +x $callouts/slow
        mdevctl start -u "$(uuid 1)"
        systemctl --no-block stop "$(unit 1)"
        eventually 20 gone 1
        state 1 deactivating
        within 40 mdevctl start -u "$(uuid 1)"
        grep -F "Note: waiting for $(unit 1)" /tmp/output
        up 1
        rm $callouts/slow
        logged 1 "$(uuid 1): created"
}

# Both have found the device missing, and the unit is not stopped for the second.
test_two_starts_at_once() {
        local callouts=/usr/lib/mdevctl/scripts.d/callouts cursor
        cursor=$(journalctl -n 1 --show-cursor -o cat | sed -n 's/^-- cursor: //p')
        printf '#!/bin/sh\n[ "$4-$6" != pre-start ] || sleep 8\nexit 2\n' >$callouts/slow
        chmod +x $callouts/slow
        mdevctl start -u "$(uuid 1)" &
        eventually 20 state 1 activating
        within 40 mdevctl start -u "$(uuid 1)"
        wait $!
        rm $callouts/slow
        state 1 active
        journalctl --sync
        equal "$(journalctl -o cat --after-cursor "$cursor" -u "$(unit 1)" | grep -c -e ': created' -e ': removed')" 1
}

test_systemd_that_does_not_answer() {
        local generators=/run/systemd/system-generators
        mkdir -p $generators
        printf '#!/bin/sh\ntouch /run/busy\nsleep 40\n' >$generators/slow
        chmod +x $generators/slow
        make_busy
        within 30 mdevctl start -u "$(uuid 1)"
        [ -e /run/busy ]
        grep -F 'Note: waiting for systemd to answer, at most' /tmp/output
        exists 1
        wait
        up 1
        made_by_command 1

        make_busy
        within 30 mdevctl stop -u "$(uuid 1)"
        grep -F 'Note: waiting for systemd to answer, at most' /tmp/output
        gone 1
        wait
        quiet 60
        down 1
        rm $generators/slow
}

make_busy() {
        rm -f /run/busy
        systemctl daemon-reload &
        eventually 30 [ -e /run/busy ]
}

test_systemd_that_is_executed_anew() {
        echo 8000 >/sys/module/mdev_sim/parameters/probe_ms
        mdevctl start -u "$(uuid 1)" >/tmp/started 2>&1 &
        eventually 20 state 1 activating
        systemctl daemon-reexec
        wait $!
        echo 0 >/sys/module/mdev_sim/parameters/probe_ms
        cat /tmp/started
        fails grep Error /tmp/started
        up 1
        logged 1 "$(uuid 1): created"
        mdevctl stop -u "$(uuid 1)"
        down 1
}

test_a_namespace_with_other_definitions() {
        mkdir -p /srv/c
        within $at_once unshare -m sh -ec "mount --bind /srv/c /etc/mdevctl.d
                mdevctl define -u ${uuid_head}20 -p sim0 -t mdev_sim-large; mdevctl start -u ${uuid_head}20"
        [ -e "/srv/c/sim0/$(uuid 20)" ]
        [ ! -e "$definitions/sim0/$(uuid 20)" ]
        up 20
        within $at_once unshare -m sh -ec "mount --bind /srv/c /etc/mdevctl.d; mdevctl stop -u ${uuid_head}20"
        down 20
        within $at_once unshare -m sh -ec "mount --bind /srv/c /etc/mdevctl.d
                mdevctl modify -u ${uuid_head}20 -a; mdevctl start-parent-mdevs sim0"
        up 20
        mdevctl stop -u "$(uuid 20)"
        down 20

        # Only one parent's, and only one.
        within $at_once unshare -m sh -ec "mkdir -p $definitions/sim1; mount --bind /srv/c/sim0 $definitions/sim1
                mdevctl start -u ${uuid_head}20"
        up 20
        [ -e /sys/class/mdev_bus/sim1/"$(uuid 20)" ]
        mdevctl stop -u "$(uuid 20)"
        down 20
        rmdir "$definitions/sim1"
        within $at_once unshare -m sh -ec "mount --bind /srv/c/sim0/$(uuid 20) $definitions/sim0/$(uuid 1)
                mdevctl start -u $(uuid 1)"
        equal "$(basename "$(readlink "$devices/$(uuid 1)/mdev_type")")" mdev_sim-large
        rm -r /srv/c
}

# A link that is absolute leads to another place there, or to the same.
test_a_namespace_with_the_same_definitions() {
        within $at_once unshare -m mdevctl start -u "$(uuid 1)"
        up 1
        logged 1 "$(uuid 1): created"
        within $at_once systemd-run -q --wait -p PrivateTmp=yes -p ProtectSystem=strict mdevctl start -u "$(uuid 4)"
        logged 4 "$(uuid 4): created"
        up 4
        within $at_once systemd-run -q --wait -p Type=oneshot mdevctl stop -u "$(uuid 4)"
        down 4

        mkdir -p /srv/{d,e}
        mv "$definitions/sim0/$(uuid 5)" /srv/d/file
        sed s/small/large/ /srv/d/file >/srv/e/file
        ln -s /srv/d/file "$definitions/sim0/$(uuid 5)"
        within $at_once unshare -m mdevctl start -u "$(uuid 5)"
        logged 5 "$(uuid 5): created"
        mdevctl stop -u "$(uuid 5)"
        down 5
        within $at_once unshare -m sh -ec "mount --bind /srv/e /srv/d; mdevctl start -u $(uuid 5)"
        equal "$(basename "$(readlink "$devices/$(uuid 5)/mdev_type")")" mdev_sim-large
        rm "$definitions/sim0/$(uuid 5)"
        mv /srv/d/file "$definitions/sim0/$(uuid 5)"
}

test_a_container_with_the_runtime_directory_of_the_host() {
        within $at_once unshare -pf --mount-proc mdevctl start -u "$(uuid 1)"
        up 1
        made_by_command 1
        within $at_once unshare -pf --mount-proc mdevctl stop -u "$(uuid 1)"
        down 1
        within $at_once unshare -pf --mount-proc mdevctl start -u "$(uuid 21)" -p sim1 -t mdev_sim-large
        up 21
        [ ! -e "/run/mdevctl.d/sim1/$(uuid 21)" ]
        mdevctl stop -u "$(uuid 21)"
        down 21
}

test_a_container_without_the_socket_of_systemd() {
        local command
        for command in "start -u $(uuid 1)" "stop -u $(uuid 1)" "start -u $(uuid 1) -p sim0 -t mdev_sim-small"; do
                within $at_once unshare -m sh -ec "mount -t tmpfs tmpfs /run/systemd; mkdir /run/systemd/system; mdevctl $command"
        done
        up 1
        # Another process left it behind.
        within $at_once unshare -m sh -ec "mount -t tmpfs tmpfs /run/systemd; mkdir /run/systemd/system
                perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => \"/run/systemd/private\", Listen => 1)'
                mdevctl stop -u $(uuid 1)"
        down 1
}

# Whoever listens there: one that accepts nobody.
test_a_socket_that_nobody_answers() {
        cat >/run/silent <<'END'
use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new(Local => "/run/systemd/private", Listen => 1);
my @waiting = map { IO::Socket::UNIX->new(Peer => "/run/systemd/private") } 1 .. $ARGV[0];
open my $ready, ">", "/run/systemd/ready";
sleep 90;
END
        for full in 0 2; do
                within 40 unshare -m sh -ec "mount -t tmpfs tmpfs /run/systemd; mkdir /run/systemd/system
                        perl /run/silent $full & silent=\$!; until [ -e /run/systemd/ready ]; do sleep 0.2; done
                        mdevctl start -u $(uuid 1); kill \$silent"
                grep -F 'Note: waiting for systemd to answer' /tmp/output
                up 1
                mdevctl stop -u "$(uuid 1)"
                down 1
        done
}

test_units_that_are_not_installed() {
        local template=/usr/lib/systemd/system/mdev@.service
        mdevctl modify -u "$(uuid 4)" -a
        mv $template /tmp/
        systemctl daemon-reload
        equal "$(systemctl show -P LoadState "$(unit 1)")" not-found
        within $at_once mdevctl start -u "$(uuid 1)"
        exists 1
        within $at_once mdevctl start -u "$(uuid 2)" -p sim0 -t mdev_sim-small
        exists 2
        within $at_once mdevctl start-parent-mdevs sim0
        exists 4
        within $at_once mdevctl stop -u "$(uuid 2)"
        gone 2
        mv /tmp/mdev@.service $template
        systemctl daemon-reload
        mdevctl modify -u "$(uuid 4)" -m
        udevadm trigger --action=add --subsystem-match=mdev
        up 1
        up 4
}

# A service that stops then may start and stop devices, and does not wait.
last_words() {
        mdevctl start -u "$(uuid 1)"
        mdevctl start -u "$(uuid 2)"
        cat >/run/late-stop <<END
#!/bin/sh
set -e
read -r begin rest </proc/uptime
mdevctl stop -u $(uuid 1)
mdevctl start -u $(uuid 3)
mdevctl stop -u $(uuid 2)
read -r end rest </proc/uptime
echo \$((\${end%.*}\${end#*.} - \${begin%.*}\${begin#*.})) >/run/late
END
        chmod +x /run/late-stop
        service late <<END
[Unit]
Requires=$(unit 1)
After=$(unit 1)
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/run/late-stop
TimeoutStopSec=60
END
        systemctl daemon-reload
        systemctl start late.service
        shut_down 'commands do not hold up the shutdown' \
                "echo \"# three commands took \$(cat /run/late) hundredths of a second\"
                [ \$(cat /run/late) -le $((3 * at_once * 100)) ] && [ \$took -le 6000 ] &&
                [ ! -e $devices/$(uuid 1) ] && [ ! -e $devices/$(uuid 2) ] && [ -e $devices/$(uuid 3) ]"
}
