# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Functions for the tests inside a VM
#
# A test is a function test_...; the functions of a group run in the order in
# which they stand. A test fails at the first command that fails, and what the
# journal has from its time is then printed. Results are TAP. Processes are
# some fifteen times slower here than outside, so whatever waits, sleeps.

definitions=/etc/mdevctl.d
devices=/sys/bus/mdev/devices

# The UUID with a number.
uuid() {
        printf '83b8f4f2-509f-382f-3c1e-%012d' "$1"
}

unit() {
        printf 'mdev@83b8f4f2-509f-382f-3c1e-%012d.service\n' "$1"
}

# define PARENT NUMBER TYPE START [ATTRIBUTES]
define() {
        mkdir -p "$definitions/$1"
        printf '{"mdev_type": "%s", "start": "%s", "attrs": [%s]}' "$3" "$4" "${5:-}" >"$definitions/$1/$(uuid "$2")"
}

exists() { # NUMBER
        [ -e "$devices/$(uuid "$1")" ]
}

gone() { # NUMBER
        ! exists "$1"
}

# The state of a definition's unit is one of those given: state NUMBER active ...
state() {
        local now
        now=$(systemctl show -P ActiveState "$(unit "$1")")
        shift
        [[ " $* " == *" $now "* ]]
}

# The note about a device has one of the states given: noted NUMBER creating ...
noted() {
        local line='' now
        read -r line <"/run/mdev-generator/$(uuid "$1")" || :
        now=${line#STATE=}
        shift
        [[ " $* " == *" $now "* ]]
} 2>/dev/null

# A job of the unit is queued: has_job NUMBER
has_job() {
        [ -n "$(systemctl show -P Job "$(unit "$1")")" ]
}

# A unit "user" that uses a device and takes its time to stop: slow_user NUMBER SECONDS
slow_user() {
        printf '[Unit]\nBindsTo=%s\nAfter=%s\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=true\nExecStop=sleep %s\n' \
                "$(unit "$1")" "$(unit "$1")" "$2" >/run/systemd/system/user.service
        systemctl daemon-reload
        systemctl start user.service
}

# stdin contains the text. Reads to the end: what writes into a pipe that nobody reads any more fails.
contains() {
        grep -F -- "$1" >/dev/null
}

# The journal of a unit contains the text so far: logged NUMBER TEXT
logged() {
        journalctl --sync
        journalctl -o cat -u "$(unit "$1")" | contains "$2"
}

# Sleeps for SECONDS without a process.
nap() {
        [ -n "${nap_fd:-}" ] || exec {nap_fd}<> <(:)
        read -rt "$1" -u "$nap_fd" || :
}

# eventually SECONDS COMMAND...: tries until the command succeeds, after ever longer pauses.
eventually() {
        local end=$((SECONDS + $1)) step=0.1
        shift
        until "$@"; do
                if [ $SECONDS -ge $end ]; then
                        echo "never came true: $*"
                        return 1
                fi
                nap $step
                [ $step != 0.4 ] || step=0.8
                [ $step != 0.2 ] || step=0.4
                [ $step != 0.1 ] || step=0.2
        done
}

# The value of the last word NAME=VALUE on the kernel command line: given NAME DEFAULT. Before the boot
# the words are in a variable.
given() {
        local word value=$2
        for word in ${words-$(</proc/cmdline)}; do
                [[ $word != "$1="* ]] || value=${word#*=}
        done
        echo "$value"
}

# Says something beside the results, at once.
note() {
        echo "# $*" >/dev/ttyS1
}

# The units of devices, or others, with their states, a line each, from one process: list_units [PATTERN]
list_units() {
        systemctl list-units --all --plain --no-legend --full "${1:-mdev@*}"
}

# quiet SECONDS: waits until no unit of ours is on its way and nothing has changed at five looks, before
# each of which udev has had nothing left to do.
quiet() {
        local end=$((SECONDS + $1)) before='' now='' looks=0
        while [ $looks -lt 5 ]; do
                nap 0.5
                udevadm settle
                now=$(list_units 'mdev*' && echo "$devices"/*)
                looks=$((looks + 1))
                if [ "$now" != "$before" ] || [[ $now == *activating* ]]; then
                        looks=0
                fi
                before=$now
                [ $SECONDS -lt $end ] || { printf 'no quiet within %d s:\n%s\n' "$1" "$now" && return 1; }
        done
}

# Prints the journal of a device, to explain a failure: story UUID
story() {
        journalctl --sync
        journalctl -q -o short-monotonic --no-pager | grep -F "$1" | tail -n "${2:-30}"
}

# agree: systemd's active units are the kernel's devices, no unit is on its way, and whatever has failed
# since the last time has logged why.
agree() {
        local path name active wrong='' log='' device
        local -A states=() there=()
        for path in "$devices"/*; do
                [ ! -e "$path" ] || there[${path##*/}]=yes
        done
        while read -r name _ active _; do
                name=${name#mdev@}
                states[${name%.service}]=$active
        done < <(list_units)
        if [[ " ${states[*]} " == *" failed "* ]]; then
                journalctl --sync
                log=$(journalctl -q -t mdev-helper -p err -o cat --since "@${agreed:-0}")
                agreed=$EPOCHSECONDS
                systemctl reset-failed 'mdev@*'
        fi
        for device in "${!states[@]}"; do
                case ${states[$device]} in
                active) [ -n "${there[$device]:-}" ] || wrong+=" $device:active-without-a-device" ;;
                failed) [[ $log == *"$device"* ]] || wrong+=" $device:failed-without-a-cause" ;;
                inactive) ;;
                *) wrong+=" $device:${states[$device]}" ;;
                esac
        done
        for device in "${!there[@]}"; do
                [ "${states[$device]:-}" = active ] || wrong+=" $device:is-there-but-${states[$device]:-unknown}"
        done
        for device in $wrong; do
                echo "$device"
                story "${device%%:*}"
        done
        [ -z "$wrong" ]
}

# All events so far are through udev and have reached systemd.
settle() {
        udevadm settle
        systemctl is-system-running >/dev/null || :
}

# Starts a process that uses a device as a guest does, and leaves its ID in $holder: hold NUMBER
hold() {
        local group
        group=$(basename "$(readlink "$devices/$(uuid "$1")/iommu_group")")
        # What the last one said must not count for this one.
        rm -f /tmp/held
        /tests/hold-device "$group" "$(uuid "$1")" >/tmp/held &
        # shellcheck disable=SC2034
        holder=$!
        eventually 10 grep -qs holding /tmp/held
}

# Before the boot, puts the QEMU that emulates this VM into it, with its own libraries and loader: take_qemu ROOT
take_qemu() {
        local qemu=/usr/bin/qemu-system-x86_64 directory=$1/opt/qemu
        mkdir -p "$directory"/{lib,modules,share} "$1/usr/bin"
        cp -L $qemu "$directory/qemu"
        ldd $qemu | grep -o '/[^ ]*' | xargs -I{} cp -L {} "$directory/lib/"
        cp -L /usr/lib/x86_64-linux-gnu/qemu/accel-tcg-*.so "$directory/modules/" 2>/dev/null || :
        cp -L /usr/share/seabios/bios*.bin /usr/share/qemu/kvmvapic.bin "$directory/share/"
        cat >"$1$qemu" <<'SCRIPT'
#!/bin/sh
export QEMU_MODULE_DIR=/opt/qemu/modules
exec /opt/qemu/lib/ld-linux-x86-64.so.2 --library-path /opt/qemu/lib /opt/qemu/qemu -L /opt/qemu/share "$@"
SCRIPT
        chmod +x "$1$qemu"
}

# Starts a guest that has a device open, and leaves the ID of its process in $holder: hold_with_qemu NUMBER.
# The process gets the name of an installed QEMU; it would have that of the loader.
hold_with_qemu() {
        modprobe vfio_iommu_type1
        # shellcheck disable=SC2046
        qemu-system-x86_64 -name guest,process=qemu-system-x86 -M pc,accel=tcg -m 16 -nodefaults -display none \
                $(mdevctl hostdev --qemu -u "$(uuid "$1")") >/tmp/qemu 2>&1 &
        # shellcheck disable=SC2034
        holder=$!
        eventually 60 eval "ls -l /proc/$holder/fd | contains vfio-device" || { cat /tmp/qemu && return 1; }
}

# fails COMMAND...: the command must not succeed.
fails() {
        if "$@"; then
                echo "succeeded, but must not: $*"
                return 1
        fi
}

# equal ACTUAL EXPECTED
equal() {
        [ "$1" = "$2" ] || { printf 'is:       %s\nexpected: %s\n' "$1" "$2"; return 1; }
}

# Hundredths of a second since the boot.
uptime() {
        local up _
        read -r up _ </proc/uptime
        echo "${up/./}"
}

# Turns the machine off. The last result comes from systemd-shutdown itself, which runs a hook when everything
# else has been stopped: shut_down NAME CONDITION, where $took is the time in hundredths of a second.
shut_down() {
        local hook=/usr/lib/systemd/system-shutdown/mdev-test
        mkdir -p "${hook%/*}"
        cat >$hook <<END
#!/bin/sh
read -r up rest </proc/uptime
took=\$((\${up%.*}\${up#*.} - $(uptime)))
{
        if $2; then
                echo "ok $((number + 1)) $1"
        else
                echo "not ok $((number + 1)) $1"
        fi
        echo "# it took \$took hundredths of a second"
        echo 1..$((number + 1))
} >/dev/ttyS1
END
        chmod +x $hook
        systemctl --no-block --job-mode=replace-irreversibly start poweroff.target
}

# Hundredths of a second in which the processor was busy since the boot. The guest's clock runs while it
# sleeps, too, but only these cost the host anything.
busy() {
        local user nice system irq softirq _
        read -r _ user nice system _ _ irq softirq _ </proc/stat
        echo $((user + nice + system + irq + softirq))
}

# Runs every test of the group, prints the results and leaves their number in $number.
run_tests() {
        local name output since status spent
        number=0
        while read -r name; do
                number=$((number + 1))
                printf -v since '%(%F %T)T'
                spent=$(busy)
                # Not as the condition of an if: there bash ignores set -e.
                output=$(
                        set -eEuo pipefail
                        trap 'echo "failed: $BASH_COMMAND (line $LINENO of ${FUNCNAME[0]:-})"' ERR
                        exec 2>&1
                        if declare -F before_each >/dev/null; then
                                before_each
                        fi
                        "$name" </dev/null
                )
                status=$?
                spent=$(($(busy) - spent))
                [ $spent -lt 300 ] || echo "# $name: busy for $((spent / 100)) s"
                if [ $status = 0 ]; then
                        echo "ok $number $name"
                else
                        echo "not ok $number $name"
                        printf '%s\n' "$output" "status $status" | sed 's/^/#   /'
                        journalctl --sync
                        journalctl -o short-monotonic --since "$since" --no-pager | tail -n 60 | sed 's/^/#     /'
                fi
        done < <(grep -o '^test_[a-z0-9_]*' "$1")
}
