# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Isolate and shutdown remove nothing and wait for nothing
#
# The last result comes from systemd-shutdown itself, which runs a hook when
# everything else has been stopped.

before_boot() {
        define mtty 1 mtty-2 auto
        define mtty 2 mtty-2 manual
}

test_isolate_leaves_devices_alone() {
        modprobe mtty
        modprobe vfio_iommu_type1
        eventually 30 state 1 active
        systemctl start "$(unit 2)"
        systemctl isolate rescue.target
        sleep 2
        state 1 active
        state 2 active
        exists 1
        exists 2
        fails logged 1 removed
        systemctl isolate multi-user.target
}

test_mdev_target_wants_what_starts_by_itself() {
        systemctl show -P Wants mdev.target | contains "$(unit 1)"
        equal "$(systemctl show -P Wants mdev.target | grep -cF "$(unit 2)" || :)" 0
        systemctl show -P After mdev.target | contains "$(unit 1)"
}

last_words() {
        local group
        group=$(basename "$(readlink "$devices/$(uuid 1)/iommu_group")")
        mkdir -p /usr/lib/systemd/system-shutdown
        cat >/usr/lib/systemd/system-shutdown/mdev-test <<END
#!/bin/sh
read -r up rest </proc/uptime
took=\$((\${up%.*} - $(cut -d. -f1 /proc/uptime)))
{
        if [ -e $devices/$(uuid 1) ] && [ -e $devices/$(uuid 2) ] && [ \$took -le 30 ]; then
                echo "ok $((number + 1)) shutdown removed nothing and waited for nothing (\$took s)"
        else
                echo "not ok $((number + 1)) shutdown removed nothing and waited for nothing (\$took s)"
                ls $devices
        fi
        echo 1..$((number + 1))
} >/dev/ttyS1
END
        chmod +x /usr/lib/systemd/system-shutdown/mdev-test
        # Even a device in use must not hold the shutdown up.
        cat >/run/systemd/system/hold.service <<END
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/tests/hold-device $group $(uuid 1)
StandardOutput=file:/run/held
END
        systemctl daemon-reload
        systemctl start hold.service
        eventually 10 grep -qs holding /run/held &&
                systemctl --no-block --job-mode=replace-irreversibly start poweroff.target
}
