# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Drivers of parents: PCI functions that mdev_sim makes parents, and vfio-pci as the other driver
#
# suites: bookworm
# hardware: -machine q35 -device intel-iommu -device pci-testdev,addr=5 -device pci-testdev,addr=6
# cmdline: intel_iommu=on
# full: rounds=50 kills=60
# full-seconds: 3600

overrides=/etc/driverctl.d
pci=/sys/bus/pci/devices
five=0000:00:05.0
six=0000:00:06.0

before_boot() {
        mkdir -p "$1/etc/driverctl.d"
        echo mdev_sim >"$1/etc/driverctl.d/pci-$five"
        define $five 1 mdev_sim-small auto
}

driver_unit() { # DEVICE
        echo "mdev-driver@pci-$1.service"
}

bound() { # DEVICE DRIVER, which is none if empty
        local driver
        driver=$(readlink "$pci/$1/driver") || :
        [ "${driver##*/}" = "$2" ]
}

# The unit of a device's driver has one of these states: driver_state DEVICE STATE...
driver_state() {
        local now
        now=$(systemctl show -P ActiveState "$(driver_unit "$1")")
        shift
        [[ " $* " == *" $now "* ]]
}

driver_logged() { # DEVICE TEXT
        journalctl --sync
        journalctl -o cat -u "$(driver_unit "$1")" | contains "$2"
}

override() { # DEVICE DRIVER
        echo "$2" >"$overrides/pci-$1"
        systemctl daemon-reload
        udevadm trigger --settle "$pci/$1"
}

bind_by_hand() { # DEVICE DRIVER
        modprobe "$2"
        echo "$2" >"$pci/$1/driver_override"
        echo "$1" >/sys/bus/pci/drivers_probe
        bound "$1" "$2"
}

up() {
        eventually 30 driver_state $five active
        eventually 30 state 1 active
        bound $five mdev_sim
        exists 1
}

test_boot_binds_the_driver_and_starts_the_device() {
        up
        equal "$(<$pci/$five/driver_override)" mdev_sim
        bound $six ''
        systemctl show -P Before "$(driver_unit $five)" | contains basic.target
        systemctl show -P After "$(unit 1)" | contains "$(driver_unit $five)"
}

test_status_and_journal_explain() {
        systemctl status "$(driver_unit $five)" >/tmp/status || :
        cat /tmp/status
        grep -q 'Driver mdev_sim for pci-0000:00:05.0' /tmp/status
        grep -q 'Status: "Bound to driver mdev_sim"' /tmp/status
        driver_logged $five "pci-$five: bound to driver mdev_sim"
        journalctl -o cat MDEV_DRIVER=mdev_sim MDEV_PARENT=$five | contains 'bound to driver'
        equal "$(systemctl is-enabled "$(driver_unit $five)")" enabled-runtime
}

test_stop_gives_the_device_back_and_start_takes_it() {
        systemctl stop "$(driver_unit $five)"
        bound $five ''
        equal "$(<$pci/$five/driver_override)" '(null)'
        eventually 30 state 1 inactive
        gone 1
        systemctl start "$(driver_unit $five)"
        up
}

test_device_follows_an_unbinding_by_hand() {
        echo $five >/sys/bus/pci/drivers/mdev_sim/unbind
        eventually 30 state 1 inactive
        echo $five >/sys/bus/pci/drivers/mdev_sim/bind
        up
}

test_driver_returns_with_the_device() {
        local round
        for round in 1 2 3; do
                echo 1 >$pci/$five/remove
                if [ "$round" = 1 ]; then
                        eventually 30 driver_state $five inactive
                        eventually 30 state 1 inactive
                fi
                echo 1 >/sys/bus/pci/rescan
                eventually 30 bound $five mdev_sim
                up
        done
}

test_driver_returns_with_its_module() {
        rmmod mdev_sim
        bound $five ''
        eventually 30 state 1 inactive
        modprobe mdev_sim
        up
}

test_a_missing_module_is_named_and_a_later_start_binds() {
        systemctl stop "$(driver_unit $five)"
        rmmod mdev_sim
        echo 'install mdev_sim /bin/false' >/etc/modprobe.d/test.conf
        fails systemctl start "$(driver_unit $five)"
        driver_logged $five "there is no driver mdev_sim"
        bound $five ''
        rm /etc/modprobe.d/test.conf
        systemctl start "$(driver_unit $five)"
        up
}

test_a_device_in_use_is_not_taken_away() {
        hold 1
        systemctl stop "$(driver_unit $five)" || :
        driver_state $five failed
        bound $five mdev_sim
        exists 1
        driver_logged $five "pci-$five: not taken from driver mdev_sim: the device or a mediated device on it is in use by hold-device ($holder)"
        override $five vfio-pci
        fails systemctl start "$(driver_unit $five)"
        bound $five mdev_sim
        kill "$holder"
        wait "$holder" || :
        override $five mdev_sim
        systemctl start "$(driver_unit $five)"
        up
}

test_a_new_driver_takes_the_place_of_the_old_one() {
        override $five vfio-pci
        systemctl restart "$(driver_unit $five)"
        bound $five vfio-pci
        eventually 30 state 1 inactive
        override $five mdev_sim
        systemctl restart "$(driver_unit $five)"
        up
}

test_a_file_for_a_device_that_is_there_takes_effect() {
        override $six vfio-pci
        eventually 30 driver_state $six active
        bound $six vfio-pci
        systemctl stop "$(driver_unit $six)"
        bound $six ''
        systemctl mask --runtime "$(driver_unit $six)"
        fails systemctl start "$(driver_unit $six)"
        systemctl unmask --runtime "$(driver_unit $six)"
        # Without the file, the driver stays until the unit stops.
        systemctl start "$(driver_unit $six)"
        rm $overrides/pci-$six
        udevadm trigger --settle $pci/$six
        bound $six vfio-pci
        driver_state $six active
        systemctl daemon-reload
        udevadm trigger --settle $pci/$six
        bound $six vfio-pci
        systemctl stop "$(driver_unit $six)"
        bound $six ''
}

test_mdevctl_sets_and_unsets_a_driver() {
        mdevctl driver set --now $six vfio-pci
        driver_state $six active
        bound $six vfio-pci
        equal "$(mdevctl driver list)" "$five mdev_sim
$six vfio-pci"
        echo 5 >/sys/module/mdev_sim/parameters/bind_errno
        fails mdevctl driver set --now $six mdev_sim 2>/tmp/error
        echo 0 >/sys/module/mdev_sim/parameters/bind_errno
        contains "driver mdev_sim did not bind: Input/output error" </tmp/error
        equal "$(<$overrides/pci-$six)" vfio-pci
        driver_state $six active
        bound $six vfio-pci
        mdevctl driver unset --now $six
        driver_state $six inactive
        bound $six ''
        fails [ -e $overrides/pci-$six ]
        mdevctl driver set --now --nosave $six vfio-pci
        bound $six vfio-pci
        mdevctl driver unset --now --nosave $six
        bound $six ''
}

test_after_a_driver_that_refuses_the_device_has_the_old_one() {
        systemctl reset-failed
        bind_by_hand $six vfio-pci
        echo 5 >/sys/module/mdev_sim/parameters/bind_errno
        override $six mdev_sim
        eventually 30 driver_state $six failed
        echo 0 >/sys/module/mdev_sim/parameters/bind_errno
        driver_logged $six "pci-$six: driver mdev_sim did not bind: Input/output error; see the kernel log for its reason"
        driver_logged $six "pci-$six: released by driver mdev_sim; bound to driver vfio-pci"
        bound $six vfio-pci
        equal "$(<$pci/$six/driver_override)" vfio-pci
}

# With a driver that takes its time, most kills come while the kernel binds.
test_a_killed_helper_leaves_the_device_to_one_driver_or_the_other() {
        local kill kills
        kills=$(given kills 5)
        echo 40 >/sys/module/mdev_sim/parameters/bind_ms
        for ((kill = 0; kill < kills; kill++)); do
                systemctl reset-failed
                systemctl start --no-block "$(driver_unit $six)"
                nap "0.$(printf %03d $((kill * 97 % (kills > 5 ? 300 : 120))))"
                systemctl kill -s KILL "$(driver_unit $six)" 2>/dev/null || :
                eventually 30 driver_state $six active failed inactive
                equal "$(systemctl show -P Job "$(driver_unit $six)")" ''
                bound $six mdev_sim || bound $six vfio-pci || { ls -l $pci/$six && return 1; }
                systemctl stop "$(driver_unit $six)"
                bound $six vfio-pci
        done
        echo 0 >/sys/module/mdev_sim/parameters/bind_ms
        [ "$kill" -gt 0 ]
}

test_devices_survive_many_changes_of_the_driver() {
        local round rounds
        rounds=$(given rounds 3)
        for ((round = 0; round < rounds; round++)); do
                case $((round % 3)) in
                0) systemctl restart "$(driver_unit $five)" ;;
                1)
                        echo $five >/sys/bus/pci/drivers/mdev_sim/unbind
                        echo $five >/sys/bus/pci/drivers/mdev_sim/bind
                        ;;
                2)
                        echo 1 >$pci/$five/remove
                        echo 1 >/sys/bus/pci/rescan
                        ;;
                esac
                eventually 30 bound $five mdev_sim
        done
        quiet 60
        up
        agree
}
