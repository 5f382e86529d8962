# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# suites: trixie
# layers: mdevctl
#
# mdevctl side by side with mdevctl 1.4.0, on the same kernel with real devices
#
# Each test gives the same command lines to both, one after the other from the
# same beginning; compared are stdout, exit status, the definitions and what
# the kernel has after each line. tests/compare does the same on a made-up
# tree, for many more lines.

# Variables of lib.bash.
# shellcheck disable=SC2154

one=$(uuid 1) two=$(uuid 2) three=$(uuid 3)

before_each() {
        modprobe mtty
        modprobe mdev-sim
        # mdevctl 1.4.0 wants them to exist.
        mkdir -p /usr/lib/mdevctl/scripts.d/{callouts,notifiers} "$definitions"
        settle
}

# What the system holds that mdevctl can change, with few processes: they take most of the time here.
holds() {
        local device parent type
        for device in "$devices"/*; do
                [ -e "$device" ] || continue
                parent=$(readlink -f "$device/..") type=$(readlink "$device/mdev_type")
                echo "active ${device##*/} ${parent##*/} ${type##*/}"
                [ ! -e "$device/sim/log" ] || echo "  written: $(tr '\n' ' ' <"$device/sim/log")"
        done
        find "$definitions" -type f -printf '%P %m\n' -exec grep -H '' {} + | LC_ALL=C sort
}

nothing_left() {
        local device
        for device in "$devices"/*; do
                [ ! -e "$device" ] || echo 1 >"$device/remove"
        done
        rm -rf "${definitions:?}"/*
        settle
        eventually 20 no_unit_is_up
}

no_unit_is_up() {
        [ -z "$(systemctl list-units --plain --no-legend --state=active,activating,deactivating 'mdev@*')" ]
}

# Gives the lines on stdin to one program: record DIRECTORY FILE-OF-LINES
record() {
        local line arguments count=0
        nothing_left
        while read -r line; do
                [ -n "$line" ] || continue
                count=$((count + 1))
                eval "arguments=($line)"
                echo "\$ $line"
                if [ "${arguments[0]}" = sysfs ]; then
                        echo "${arguments[3]}" >"/sys/class/mdev_bus/${arguments[1]}/mdev_supported_types/${arguments[2]}/create"
                else
                        "$1/${arguments[0]}" "${arguments[@]:1}" </dev/null 2>/tmp/stderr && echo "status 0" || echo "status $?"
                        sed 's/^/# /' /tmp/stderr >&2
                fi
                case $line in *list* | *types* | lsmdev*) ;; *) settle ;; esac
                holds
        done <"$2" | sed -E "/$one|$two|$three/!s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/<uuid>/g"
}

# The lines on stdin have the same outcome with both.
same_outcome() {
        cat >/tmp/lines
        [ -s /tmp/lines ]
        record /opt/mdevctl/usr/bin /tmp/lines >/tmp/original
        record /usr/sbin /tmp/lines >/tmp/ours
        nothing_left
        grep -q '^status 0' /tmp/original
        diff -u /tmp/original /tmp/ours
}

test_parents_and_their_types() {
        same_outcome <<END
mdevctl types
mdevctl types --dumpjson
mdevctl types -p mtty
mdevctl types -p sim0 --dumpjson
mdevctl types -p nowhere
lsmdev
mdevctl list
mdevctl list --dumpjson
END
}

test_the_life_of_a_definition() {
        same_outcome <<END
mdevctl define -u $one -p mtty -t mtty-2 -a
mdevctl list -d
mdevctl list
mdevctl types -p mtty --dumpjson
mdevctl start -u $one
mdevctl start -u $one
mdevctl list
mdevctl list -d
mdevctl list -v
mdevctl list --dumpjson
mdevctl list -d --dumpjson
mdevctl list --dumpjson -u $one
lsmdev -d -v
mdevctl types -p mtty --dumpjson
mdevctl modify -u $one --manual
mdevctl list -d
mdevctl stop -u $one
mdevctl stop -u $one
mdevctl list -d
mdevctl undefine -u $one
mdevctl undefine -u $one
mdevctl list -d
END
}

test_devices_that_are_not_defined() {
        same_outcome <<END
mdevctl start -u $two -p sim0 -t mdev_sim-small
mdevctl list
mdevctl list --dumpjson
mdevctl start -u $two -p sim0 -t mdev_sim-small
mdevctl define -u $two
mdevctl list
mdevctl list -d
mdevctl stop -u $two
mdevctl list -d
sysfs sim0 mdev_sim-small $three
mdevctl list
mdevctl define -u $three -a
mdevctl list -d -v
mdevctl stop -u $three
mdevctl undefine -u $three
mdevctl list
END
}

test_attributes() {
        same_outcome <<END
mdevctl define -u $one -p sim0 -t mdev_sim-small
mdevctl modify -u $one --addattr=sim/a --value=7
mdevctl modify -u $one --addattr=sim/b --value=8
mdevctl modify -u $one --addattr=sim/a --value=6 --index=0
mdevctl list -d -v
mdevctl list -d --dumpjson
mdevctl start -u $one
mdevctl list -v
mdevctl list --dumpjson
mdevctl stop -u $one
mdevctl modify -u $one --delattr --index=0
mdevctl list -d -v
mdevctl modify -u $one --addattr=sim/nothing --value=1
mdevctl start -u $one
mdevctl list
mdevctl modify -u $one --delattr
mdevctl modify -u $one -t mdev_sim-large --auto
mdevctl start -u $one
mdevctl list -d --dumpjson
END
}

test_what_cannot_be() {
        same_outcome <<END
mdevctl start -u $one
mdevctl start -u $one -p nowhere -t mtty-2
mdevctl start -u $one -p mtty -t nothing
mdevctl define -u $one -p nowhere -t mtty-2
mdevctl list -d
mdevctl start -u $one
mdevctl undefine -u $one
mdevctl define -u $two -p mtty -t nothing
mdevctl start -u $two
mdevctl define -u $two -p mtty -t mtty-1
mdevctl stop -u $three
mdevctl modify -u $three --auto
mdevctl list
END
}

test_parents_start_what_is_theirs() {
        same_outcome <<END
mdevctl define -u $one -p mtty -t mtty-2 -a
mdevctl define -u $two -p mtty -t mtty-1 -a
mdevctl define -u $three -p mtty -t mtty-1
mdevctl start-parent-mdevs mtty
mdevctl list
mdevctl start-parent-mdevs sim0
mdevctl start-parent-mdevs nowhere
END
}
