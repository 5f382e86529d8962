# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Debian's libvirt with our mdevctl
#
# suites: trixie
# layers: libvirt
#
# libvirt knows parents by their subsystem; of those here it knows mtty. virsh
# takes half a second, so what can be asked of the system is not asked of it.

# Variables of lib.bash.
# shellcheck disable=SC2154

# The daemon finds it at its start, which is when a list that fails would make
# it miss all events that follow.
before_boot() {
        mkdir -p "$definitions/mtty"
        echo '{' >"$definitions/mtty/$(uuid 90)"
}

virsh() {
        command virsh -c nodedev:///system "$@"
}

# libvirt's name of a device: node NUMBER [PARENT]
node() {
        echo "mdev_$(uuid "$1" | tr - _)_${2:-mtty}"
}

# xml NUMBER TYPE [ATTRIBUTES]: prints the name of a file that describes the device.
xml() {
        printf '<device><parent>mtty_mtty</parent><capability type="mdev"><type id="%s"/><uuid>%s</uuid>%s</capability></device>' \
                "$2" "$(uuid "$1")" "${3:-}" >"/tmp/$1.xml"
        echo "/tmp/$1.xml"
}

# libvirt lists the device: listed NODE OPTION...
listed() {
        local node=$1
        shift
        virsh nodedev-list --cap mdev "$@" | contains "$node"
}

unlisted() {
        ! listed "$@"
}

# libvirt reports this state of the device: info NODE ACTIVE PERSISTENT AUTOSTART
info() {
        local node=$1
        shift
        equal "$(virsh nodedev-info "$node" | sed -nE 's/^(Active|Persistent|Autostart): *//p' | paste -sd ' ')" "$*"
}

attributes() { # NODE
        virsh nodedev-dumpxml "$1" | sed -n "s/^ *<attr name='\(.*\)' value='\(.*\)'\/>/\1=\2/p"
}

wanted() { # NUMBER
        [ -L "/run/systemd/generator/sys-class-mdev_bus-mtty.device.wants/$(unit "$1")" ]
}

unwanted() { # NUMBER
        ! wanted "$1"
}

test_a_broken_definition_does_not_make_it_deaf() {
        systemctl start libvirtd.socket
        equal "$(virsh nodedev-list --cap mdev --all)" ''
        modprobe mtty
        eventually 30 eval 'virsh nodedev-list --cap mdev_types | contains mtty_mtty'
        uuid 1 >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        eventually 30 listed "$(node 1)"
        echo 1 >"$devices/$(uuid 1)/remove"
        eventually 30 unlisted "$(node 1)"
}

test_the_parent_has_its_types() {
        local xml
        xml=$(virsh nodedev-dumpxml mtty_mtty)
        contains "<type id='mtty-1'>" <<<"$xml"
        contains "<type id='mtty-2'>" <<<"$xml"
        contains '<availableInstances>12</availableInstances>' <<<"$xml"
}

test_define() {
        local xml
        virsh nodedev-define "$(xml 1 mtty-2)"
        equal "$(cat "$definitions/mtty/$(uuid 1)")" $'{\n  "mdev_type": "mtty-2",\n  "start": "manual",\n  "attrs": []\n}'
        listed "$(node 1)" --all
        listed "$(node 1)" --inactive
        unlisted "$(node 1)"
        info "$(node 1)" no yes no
        xml=$(virsh nodedev-dumpxml "$(node 1)")
        contains "<parent>mtty_mtty</parent>" <<<"$xml"
        contains "<type id='mtty-2'/>" <<<"$xml"
        contains "<uuid>$(uuid 1)</uuid>" <<<"$xml"
        contains '<parent_addr>mtty</parent_addr>' <<<"$xml"
}

test_start() {
        virsh nodedev-start "$(node 1)"
        exists 1
        state 1 active
        listed "$(node 1)"
        info "$(node 1)" yes yes no
        virsh nodedev-dumpxml "$(node 1)" | contains "<path>$(readlink -f "$devices/$(uuid 1)")</path>"
}

test_autostart() {
        virsh nodedev-autostart "$(node 1)"
        grep -q '"start": "auto"' "$definitions/mtty/$(uuid 1)"
        eventually 30 info "$(node 1)" yes yes yes
        eventually 30 wanted 1
        virsh nodedev-autostart "$(node 1)" --disable
        grep -q '"start": "manual"' "$definitions/mtty/$(uuid 1)"
        eventually 30 info "$(node 1)" yes yes no
        eventually 30 unwanted 1
        exists 1
}

test_a_new_daemon_knows_what_is_there() {
        systemctl stop libvirtd.service
        exists 1
        virsh nodedev-define "$(xml 2 mtty-1)"
        info "$(node 1)" yes yes no
        info "$(node 2)" no yes no
        virsh nodedev-undefine "$(node 2)"
}

test_destroy_of_a_device_in_use() {
        local group holder
        modprobe vfio_iommu_type1
        group=$(basename "$(readlink "$devices/$(uuid 1)/iommu_group")")
        /tests/hold-device "$group" "$(uuid 1)" >/tmp/holding 2>&1 &
        holder=$!
        eventually 30 grep -q holding /tmp/holding
        fails virsh nodedev-destroy "$(node 1)"
        exists 1
        state 1 active
        kill $holder
        wait $holder || :
}

test_destroy() {
        virsh nodedev-destroy "$(node 1)"
        gone 1
        state 1 inactive
        [ -e "$definitions/mtty/$(uuid 1)" ]
        eventually 30 info "$(node 1)" no yes no
}

test_undefine() {
        virsh nodedev-undefine "$(node 1)"
        [ ! -e "$definitions/mtty/$(uuid 1)" ]
        eventually 30 unlisted "$(node 1)" --all
}

test_a_transient_device() {
        virsh nodedev-create "$(xml 2 mtty-1)"
        exists 2
        state 2 active
        [ ! -e "$definitions/mtty/$(uuid 2)" ]
        info "$(node 2)" yes no no
        virsh nodedev-destroy "$(node 2)"
        gone 2
        state 2 inactive
        eventually 30 unlisted "$(node 2)" --all
}

test_a_transient_device_becomes_persistent() {
        virsh nodedev-create "$(xml 2 mtty-1)"
        virsh nodedev-define "$(xml 2 mtty-1)"
        eventually 30 info "$(node 2)" yes yes no
        virsh nodedev-destroy "$(node 2)"
        gone 2
        eventually 30 info "$(node 2)" no yes no
        virsh nodedev-undefine "$(node 2)"
        eventually 30 unlisted "$(node 2)" --all
}

# libvirt takes it from what mdevctl prints.
test_a_uuid_is_made_up() {
        local uuid
        sed 's|<uuid>.*</uuid>||' "$(xml 2 mtty-1)" >/tmp/any.xml
        virsh nodedev-create /tmp/any.xml
        uuid=$(ls "$devices")
        equal "$(systemctl is-active "mdev@$uuid.service")" active
        virsh nodedev-destroy "mdev_${uuid//-/_}_mtty"
        equal "$(ls "$devices")" ''
        virsh nodedev-define /tmp/any.xml
        uuid=$(mdevctl list -d | cut -d' ' -f1)
        virsh nodedev-undefine "mdev_${uuid//-/_}_mtty"
        equal "$(mdevctl list -d)" ''
}

test_attributes_keep_their_order() {
        virsh nodedev-define "$(xml 1 mtty-1 '<attr name="z" value="1"/><attr name="a" value="2 and 3"/><attr name="z" value="3"/>')"
        equal "$(attributes "$(node 1)")" $'z=1\na=2 and 3\nz=3'
        equal "$(grep -o '"[az]": ".*"' "$definitions/mtty/$(uuid 1)")" $'"z": "1"\n"a": "2 and 3"\n"z": "3"'
        virsh nodedev-undefine "$(node 1)"
}

test_attributes_are_written() {
        modprobe mdev-sim
        define sim0 3 mdev_sim-small manual '{"sim/b": "1"}, {"sim/a": "2"}, {"sim/b": "3"}'
        eventually 30 listed "$(node 3 sim0)" --inactive
        equal "$(attributes "$(node 3 sim0)")" $'sim/b=1\nsim/a=2\nsim/b=3'
        virsh nodedev-start "$(node 3 sim0)"
        equal "$(cat "$devices/$(uuid 3)/sim/log")" $'b=1\na=2\nb=3'
        virsh nodedev-destroy "$(node 3 sim0)"
        gone 3
        rm "$definitions/sim0/$(uuid 3)"
        eventually 30 unlisted "$(node 3 sim0)" --all
}

test_the_reason_of_a_failure_is_shown() {
        fails virsh nodedev-create "$(xml 2 mtty-1 '<attr name="none" value="1"/>')" 2>/tmp/stderr
        cat /tmp/stderr
        grep -q "$(uuid 2): attribute 1 of 1: type mtty-1 on parent mtty has no attribute none" /tmp/stderr
        gone 2
        fails virsh nodedev-create "$(xml 2 mtty-9)" 2>/tmp/stderr
        cat /tmp/stderr
        grep -q 'Parent mtty does not support mdev type mtty-9' /tmp/stderr
}

# libvirt 9 of Debian 12 has no nodedev-update, and can define a device only once.
test_a_definition_is_changed() {
        command virsh help nodedev-update >/dev/null 2>&1 || return 0
        virsh nodedev-define "$(xml 1 mtty-1)"
        # It insists on elements that nodedev-define does without.
        virsh nodedev-dumpxml "$(node 1)" | sed 's|</capability>|<attr name="a" value="1"/>&|' >/tmp/changed.xml
        virsh nodedev-update "$(node 1)" /tmp/changed.xml --config
        equal "$(grep -o '"a": ".*"' "$definitions/mtty/$(uuid 1)")" '"a": "1"'
        virsh nodedev-define "$(xml 1 mtty-1 '<attr name="a" value="2"/>')"
        equal "$(grep -o '"a": ".*"' "$definitions/mtty/$(uuid 1)")" '"a": "2"'
        eventually 30 eval 'equal "$(attributes "$(node 1)")" a=2'
        virsh nodedev-undefine "$(node 1)"
}

test_what_others_do_is_seen() {
        mdevctl define -u "$(uuid 4)" -p mtty -t mtty-1
        eventually 30 listed "$(node 4)" --all
        info "$(node 4)" no yes no
        systemctl start "$(unit 4)"
        eventually 30 info "$(node 4)" yes yes no
        systemctl stop "$(unit 4)"
        eventually 30 info "$(node 4)" no yes no
        mdevctl modify -u "$(uuid 4)" --auto
        eventually 30 info "$(node 4)" no yes yes
}

test_the_parent_leaves_and_returns() {
        eventually 30 wanted 4
        rmmod mtty
        modprobe mtty
        eventually 30 info "$(node 4)" yes yes yes
        state 4 active
        mdevctl stop -u "$(uuid 4)"
        mdevctl undefine -u "$(uuid 4)"
        eventually 30 unlisted "$(node 4)" --all
}
