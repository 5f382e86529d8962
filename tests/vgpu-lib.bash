# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Functions for the tests of vGPUs; load it after lib.bash

# Variables of lib.bash, and for the tests.
# shellcheck disable=SC2034,SC2154

# A card with one virtual function, $name, whose controls are in $directory.
setup_vgpu() {
        name=0000:41:00.4
        card=0000:41:00.0
        vgpus=$root/etc/vgpu.d
        mkdir -p "$vgpus" "$root/sys/bus/pci/devices" "$root/sys/devices/pci0000:40/$card"
        driver pci nvidia
        virtual_function "$name"
        controls "$name"
}

# A virtual function of the card, which has no directory of the driver yet.
virtual_function() { # FUNCTION
        bus_device pci "$1" nvidia
        : >"$root/sys/bus/pci/devices/$1/uevent"
        ln -sfn "$root/sys/devices/pci0000:40/$card" "$root/sys/bus/pci/devices/$1/physfn"
        ln -sfn "$root/sys/bus/pci/devices/$1" "$root/sys/devices/pci0000:40/$card/virtfn${1##*.}"
}

controls() { # FUNCTION
        directory=$root/sys/bus/pci/devices/$1/nvidia
        mkdir -p "$directory"
        printf 'ID    : vGPU Name\n1155  : NVIDIA L40S-24Q\n1156  : NVIDIA L40S-48Q\n' >"$directory/creatable_vgpu_types"
        present 0
        : >"$directory/vgpu_params"
}

present() { # NUMBER
        tee "$directory/.present" >"$directory/current_vgpu_type" <<<"$1"
}

vgpu() { # FUNCTION TYPE [START] [ATTRIBUTES]: the type is JSON
        printf '{"vgpu_type": %s, "start": "%s", "attrs": [%s]}\n' "$2" "${3:-auto}" "${4:-}" >"$vgpus/$1"
}
