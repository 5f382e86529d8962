# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Inside the virtual machine: a host with devices in each state, and how
# "mdevctl status" looks on its terminal; see docs/picture/make
#
# hardware: -device pci-testdev,addr=4

# Variables of tests/vm/boot and lib.bash.
# shellcheck disable=SC2154

before_boot() { # ROOT
        take_qemu "$1"
        define 0000:00:04.0 1 mdev_sim-small auto '{"sim/a": "1"}'
        define 0000:00:04.0 2 mdev_sim-small auto
        define 0000:00:04.0 3 mdev_sim-large manual '{"sim/errno": "5"}'
        define 0000:00:04.0 4 mdev_sim-large manual
        define 0000:3b:00.0 5 nvidia-558 auto
        define mtty 6 mtty-2 auto
        define mtty 7 mtty-1 manual
}

show() {
        local address=0000:00:04.0 number
        export LANG=C.UTF-8 TERM=xterm-256color COLUMNS=120
        modprobe mdev-sim parents=0
        echo mdev_sim >"/sys/bus/pci/devices/$address/driver_override"
        echo $address >/sys/bus/pci/drivers_probe
        modprobe mtty
        for number in 1 2 6; do
                eventually 60 state $number active
        done
        fails systemctl start "$(unit 3)" 2>/dev/null
        mdevctl start -u "$(uuid 8)" -p mtty -t mtty-1
        hold_with_qemu 6
        journalctl --sync
        echo 'picture begins'
        # The command as somebody typed it, and what it prints.
        printf '# mdevctl status\n'
        script -qec 'mdevctl status' /dev/null </dev/null
        echo 'picture ends'
}
