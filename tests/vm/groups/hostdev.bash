# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# libvirt and QEMU take what mdevctl hostdev prints
#
# layers: libvirt
# suites: bookworm
#
# Debian's libvirt layer has no QEMU. Only Debian 12's layer has libvirt's driver for it.

# Variables of lib.bash.
# shellcheck disable=SC2154

before_boot() { # ROOT
        take_qemu "$1"
}

virsh() {
        command virsh -c qemu:///system "$@"
}

# domain NUMBER: prints the name of a file that describes a domain with the device.
domain() {
        cat >"/tmp/$1.xml" <<END
<domain type='qemu'>
  <name>guest$1</name>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    $(mdevctl hostdev -u "$(uuid "$1")")
  </devices>
</domain>
END
        echo "/tmp/$1.xml"
}

test_libvirt_takes_it() {
        modprobe mtty
        define mtty 1 mtty-2 manual
        systemctl start libvirtd.socket
        virsh define --validate "$(domain 1)"
        mdevctl hostdev -u "$(uuid 1)" | head -n 1
        # libvirt adds the address in the guest.
        virsh dumpxml guest1 | sed -n '/<hostdev/,/<\/hostdev>/ { s/^    //; / <address type=/d; p }' >/tmp/hostdev
        mdevctl hostdev -u "$(uuid 1)" | diff -u /tmp/hostdev -
}

test_it_is_qemus_option() {
        mdevctl start -u "$(uuid 1)"
        virsh domxml-to-native qemu-argv "$(domain 1)" >/tmp/argv
        cat /tmp/argv
        tr ' ' '\n' </tmp/argv | contains "sysfsdev=/sys/bus/mdev/devices/$(uuid 1)" ||
                contains "\"sysfsdev\":\"/sys/bus/mdev/devices/$(uuid 1)\"" </tmp/argv
        mdevctl hostdev --qemu -u "$(uuid 1)"
        equal "$(mdevctl hostdev --qemu -u "$(uuid 1)")" "-device vfio-pci,sysfsdev=$devices/$(uuid 1)"
}

test_a_guest_holds_the_device() {
        hold_with_qemu 1
        fails mdevctl stop -u "$(uuid 1)" 2>/tmp/refusal
        cat /tmp/refusal
        contains "qemu-system-x86 ($holder)" </tmp/refusal
        exists 1
}

# The guest of the test before still runs.
test_status_names_the_guest() {
        local holder
        holder=$(pgrep -x qemu-system-x86)
        [[ $(mdevctl status | grep -F "$(uuid 1)") == *" active "*"used by qemu-system-x86 ($holder)" ]]
        mdevctl status -u "$(uuid 1)" | contains "In use by: qemu-system-x86 ($holder)"
        mdevctl status --json -u "$(uuid 1)" | tr -d ' \n' |
                contains "\"holders\":[{\"pid\":$holder,\"name\":\"qemu-system-x86\"}]"
}

test_the_device_can_be_stopped_after_the_guest() {
        kill "$(pgrep -x qemu-system-x86)"
        eventually 30 fails pgrep -x qemu-system-x86 >/dev/null
        mdevctl status -u "$(uuid 1)" | contains 'In use by: nobody'
        mdevctl stop -u "$(uuid 1)"
        gone 1
}
