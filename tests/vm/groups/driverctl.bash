# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Together with Debian's driverctl, which then applies the files in /etc/driverctl.d
#
# hardware: -machine q35 -device intel-iommu -device pci-testdev,addr=5
# cmdline: intel_iommu=on
# layers: driverctl
# suites: bookworm

pci=/sys/bus/pci/devices
five=0000:00:05.0
ours=mdev-driver@pci-$five.service
theirs=driverctl@pci-$five.service

before_boot() {
        mkdir -p "$1/etc/driverctl.d"
        echo mdev_sim >"$1/etc/driverctl.d/pci-$five"
        define $five 1 mdev_sim-small auto
}

bound() { # DRIVER, which is none if empty
        local driver
        driver=$(readlink "$pci/$five/driver") || :
        equal "${driver##*/}" "$1"
}

# The generator's drop-in for our unit is there.
is_ours() {
        [ -e "/run/systemd/generator/$ours.d" ]
}

test_driverctl_binds_at_boot_and_the_device_starts() {
        eventually 30 state 1 active
        exists 1
        bound mdev_sim
        equal "$(systemctl is-active "$theirs")" active
        equal "$(systemctl is-active "$ours" || :)" inactive
        fails is_ours
}

test_device_follows_an_unbinding_by_hand() {
        echo $five >/sys/bus/pci/drivers/mdev_sim/unbind
        eventually 30 state 1 inactive
        echo $five >/sys/bus/pci/drivers/mdev_sim/bind
        eventually 30 state 1 active
}

test_device_follows_driverctl() {
        # Not vfio-pci: since 0.115, that keeps the device for good, also without an override.
        driverctl set-override $five none
        eventually 30 state 1 inactive
        gone 1
        driverctl set-override $five mdev_sim
        eventually 30 state 1 active
        equal "$(mdevctl driver list)" "$(driverctl list-overrides)"
        equal "$(mdevctl driver list --all)" "$(driverctl list-devices)"
        # 0.111 wants another driver to bind, and keeps the file if there is none.
        driverctl unset-override $five || rm /etc/driverctl.d/pci-$five
        bound ''
        eventually 30 state 1 inactive
        fails [ -e /etc/driverctl.d/pci-$five ]
        mdevctl driver set --now $five mdev_sim
        eventually 30 state 1 active
        equal "$(</etc/driverctl.d/pci-$five)" mdev_sim
        equal "$(systemctl is-active "$ours" || :)" inactive
}

test_driver_is_loaded_late() {
        rmmod mdev_sim
        eventually 30 state 1 inactive
        modprobe mdev_sim
        eventually 30 state 1 active
}

# driverctl does not apply an override when a device returns; check says so.
test_check_finds_what_driverctl_does_not_apply() {
        echo 1 >$pci/$five/remove
        eventually 30 state 1 inactive
        echo 1 >/sys/bus/pci/rescan
        udevadm settle
        sleep 2
        bound ''
        mdevctl check >/tmp/findings || :
        contains "device $five has no driver instead of mdev_sim; run \"driverctl -b pci load-override $five\" [driver-differs]" </tmp/findings
}

test_masking_the_rule_changes_to_our_unit() {
        ln -s /dev/null /etc/udev/rules.d/05-driverctl.rules
        udevadm control --reload
        systemctl daemon-reload
        is_ours
        systemctl start "$ours"
        eventually 30 state 1 active
        bound mdev_sim
        equal "$(systemctl is-active "$ours")" active
        # From now on, an override returns with its device.
        echo 1 >$pci/$five/remove
        eventually 30 state 1 inactive
        echo 1 >/sys/bus/pci/rescan
        eventually 30 state 1 active
        rm /etc/udev/rules.d/05-driverctl.rules
        udevadm control --reload
        systemctl daemon-reload
        fails is_ours
        bound mdev_sim
        exists 1
}
