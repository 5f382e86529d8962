# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# mdevctl's XML is that of Debian's libvirt
#
# suites: bookworm
# layers: libvirt
# hardware: -device pci-testdev,addr=4
#
# libvirt 9 shows the attributes of the definition for an active device, too, and has no --inactive. It does
# not escape attributes.

# Variables of lib.bash.
# shellcheck disable=SC2154

virsh() {
        command virsh -c nodedev:///system "$@"
}

# libvirt's name of a device: node NUMBER PARENT
node() {
        echo "mdev_$(uuid "$1" | tr - _)_${2//[^a-z0-9]/_}"
}

# libvirt prints the same as mdevctl: same NUMBER PARENT [OPTION-OF-LIST [OPTION-OF-VIRSH]]. It learns of changes
# a moment later, and appends an empty line.
same() {
        local mdevctl virsh
        mdevctl=$(mdevctl list --dumpxml -u "$(uuid "$1")" ${3:+"$3"})
        virsh=$(virsh nodedev-dumpxml "$(node "$1" "$2")" ${4:+"$4"})
        diff -u <(echo "$virsh") <(echo "$mdevctl")
}

# The inner capability of a parent, from the left margin and with sorted types.
types() { # NODE
        virsh nodedev-dumpxml "$1" | awk '
                /^    / && /<capability type=.mdev_types.>/ { inside = 1; print substr($0, 5); next }
                inside && /^    <\/capability>/ { for (i = 1; i <= n; i++) printf "%s", type[i]; print substr($0, 5); exit }
                inside && /<type id=/ { n++ }
                inside { type[n] = type[n] substr($0, 5) "\n" }' | sort_types
}

# Sorts the types, each as one line.
sort_types() {
        awk '/<type / { block = "" }
                { block = block (block == "" ? "" : "\x01") $0 }
                /<\/type>|capability/ { print block; block = "" }' |
                { read -r first && echo "$first"; sed '$d' | LC_ALL=C sort | tr '\001' '\n'; echo '</capability>'; }
}

# libvirt prints the same types, but not sorted: same_types NODE PARENT
same_types() {
        types "$1" >/tmp/types
        cat /tmp/types
        grep -c '<type id=' /tmp/types | grep -qx 2
        mdevctl types --dumpxml -p "$2" | diff -u /tmp/types -
}

# libvirt's own schema refuses what it cannot define, too: refused_by_schema FILE
refused_by_schema() {
        virsh nodedev-define --validate "$1" >/tmp/answer 2>&1 || :
        cat /tmp/answer
        contains 'XML document failed to validate against schema' </tmp/answer
}

test_types() {
        modprobe mtty
        modprobe mdev-sim
        systemctl start libvirtd.socket
        eventually 30 eval 'virsh nodedev-list --cap mdev_types | contains mtty_mtty'
        same_types mtty_mtty mtty
}

test_definitions() {
        define mtty 1 mtty-2 manual
        define mtty 2 mtty-1 auto '{"z": "1"}, {"a": "2 and 3"}, {"z": "3/4:5=6,7"}'
        define sim0 3 mdev_sim-small manual '{"sim/b": "1"}, {"sim/a": "2"}'
        define 'a<b' 4 'x&y' manual
        # This one exists, but is no parent of mediated devices.
        define 0000:00:01.0 5 i915-GVTg_V5_4 auto
        define 0000:3b:00.0 6 nvidia-558 auto '{"nvidia/vgpu_params": "a=1"}'
        define matrix 7 vfio_ap-passthrough manual '{"assign_adapter": "5"}, {"assign_domain": "0xab"}'
        eventually 30 same 7 matrix -d
        same 1 mtty -d
        same 2 mtty -d
        same 3 sim0 -d
        same 4 'a<b' -d
        same 5 0000:00:01.0 -d
        virsh nodedev-dumpxml "$(node 5 0000:00:01.0)" | contains '<parent>pci_0000_00_01_0</parent>'
        same 6 0000:3b:00.0 -d
}

test_active_devices() {
        mdevctl start -u "$(uuid 1)"
        mdevctl start -u "$(uuid 8)" -p mtty -t mtty-1
        uuid 9 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        mdevctl start -u "$(uuid 10)" -p sim0 -t mdev_sim-small
        eventually 30 same 10 sim0
        eventually 30 same 9 mtty
        same 8 mtty
        same 1 mtty
        mdevctl list --dumpxml -u "$(uuid 9)" | grep "<iommuGroup number='[1-9]"
        same_types mtty_mtty mtty
}

# A parent that a driver makes of a PCI function, as vGPUs have it.
test_a_pci_parent() {
        local address=0000:00:04.0 node=pci_0000_00_04_0
        echo mdev_sim >"/sys/bus/pci/devices/$address/driver_override"
        echo $address >/sys/bus/pci/drivers_probe
        eventually 30 eval "virsh nodedev-list --cap mdev_types | contains $node"
        same_types $node $address
        define $address 20 mdev_sim-small manual '{"sim/b": "1"}, {"sim/a": "2"}'
        define $address 21 mdev_sim-large auto
        eventually 30 same 21 $address -d
        same 20 $address -d
        mdevctl start -u "$(uuid 21)"
        mdevctl start -u "$(uuid 22)" -p $address -t mdev_sim-small
        eventually 30 same 22 $address
        same 21 $address
        mdevctl list --dumpxml -u "$(uuid 22)" >/tmp/device.xml
        cat /tmp/device.xml
        contains "<parent>$node</parent>" </tmp/device.xml
        contains "/$address/$(uuid 22)</path>" </tmp/device.xml
        same_types $node $address
        contains '<availableInstances>14</availableInstances>' </tmp/types
}

# Both are those of the device and of the definition, which is another one.
test_newer_libvirt_tells_device_from_definition() {
        command virsh help nodedev-dumpxml | contains --inactive || return 0
        mkdir -p /usr/lib/mdevctl/scripts.d/callouts
        # shellcheck disable=SC2016
        printf '#!/bin/sh\ncase "$*" in *"-a attributes"*) echo "%s";; *) exit 2;; esac\n' '[{\"live\": \"1\"}, {\"live\": \"2\"}]' \
                >/usr/lib/mdevctl/scripts.d/callouts/attributes
        chmod +x /usr/lib/mdevctl/scripts.d/callouts/attributes
        mdevctl start -u "$(uuid 3)"
        eventually 30 same 3 sim0
        virsh nodedev-dumpxml "$(node 3 sim0)" | contains "<attr name='live' value='2'/>"
        same 3 sim0 -d --inactive
        mdevctl modify -u "$(uuid 3)" -t other
        eventually 30 same 3 sim0 -d --inactive
        same 3 sim0
        rm /usr/lib/mdevctl/scripts.d/callouts/attributes
}

# libvirt defines a device from our XML under another UUID, with a schema that this XML must follow. The schema
# has types for the buses of real parents only.
test_the_schema_accepts_it() {
        mdevctl list --dumpxml -u "$(uuid 1)" | sed "s/$(uuid 1)/$(uuid 11)/" >/tmp/device.xml
        virsh nodedev-define --validate /tmp/device.xml
        define mtty 12 mtty-1 manual '{"a": "<\"&'"'"'> \t\u0001\u007f"}'
        mdevctl list -d --dumpxml -u "$(uuid 12)" | sed "s/$(uuid 12)/$(uuid 13)/" >/tmp/device.xml
        virsh nodedev-define --validate /tmp/device.xml
        equal "$(mdevctl list -d -v --dumpjson -u "$(uuid 13)" | grep '"a"')" $'      "a": "<\\"&\'> \\t\x7f"'
        {
                echo '<device><name>ap_matrix</name><capability type="ap_matrix">'
                mdevctl types --dumpxml -p mtty
                echo '</capability></device>'
        } >/tmp/types.xml
        fails refused_by_schema /tmp/types.xml
        sed -i 's/deviceAPI/api/g' /tmp/types.xml
        refused_by_schema /tmp/types.xml
}
