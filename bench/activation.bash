# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# seconds: 1500
#
# In a virtual machine: 100 instances of mdev@ on one parent against 100 of a
# bare template unit, started by one systemctl each, five times alternating

before_boot() {
        local number
        mkdir -p "$1/etc/systemd/system"
        cat >"$1/etc/systemd/system/bare@.service" <<END
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
END
        for number in {1..100}; do
                define sim0 "$number" mdev_sim-small manual
        done
}

# Milliseconds of a command.
clock() {
        local start=${EPOCHREALTIME/./}
        "$@"
        echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

show() {
        local round number bare ours units=() bares=() bare_times=() our_times=()
        for number in {1..100}; do
                units+=("$(unit "$number")")
                bares+=("bare@$(uuid "$number").service")
        done
        modprobe mdev-sim instances=100
        eventually 30 systemctl is-active -q sys-class-mdev_bus-sim0.device
        for round in 1 2 3 4 5; do
                bare=$(clock systemctl start "${bares[@]}")
                ours=$(clock systemctl start "${units[@]}")
                bare_times+=("$bare")
                our_times+=("$ours")
                echo "round $round: bare $bare ms, mdev $ours ms"
                systemctl stop "${bares[@]}" "${units[@]}"
                settle
        done
        bare=$(printf '%s\n' "${bare_times[@]}" | sort -n | sed -n 3p)
        ours=$(printf '%s\n' "${our_times[@]}" | sort -n | sed -n 3p)
        echo "median: bare $bare ms, mdev $ours ms, ratio $((ours * 100 / bare)) %"
}
