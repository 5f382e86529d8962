# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# libvirt and QEMU take what mdevctl hostdev prints
#
# layers: libvirt
# suites: bookworm
#
# The QEMU is the one that emulates this VM, with its own libraries and loader: Debian's libvirt layer has
# none. Only Debian 12's layer has libvirt's driver for it.

# Variables of lib.bash.
# shellcheck disable=SC2154

qemu=/usr/bin/qemu-system-x86_64

before_boot() { # OVERLAY
        local directory=$1/opt/qemu
        mkdir -p "$directory"/{lib,modules,share} "$1/usr/bin"
        cp -L $qemu "$directory/qemu"
        ldd $qemu | grep -o '/[^ ]*' | xargs -I{} cp -L {} "$directory/lib/"
        cp -L /usr/lib/x86_64-linux-gnu/qemu/accel-tcg-*.so "$directory/modules/" 2>/dev/null || :
        cp -L /usr/share/seabios/bios*.bin /usr/share/qemu/kvmvapic.bin "$directory/share/"
        cat >"$1$qemu" <<'END'
#!/bin/sh
export QEMU_MODULE_DIR=/opt/qemu/modules
exec /opt/qemu/lib/ld-linux-x86-64.so.2 --library-path /opt/qemu/lib /opt/qemu/qemu -L /opt/qemu/share "$@"
END
        chmod +x "$1$qemu"
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
    <emulator>$qemu</emulator>
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

refused() {
        fails mdevctl stop -u "$(uuid 1)" 2>/tmp/refusal
        cat /tmp/refusal
        contains 'guest (' </tmp/refusal
}

test_a_guest_holds_the_device() {
        local guest
        modprobe vfio_iommu_type1
        # shellcheck disable=SC2046
        $qemu -name guest,process=guest -M pc,accel=tcg -m 16 -nodefaults -display none \
                $(mdevctl hostdev --qemu -u "$(uuid 1)") >/tmp/qemu 2>&1 &
        guest=$!
        eventually 60 eval '! : <>"/dev/vfio/$(basename "$(readlink "$devices/$(uuid 1)/iommu_group")")"' 2>/dev/null ||
                { cat /tmp/qemu && return 1; }
        eventually 30 refused
        exists 1
        kill $guest
        wait $guest || :
        mdevctl stop -u "$(uuid 1)"
        gone 1
}
