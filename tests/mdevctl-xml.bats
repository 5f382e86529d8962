#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What mdevctl prints for libvirt and QEMU

# Variables of bats and of lib.bash; every test is a subshell. Scripts in quotes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

gpu=0000:00:02.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
        parent $gpu t2 t10
        # In the kernel's own tree, each device names its bus.
        subsystem "$root/sys/devices/virtual/mtty" class/mtty
        mkdir -p "$root/sys/devices/pci0000:00"
        mv "$root/sys/devices/virtual/$gpu" "$root/sys/devices/pci0000:00/"
        ln -sfn "../../devices/pci0000:00/$gpu" "$root/sys/class/mdev_bus/$gpu"
        subsystem "$root/sys/devices/pci0000:00/$gpu" bus/pci
}

# subsystem DEVICE CLASS-OR-BUS
subsystem() {
        mkdir -p "$root/sys/$2/devices"
        ln -sfn "$root/sys/$2" "$1/subsystem"
        ln -sfn "$1" "$root/sys/$2/devices/${1##*/}"
}

# bound NUMBER DRIVER GROUP: an active device has these.
bound() {
        local device
        device=$(realpath "$root/sys/bus/mdev/devices/$(uuid "$1")")
        ln -s "../../../../bus/mdev/drivers/$2" "$device/driver"
        ln -s "../../../../kernel/iommu_groups/$3" "$device/iommu_group"
}

# The attributes of an active device come from a script.
attributes_script() {
        script callouts attributes "case \"\$*\" in *'-a attributes'*) echo '$1' ;; *) exit 2 ;; esac"
}

# The name of a device with a number: node NUMBER PARENT
node() {
        echo "mdev_$(uuid "$1" | tr - _)_$2"
}

# fails_with STATUS TEXT COMMAND...: prints nothing on stdout.
fails_with() {
        local status=$1 text=$2
        shift 2
        run --separate-stderr "-$status" "$@"
        equal "$output" ""
        [[ $stderr == *"$text"* ]] || {
                echo "$stderr"
                return 1
        }
}

@test "an active device" {
        define mtty 1 mtty-1 auto '{"stored": "1"}'
        active mtty 1 mtty-2
        bound 1 mtty 17
        attributes_script '[{"z": "1"}, {"a": "2 and 3"}, {"z": "3"}]'
        run -0 mdevctl list --dumpxml -u "$one"
        diff - <(echo "$output") <<END
<device>
  <name>$(node 1 mtty)</name>
  <path>$root/sys/devices/virtual/mtty/$one</path>
  <parent>mtty_mtty</parent>
  <driver>
    <name>mtty</name>
  </driver>
  <capability type='mdev'>
    <type id='mtty-2'/>
    <uuid>$one</uuid>
    <parent_addr>mtty</parent_addr>
    <iommuGroup number='17'/>
    <attr name='z' value='1'/>
    <attr name='a' value='2 and 3'/>
    <attr name='z' value='3'/>
  </capability>
</device>
END
        equal "$(lsmdev --uuid "$one" --dumpxml)" "$output"
}

@test "a definition, not active and active" {
        local xml
        define $gpu 2 t2 manual '{"nvidia/vgpu_params": "a=1"}'
        xml="<device>
  <name>$(node 2 0000_00_02_0)</name>
  <parent>pci_0000_00_02_0</parent>
  <capability type='mdev'>
    <type id='t2'/>
    <uuid>$two</uuid>
    <parent_addr>$gpu</parent_addr>
    <iommuGroup number='0'/>
    <attr name='nvidia/vgpu_params' value='a=1'/>
  </capability>
</device>"
        equal "$(mdevctl list -d --dumpxml -u "$two")" "$xml"
        fails_with 1 "Device $two is not active; add --defined" mdevctl list --dumpxml -u "$two"

        mkdir "$root/sys/devices/pci0000:00/$gpu/$two"
        ln -s ../mdev_supported_types/t10 "$root/sys/devices/pci0000:00/$gpu/$two/mdev_type"
        ln -s "../../../devices/pci0000:00/$gpu/$two" "$root/sys/bus/mdev/devices/$two"
        bound 2 nvidia-vgpu 5
        equal "$(mdevctl list -d --dumpxml -u "$two")" "${xml/"number='0'"/"number='5'"}"
        run -0 mdevctl list --dumpxml -u "$two"
        says "<path>$root/sys/devices/pci0000:00/$gpu/$two</path>" '<parent>pci_0000_00_02_0</parent>' \
                '<name>nvidia-vgpu</name>' "<type id='t10'/>" "<iommuGroup number='5'/>"
}

@test "what a device does not have is left out" {
        active mtty 1 mtty-2
        run -0 mdevctl list --dumpxml -u "$one"
        [[ $output != *driver* && $output != *iommuGroup* && $output != *attr* ]]
}

# libvirt lists no device on other buses.
@test "the parent that libvirt shows" {
        local name xml
        mkdir -p "$root/sys/devices/css0/0.0.0313" "$root/sys/devices/vfio_ap/matrix" "$root/sys/devices/virtual/other/sim0"
        subsystem "$root/sys/devices/css0/0.0.0313" bus/css
        subsystem "$root/sys/devices/vfio_ap/matrix" bus/matrix
        subsystem "$root/sys/devices/virtual/other/sim0" class/other
        ln -s ../../devices/vfio_ap/matrix "$root/sys/class/mdev_bus/matrix"
        ln -s ../../devices/virtual/other/sim0 "$root/sys/class/mdev_bus/sim0"
        while read -r name xml; do
                rm -rf "$definitions"
                define "$name" 3 type manual
                run -0 mdevctl list -d --dumpxml -u "$three"
                says "<parent>$xml</parent>"
        done <<-END
		0.0.0313 css_0_0_0313
		matrix ap_matrix
		$gpu pci_0000_00_02_0
		mtty mtty_mtty
		sim0 computer
		gone computer
	END
        # An active device is below the nearest one that libvirt lists.
        mkdir -p "$root/sys/devices/pci0000:00/$gpu/sub.0/$four"
        ln -s "../../../devices/pci0000:00/$gpu/sub.0/$four" "$root/sys/bus/mdev/devices/$four"
        ln -s ../types/t "$root/sys/devices/pci0000:00/$gpu/sub.0/$four/mdev_type"
        run -0 mdevctl list --dumpxml -u "$four"
        says "<name>$(node 4 sub_0)</name>" '<parent>pci_0000_00_02_0</parent>'
}

@test "one device only" {
        define mtty 1 mtty-1 manual
        define $gpu 1 t2 manual
        fails_with 1 "$one is defined under several parents" mdevctl list -d --dumpxml -u "$one"
        run -0 mdevctl list -d --dumpxml -u "$one" -p mtty
        says '<parent>mtty_mtty</parent>'
        fails_with 1 "Device $two is not active" mdevctl list --dumpxml -u "$two"
        fails_with 1 "Device $two is not defined" mdevctl list -d --dumpxml -u "$two"
        fails_with 1 "Device $one is not defined" mdevctl list -d --dumpxml -u "$one" -p none
        fails_with 2 "--dumpxml needs --uuid" mdevctl list --dumpxml
        fails_with 2 "--dumpxml and --dumpjson" mdevctl list --dumpxml --dumpjson -u "$one"
}

@test "an unreadable definition is named" {
        mkdir -p "$definitions/mtty"
        echo '{' >"$definitions/mtty/$one"
        fails_with 1 "mtty/$one" mdevctl list -d --dumpxml -u "$one"
}

@test "what XML reserves is escaped, what it cannot hold is dropped" {
        define 'a<b' 1 't\"&' manual \
                '{"<&>": "\"it'"'"'s\" & <so>"}, {"c": "\u0001\b\u001fx\t\n\r\u007f\u0085y"}, {"u": "é\ufffe\uffff\ud83d\ude00\ufdd0"}'
        run -0 mdevctl list -d --dumpxml -u "$one"
        says "<parent_addr>a&lt;b</parent_addr>" "<name>$(node 1 a_b)</name>" "<type id='t&quot;&amp;'/>" \
                "<attr name='&lt;&amp;&gt;' value='&quot;it&apos;s&quot; &amp; &lt;so&gt;'/>" \
                "<attr name='c' value='x&#9;&#10;&#13;&#127;&#133;y'/>" \
                "<attr name='u' value='é😀"$'\xef\xb7\x90'"'/>"
        if command -v xmllint >/dev/null; then
                mdevctl list -d --dumpxml -u "$one" | xmllint --noout -
        fi
}

@test "what is not UTF-8 is replaced" {
        printf 'Gr\xfc\xdfe\001\n' >"$(type_of mtty mtty-1)/name"
        equal "$(mdevctl types --dumpxml -p mtty | grep name)" '    <name>Gr��e</name>'
        parent $'caf\xe9' t
        active $'caf\xe9' 1 t
        equal "$(mdevctl list --dumpxml -u "$one" | grep addr)" '    <parent_addr>caf�</parent_addr>'
}

@test "the types of a parent" {
        local types
        types=$(type_of mtty mtty-1)
        echo 'Single <port> serial' >"$types/name"
        echo 'not shown' >"$types/description"
        echo 24 >"$types/available_instances"
        run -0 mdevctl types --dumpxml -p mtty
        diff - <(echo "$output") <<END
<capability type='mdev_types'>
  <type id='mtty-1'>
    <name>Single &lt;port&gt; serial</name>
    <deviceAPI>vfio-pci</deviceAPI>
    <availableInstances>24</availableInstances>
  </type>
  <type id='mtty-2'>
    <deviceAPI>vfio-pci</deviceAPI>
    <availableInstances>2</availableInstances>
  </type>
</capability>
END
        equal "$(mdevctl types --dumpxml --parent=$gpu | grep -o "id='.*'" | paste -sd ' ')" "id='t10' id='t2'"
}

@test "types that cannot be shown" {
        fails_with 1 "Unable to find parent device '0000_00_02_0'. Did you mean '$gpu'" mdevctl types --dumpxml -p 0000_00_02_0
        fails_with 2 "--dumpxml needs --parent" mdevctl types --dumpxml
        fails_with 2 "--dumpxml and --dumpjson" mdevctl types --dumpxml --dumpjson -p mtty
        rm "$(type_of mtty mtty-1)/device_api"
        run --separate-stderr -1 mdevctl types --dumpxml -p mtty
        [[ $stderr == *"type mtty-1: Failed to read device_api"* && $output != *mtty-1* && $output == *mtty-2*"</capability>" ]]
}

# hostdev_is MODEL DISPLAY: of the first device.
hostdev_is() {
        run -0 mdevctl hostdev -u "$one"
        diff - <(echo "$output") <<END
<hostdev mode='subsystem' type='mdev' managed='no' model='$1'$2>
  <source>
    <address uuid='$one'/>
  </source>
</hostdev>
END
        equal "$(mdevctl hostdev --qemu --uuid="${one^^}")" "-device $1,sysfsdev=/sys/bus/mdev/devices/$one"
}

@test "what a guest needs" {
        define mtty 1 mtty-1 manual
        hostdev_is vfio-pci " display='off'"
        for api in vfio-ccw vfio-ap; do
                echo $api >"$(type_of mtty mtty-1)/device_api"
                hostdev_is $api ""
        done
        # The running type counts.
        active mtty 1 mtty-2
        hostdev_is vfio-pci " display='off'"
        rm -r "$definitions"
        hostdev_is vfio-pci " display='off'"
}

@test "of several definitions, that of the registered parent counts" {
        define gone 1 t manual
        define mtty 1 mtty-1 manual
        hostdev_is vfio-pci " display='off'"
        define $gpu 1 t2 manual
        fails_with 1 "$one is defined under several parents" mdevctl hostdev -u "$one"
}

@test "nothing for a guest" {
        fails_with 1 "Device $one is neither active nor defined" mdevctl hostdev -u "$one"
        define gone 1 t manual
        fails_with 1 "Unable to find parent device 'gone'" mdevctl hostdev -u "$one" --qemu
        define mtty 2 t manual
        fails_with 1 "it supports mtty-1, mtty-2" mdevctl hostdev -u "$two"
        printf "'><script\033/>" >"$(type_of mtty mtty-1)/device_api"
        define mtty 3 mtty-1 manual
        fails_with 1 'guests can have vfio-pci, vfio-ccw and vfio-ap' mdevctl hostdev -u "$three"
        [[ $stderr == *'script\x1b'* ]]
        fails_with 2 "--uuid is missing" mdevctl hostdev
}
