# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# seconds: 3600
#
# In a virtual machine: udevd's CPU time for events that have nothing to do with
# mediated devices, which are all but a few of a host, with our rule, with
# mdevctl's and with neither, in turn; see bench/run
#
# Words on the kernel command line: rounds=NUMBER, events=NUMBER in each of them

# shellcheck source=bench/guest.bash
. "${top:-}/bench/guest.bash"

rule=/etc/udev/rules.d/60-mdev.rules

# Variables of tests/vm/boot.
# shellcheck disable=SC2154
before_boot() { # ROOT
        take_along "$1"
        cp "$(dirname "$("$top/tests/compare/original")")/opt/mdevctl/usr/lib/udev/rules.d/60-mdevctl.rules" "$1/bench/"
}

switch_to() { # CONTENDER
        ln -sf /dev/null "$rule"
        rm -f /etc/udev/rules.d/60-mdevctl.rules
        case $1 in
        ours) rm "$rule" ;;
        mdevctl) cp /bench/60-mdevctl.rules /etc/udev/rules.d/ ;;
        esac
        udevadm control --reload
}

# In microseconds.
udevd_time() {
        sed -n 's/^usage_usec //p' /sys/fs/cgroup/system.slice/systemd-udevd.service/cpu.stat
}

# Makes as many events of all virtual devices there are, none of which is a parent, one after the other.
events_make() { # NUMBER
        local files=(/sys/devices/virtual/*/*/uevent) i
        for ((i = 0; i < $1; i++)); do
                echo change >"${files[i % ${#files[@]}]}"
                # Otherwise this would measure the queue of udevd.
                (((i + 1) % 200 > 0)) || udevadm settle
        done
        udevadm settle
}

show() {
        local round contender before events
        events=$(given events 2000)
        machine
        switch_to none
        events_make 400
        for ((round = 1; round <= $(given rounds 5); round++)); do
                for contender in ours mdevctl none; do
                        switch_to "$contender"
                        events_make 20
                        before=$(udevd_time)
                        events_make "$events"
                        echo "round $round $contender $((($(udevd_time) - before) / events))"
                done
        done
}
