# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# mdevctl check where systemd and a kernel decide what is wrong
#
# suites: bookworm

# Variables of lib.bash.
# shellcheck disable=SC2154

one=$(uuid 1)
two=$(uuid 2)

before_boot() {
        define sim0 1 mdev_sim-small auto '{"sim/a": "1"}, {"mdev/aggregation": "2"}'
}

# Nothing is wrong.
clean() {
        mdevctl check >/tmp/findings 2>&1 || { cat /tmp/findings && return 1; }
        cat /tmp/findings
        [ ! -s /tmp/findings ]
}

# finds STATUS LINE...: exactly these findings.
finds() {
        local expected=$1 status=0
        shift
        mdevctl check >/tmp/findings 2>&1 || status=$?
        equal "$(cat /tmp/findings)" "$(printf '%s\n' "$@")"
        equal "$status" "$expected"
}

test_nothing_is_wrong() {
        modprobe mdev-sim
        modprobe mtty
        eventually 30 state 1 active
        quiet 60
        clean
        equal "$(mdevctl check --json)" "[]"
        # Others may look, too.
        setpriv --reuid 65534 --clear-groups mdevctl check >/tmp/findings 2>&1 || { cat /tmp/findings && return 1; }
        equal "$(cat /tmp/findings)" ''
}

test_attribute_unknown() {
        local begin="$definitions/sim0/$one: warning:"
        local advice="remove it from the definition with \"mdevctl modify -u $one -p sim0 --delattr --index NUMBER\", or the next start fails; \"mdevctl list -dv -u $one\" prints the numbers [attribute-unknown]"
        define sim0 1 mdev_sim-small auto '{"sim/a": "1"}, {"sim/log": "1"}, {"sim/none": "1"}, {"subsystem/drivers_autoprobe": "1"}'
        quiet 60
        systemctl daemon-reload
        mdevctl check -u "$one" | grep -v 'note: ' >/tmp/findings || :
        equal "$(cat /tmp/findings)" "$begin attribute sim/log of the device is not writable; $advice
$begin the device has no attribute \"sim/none\"; $advice
$begin the device has no attribute \"subsystem/drivers_autoprobe\"; $advice"
        define sim0 1 mdev_sim-small auto '{"sim/a": "1"}, {"mdev/aggregation": "2"}'
        quiet 60
        systemctl daemon-reload
        clean
}

test_value_differs() {
        echo 3 >"$devices/$one/mdev/aggregation"
        finds 0 "$definitions/sim0/$one: note: attribute mdev/aggregation of the device is \"3\", not \"2\"; stop and start the device to apply the definition, or change the definition [value-differs]"
        echo 2 >"$devices/$one/mdev/aggregation"
        clean
}

# The driver has 16 instances. The device holds two of them, but is one.
test_instances_exceeded() {
        local number
        for number in {10..24}; do
                define sim0 "$number" mdev_sim-small auto
        done
        systemctl daemon-reload
        quiet 60
        mdevctl check >/tmp/findings || :
        equal "$(grep -c ' error: 16 definitions of type mdev_sim-small on parent sim0 start by themselves, but only 15 instances .*\[instances-exceeded\]$' /tmp/findings)" 16
        systemctl mask --runtime "$(unit 24)"
        clean
        systemctl unmask --runtime "$(unit 24)"
        fails mdevctl check
        mdevctl modify -u "$(uuid 24)" --manual 2>/tmp/stderr
        equal "$(cat /tmp/stderr)" ''
        quiet 60
        clean
        systemctl enable "$(unit 24)"
        fails mdevctl check
        systemctl disable "$(unit 24)"
        rm "$definitions"/sim0/*-0000000000[12]?
        quiet 60
        clean
}

test_enablement_stale() {
        local wants=sys-class-mdev_bus-mtty.device.wants
        define mtty 2 mtty-1 manual
        systemctl daemon-reload
        systemctl enable "$(unit 2)"
        clean
        rm "$definitions/mtty/$two"
        quiet 60
        finds 1 "/etc/systemd/system/$wants/$(unit 2): warning: enables a unit without a definition under parent mtty; run \"systemctl disable $(unit 2)\" [enablement-stale]"
        systemctl disable "$(unit 2)"
        clean

        define mtty 2 mtty-1 manual
        systemctl daemon-reload
        systemctl enable --runtime "$(unit 2)"
        rm "$definitions/mtty/$two"
        define sim0 2 mdev_sim-small manual
        quiet 60
        finds 1 "/run/systemd/system/$wants/$(unit 2): warning: enables the unit under parent mtty, but the definition is under parent sim0; run \"systemctl reenable --runtime $(unit 2)\" to move the link [enablement-stale]"
        systemctl reenable --runtime "$(unit 2)"
        clean
        systemctl disable --runtime "$(unit 2)"
        rm "$definitions/sim0/$two"
        quiet 60
        clean
}

# The monitor would bring unit and device into agreement.
test_unit_differs_without_a_unit() {
        systemctl stop mdev-monitor.service
        echo "$two" >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
        finds 1 "mdev@$two.service: error: the device is active, but mdev@$two.service is not; run \"systemctl start mdev@$two.service\" to adopt the device, and check mdev-monitor.service [unit-differs]"
        define mtty 2 mtty-1 manual
        systemctl daemon-reload
        finds 1 "$definitions/mtty/$two: error: the device is active, but mdev@$two.service is not; run \"systemctl start mdev@$two.service\" to adopt the device, and check mdev-monitor.service [unit-differs]"
        systemctl start "$(unit 2)"
        clean
        systemctl start mdev-monitor.service
}

test_unit_differs_without_a_device() {
        systemctl stop mdev-monitor.service
        echo 1 >"$devices/$two/remove"
        finds 1 "$definitions/mtty/$two: error: mdev@$two.service is active, but the device does not exist; run \"systemctl restart mdev@$two.service\", and check mdev-monitor.service [unit-differs]"
        systemctl start mdev-monitor.service
        eventually 30 state 2 inactive
        quiet 60
        clean
}

test_unit_differs_from_every_definition() {
        mdevctl start -u "$two"
        clean
        define mtty 2 mtty-2 manual
        quiet 60
        finds 1 "$definitions/mtty/$two: error: the definition has type mtty-2 on parent mtty, but the active device has type mtty-1 on parent mtty; stop and start the device to apply the definition, or change the definition [unit-differs]"
        mdevctl stop -u "$two"
        clean
}

test_not_applied() {
        systemctl stop mdev-monitor.service
        sleep 1
        mdevctl modify -u "$two" --auto
        finds 0 "$definitions/mtty/$two: note: the definition has changed since systemd's last reload; run \"systemctl daemon-reload\" [not-applied]"
        systemctl daemon-reload
        clean
        rm "$definitions/mtty/$two"
        systemctl daemon-reload
        define mtty 2 mtty-1 manual
        finds 0 "$definitions/mtty/$two: note: systemd does not know the definition yet; run \"systemctl daemon-reload\" [not-applied]"
        systemctl start mdev-monitor.service
        quiet 60
        clean
        rm "$definitions/mtty/$two"
        quiet 60
}

test_in_use_undefined() {
        mdevctl start -u "$two" -p mtty -t mtty-1
        clean
        hold 2
        finds 0 "device $two: note: the device is in use by hold-device ($holder) and has no definition; after a reboot it is gone; define it with \"mdevctl define -u $two\" [in-use-undefined]"
        mdevctl define -u "$two"
        quiet 60
        clean
        kill "$holder"
        wait "$holder" || :
        mdevctl stop -u "$two"
        mdevctl undefine -u "$two"
        quiet 60
}

test_other_autostart() {
        local rule=/run/udev/rules.d/60-mdevctl.rules
        mkdir -p ${rule%/*}
        echo 'ACTION=="add", SUBSYSTEM=="none", RUN+="/usr/sbin/mdevctl start-parent-mdevs %k"' >$rule
        printf '[Service]\nExecStart=true\n' >/run/systemd/system/nvidia-mdev@.service
        finds 1 "/run/systemd/system/nvidia-mdev@.service: warning: nvidia-mdev@.service also starts devices; let definitions start them, and disable or mask this unit [other-autostart]" \
                "$rule: warning: the rule in line 1 runs mdevctl, and may start devices as well; remove the rule, or mask the file with \"ln -sf /dev/null /etc/udev/rules.d/60-mdevctl.rules\" [other-autostart]"
        mkdir -p /etc/udev/rules.d
        ln -s /dev/null /etc/udev/rules.d/60-mdevctl.rules
        rm /run/systemd/system/nvidia-mdev@.service
        clean
        rm $rule /etc/udev/rules.d/60-mdevctl.rules
}
