# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests inside a VM are written with
#
# A test is a function test_...; the functions of a group run in the order in
# which they stand. A test fails at the first command that fails, and what the
# journal has from its time is then printed. Results are TAP. Processes are
# some forty times slower here than outside, so whatever waits, sleeps.

definitions=/etc/mdevctl.d
devices=/sys/bus/mdev/devices

# The UUID with a number.
uuid() {
        printf '83b8f4f2-509f-382f-3c1e-%012d' "$1"
}

unit() {
        echo "mdev@$(uuid "$1").service"
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

# stdin contains the text. Reads to the end: what writes into a pipe that nobody reads any more fails.
contains() {
        grep -F -- "$1" >/dev/null
}

# What the journal has of a unit so far contains the text: logged NUMBER TEXT
logged() {
        journalctl --sync
        journalctl -o cat -u "$(unit "$1")" | contains "$2"
}

# eventually SECONDS COMMAND...: tries until the command succeeds.
eventually() {
        local end=$((SECONDS + $1))
        shift
        until "$@"; do
                if [ $SECONDS -ge $end ]; then
                        echo "never came true: $*"
                        return 1
                fi
                sleep 0.2
        done
}

# All events so far are through udev and have reached systemd.
settle() {
        udevadm settle
        systemctl is-system-running >/dev/null || :
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

# word NAME DEFAULT: the number that the kernel command line has for it. Before the boot it is in a variable.
word() {
        local words=${MDEV_CMDLINE-$(</proc/cmdline)}
        [[ " $words " == *" $1="* ]] && words=${words##*"$1="} && words=${words%% *} || words=$2
        echo "$words"
}

# A line of explanation among the results.
remark() {
        echo "# $*" >/dev/ttyS1
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

# Runs every test of the group, prints the results and leaves their number in $number.
run_tests() {
        local name output since
        number=0
        while read -r name; do
                number=$((number + 1))
                since=$(date '+%F %T')
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
                # shellcheck disable=SC2181
                if [ $? = 0 ]; then
                        echo "ok $number $name"
                else
                        echo "not ok $number $name"
                        printf '%s\n' "$output" | sed 's/^/#   /'
                        journalctl --sync
                        journalctl -o short-monotonic --since "$since" --no-pager | tail -n 60 | sed 's/^/#     /'
                fi
        done < <(grep -o '^test_[a-z0-9_]*' "$1")
}
