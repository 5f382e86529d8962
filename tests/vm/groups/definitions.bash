# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Changed definitions are applied without anybody asking for it
#
# processors: 1

before_boot() {
        define mtty 1 mtty-2 manual
}

applied() { # NUMBER
        [ -e "/run/systemd/generator/mdev@$(uuid "$1").service.d/50-mdev.conf" ]
}

watched() { # PARENT
        systemctl show -P Paths mdev-definitions.path | contains "$definitions/$1 "
}

wanted() { # NUMBER
        [ -L "/run/systemd/generator/sys-class-mdev_bus-mtty.device.wants/$(unit "$1")" ]
}

unwanted() {
        ! wanted "$1"
}

quiet() {
        [ "$(systemctl show -P ActiveState mdev-definitions.service)" = inactive ]
}

# How often systemd has been asked to reload.
reloads() {
        journalctl --sync
        journalctl -b -o cat _PID=1 | grep -cE '^Reloading\.*$' || :
}

test_the_directories_are_watched() {
        systemctl is-active mdev-definitions.path
        watched mtty
}

test_a_new_file_starts_with_the_next_parent() {
        define mtty 2 mtty-2 auto
        eventually 30 wanted 2
        modprobe mtty
        eventually 30 state 2 active
        exists 2
}

test_a_file_changed_in_place() {
        define mtty 1 mtty-1 auto
        eventually 30 wanted 1
        define mtty 1 mtty-1 manual
        eventually 30 unwanted 1
}

# ExecStopPost= runs after the last look, and before systemd watches again.
test_a_file_that_changes_when_nobody_watches() {
        mkdir -p /run/systemd/system/mdev-definitions.service.d
        printf '[Service]\nExecStopPost=/run/late\n' >/run/systemd/system/mdev-definitions.service.d/late.conf
        cat >/run/late <<END
#!/bin/sh
[ -e /run/was-late ] || sed s/manual/auto/ $definitions/mtty/$(uuid 1) >$definitions/mtty/.new
[ -e /run/was-late ] || mv $definitions/mtty/.new $definitions/mtty/$(uuid 1)
touch /run/was-late
END
        chmod +x /run/late
        systemctl daemon-reload
        define mtty 4 mtty-1 manual
        eventually 30 applied 4
        eventually 30 wanted 1
        [ -e /run/was-late ]
        rm -r /run/systemd/system/mdev-definitions.service.d
        rm "$definitions/mtty/$(uuid 4)"
        define mtty 1 mtty-1 manual
        eventually 30 unwanted 1
}

test_a_file_replaced_by_rename() {
        define mtty 3 mtty-1 auto
        mv "$definitions/mtty/$(uuid 3)" "$definitions/mtty/.new"
        sleep 3
        mv "$definitions/mtty/.new" "$definitions/mtty/$(uuid 3)"
        eventually 30 wanted 3
}

test_a_new_parent() {
        define other 4 mtty-1 auto
        eventually 30 applied 4
        eventually 30 watched other
        # The new directory is watched by now.
        define other 5 mtty-1 auto
        eventually 30 applied 5
}

test_a_removed_file_takes_nothing_running_away() {
        eventually 30 quiet
        state 2 active
        rm "$definitions/mtty/$(uuid 2)"
        eventually 30 unwanted 2
        state 2 active
        exists 2
}

test_the_whole_directory_goes_and_returns() {
        eventually 30 quiet
        applied 5
        mv "$definitions" "$definitions.away"
        eventually 30 fails applied 5
        mv "$definitions.away" "$definitions"
        eventually 30 applied 5
        eventually 30 watched other
}

test_a_burst_causes_a_handful_of_reloads() {
        local before number
        eventually 30 quiet
        before=$(reloads)
        for number in {1000..1999}; do # without a process each, so that it is a burst here, too
                printf '{"mdev_type": "mtty-1", "start": "auto"}' \
                        >"$definitions/other/83b8f4f2-509f-382f-3c1e-00000000$number"
        done
        eventually 60 applied 1999
        eventually 30 applied 1000
        eventually 60 quiet
        echo "reloads: $before before, $(reloads) after"
        [ "$(reloads)" -gt "$before" ]
        [ $(($(reloads) - before)) -le 5 ]
}
