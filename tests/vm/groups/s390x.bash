# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Mediated devices of the kernel's own drivers on s390x, a subchannel that
# driverctl or mdev-driver@ gives to vfio_ccw and queues of vfio_ap; and the fast tests' programs
# on a big-endian machine
#
# suites: s390x
# subchannel: 0.0.0313

parent=0.0.0313
overrides=/etc/driverctl.d

# The first one is the subchannel's.
uuid() {
        printf '7e270a25-e163-4922-af60-757fc8ed48%x' $((0xc5 + $1))
}

unit() {
        printf 'mdev@%s.service\n' "$(uuid "$1")"
}

before_boot() {
        # $here and $build are those of tests/vm/boot.
        # shellcheck disable=SC2154
        cp "$build"/tests/test-* "$1/tests/"
        mkdir -p "$1$overrides"
        echo vfio_ccw >"$1$overrides/css-$parent"
        define $parent 1 vfio_ccw-io auto
        define matrix 2 vfio_ap-passthrough auto \
                '{"assign_adapter": "5"}, {"assign_adapter": "6"}, {"assign_domain": "4"}, {"assign_domain": "0xb"}, {"assign_control_domain": "0xb"}'
        define matrix 3 vfio_ap-passthrough manual '{"assign_domain": "0xb"}, {"assign_adapter": "6"}'
        define matrix 4 vfio_ap-passthrough manual '{"assign_adapter": "0"}, {"assign_domain": "0"}'
        define matrix 5 vfio_ap-passthrough manual '{"assign_adapter": "255"}'
        define sim0 6 mdev_sim-small auto '{"sim/a": "1"}, {"sim/b": "two words"}, {"sim/a": "3"}'
}

# The unit of the driver is in that state.
driver_state() {
        equal "$(systemctl show -P ActiveState "mdev-driver@css-$parent.service")" "$1"
}

driver() {
        basename "$(readlink /sys/bus/css/devices/$parent/driver)"
}

test_autostart_at_boot_behind_driverctl() {
        local -i driverctl device
        eventually 60 state 1 active
        exists 1
        equal "$(driver)" vfio_ccw
        driverctl=$(systemctl show -P ExecMainStartTimestampMonotonic driverctl@css-$parent)
        device=$(systemctl show -P ExecMainStartTimestampMonotonic "$(unit 1)")
        [ "$driverctl" -gt 0 ]
        [ "$driverctl" -lt "$device" ]
        equal "$(lsmdev)" "$(uuid 1) $parent vfio_ccw-io auto (defined)"
}

test_everything_is_taken_back() {
        mdevctl stop -u "$(uuid 1)"
        gone 1
        mdevctl undefine -u "$(uuid 1)"
        driverctl -b css unset-override $parent
        equal "$(driver)" io_subchannel
        equal "$(mdevctl list -d -p $parent)$(mdevctl types)" ""
}

# With the names and the number of the article.
test_driverctl_and_mdevctl() {
        driverctl -b css set-override 0.0.0313 vfio_ccw
        # A parent that systemd has not seen yet would start the device as soon as it is defined.
        settle
        mdevctl types >/tmp/types
        mdevctl define -u 7e270a25-e163-4922-af60-757fc8ed48c6 -p 0.0.0313 -t vfio_ccw-io -a
        mdevctl start -u 7e270a25-e163-4922-af60-757fc8ed48c6

        equal "$(driver)" vfio_ccw
        equal "$(<$overrides/css-$parent)" vfio_ccw
        equal "$(</tmp/types)" "0.0.0313
  vfio_ccw-io
    Available instances: 1
    Device API: vfio-ccw
    Name: I/O subchannel (Non-QDIO)"
        equal "$(lsmdev)" "7e270a25-e163-4922-af60-757fc8ed48c6 0.0.0313 vfio_ccw-io auto (defined)"
        state 1 active
}

test_device_in_use() {
        hold 1
        fails mdevctl stop -u "$(uuid 1)" >/tmp/refusal 2>&1
        contains "hold-device ($holder)" </tmp/refusal
        systemctl stop "$(unit 1)"
        state 1 failed
        exists 1
        kill "$holder"
        wait "$holder" || :
        systemctl reset-failed "$(unit 1)"
        systemctl start "$(unit 1)"
        logged 1 'was active already'
}

test_parent_leaves_and_returns() {
        driverctl -b css unset-override $parent
        eventually 30 state 1 inactive
        gone 1
        driverctl -b css set-override $parent vfio_ccw
        eventually 30 state 1 active
        exists 1
}

# Without driverctl's rule, the same file makes a unit of ours.
test_driver_without_driverctl() {
        ln -s /dev/null /etc/udev/rules.d/05-driverctl.rules
        udevadm control --reload
        systemctl daemon-reload
        # The device unit is there already, and wants its units only when it appears.
        systemctl start "mdev-driver@css-$parent.service"
        driver_state active
        equal "$(driver)" vfio_ccw
        state 1 active
        mdevctl driver unset --now -b css $parent
        driver_state inactive
        equal "$(driver)" io_subchannel
        eventually 30 state 1 inactive

        mdevctl driver set --now -b css $parent vfio_ccw
        driver_state active
        equal "$(driver)" vfio_ccw
        eventually 30 state 1 active
        hold 1
        fails mdevctl driver unset --now -b css $parent >/tmp/refusal 2>&1
        contains "hold-device ($holder)" </tmp/refusal
        equal "$(driver)" vfio_ccw
        exists 1
        kill "$holder"
        wait "$holder" || :

        systemctl restart "mdev-driver@css-$parent.service"
        equal "$(driver)" vfio_ccw
        eventually 30 state 1 active
}

matrix_is_complete() {
        equal "$(<"$devices/$(uuid 2)/matrix")" $'05.0004\n05.000b\n06.0004\n06.000b'
        equal "$(<"$devices/$(uuid 2)/control_domains")" 000b
}

test_queues_of_vfio_ap() {
        modprobe vfio_ap
        eventually 30 state 2 active
        matrix_is_complete
        equal "$(mdevctl list -u "$(uuid 2)")" "$(uuid 2) matrix vfio_ap-passthrough auto (defined)"
}

# The start of NUMBER fails with that text, and nothing remains.
refused() { # NUMBER TEXT
        fails systemctl start "$(unit "$1")"
        state "$1" failed
        gone "$1"
        logged "$1" "$2"
}

test_refusals_of_vfio_ap() {
        refused 3 'attribute 2 of 2, assign_adapter, did not take the value "6": Address already in use; another mediated device has such a queue'
        refused 4 'attribute 2 of 2, assign_domain, did not take the value "0": Cannot assign requested address; the host keeps such a queue'
        refused 5 'attribute 1 of 1, assign_adapter, did not take the value "255": No such device; the parent does not have what the value names'
        matrix_is_complete
}

test_vfio_ap_leaves_and_returns() {
        rmmod vfio_ap
        eventually 30 state 2 inactive
        gone 2
        modprobe vfio_ap
        eventually 30 state 2 active
        matrix_is_complete
}

test_attributes_are_written_in_order() {
        modprobe mdev-sim
        eventually 30 state 6 active
        equal "$(cat "$devices/$(uuid 6)/sim/log")" $'a=1\nb=two words\na=3'
}

test_programs_of_the_fast_tests() {
        local program programs=0
        for program in /tests/test-*; do
                echo "$program"
                "$program"
                programs=$((programs + 1))
        done
        [ $programs -gt 5 ]
}
