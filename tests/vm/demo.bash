# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A demonstration of the project: real commands with their real output

run() {
        printf '\n\033[1m# %s\033[0m\n' "$*"
        bash -c "$*" 2>&1
}

say() {
        printf '\n\033[36m%s\033[0m\n' "$*"
}

show() {
        local uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
        local other=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002
        export SYSTEMD_PAGER='' SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0

        say "This is $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r), systemd $(systemctl --version | sed -n '1s/[^(]*(\(.*\)).*/\1/p'), in a virtual machine."
        say "A definition: device type mtty-2 on the parent mtty, to be started with its parent."
        run "mkdir -p /etc/mdevctl.d/mtty"
        run "echo '{\"mdev_type\": \"mtty-2\", \"start\": \"auto\", \"attrs\": []}' >/etc/mdevctl.d/mtty/$uuid"
        run "systemctl daemon-reload"

        say "The parent is not there yet. Nothing waits for it. Now its driver is loaded:"
        run "modprobe mtty"
        eventually 30 systemctl -q is-active "mdev@$uuid.service"
        run "ls /sys/bus/mdev/devices"
        run "systemctl status --lines=0 mdev@$uuid"

        say "Stop and start it like any unit:"
        run "systemctl stop mdev@$uuid; ls /sys/bus/mdev/devices"
        run "systemctl start mdev@$uuid; ls /sys/bus/mdev/devices"

        say "The parent goes away and comes back. The device follows:"
        run "rmmod mtty"
        eventually 30 fails systemctl -q is-active "mdev@$uuid.service" >/dev/null
        fails run "systemctl is-active mdev@$uuid"
        run "modprobe mtty"
        eventually 30 systemctl -q is-active "mdev@$uuid.service"
        run "systemctl is-active mdev@$uuid"
        say "The whole story is in the journal:"
        run "journalctl --no-hostname -u mdev@$uuid"

        say "What cannot work says why. A type the parent does not have:"
        run "echo '{\"mdev_type\": \"mtty-9\", \"start\": \"manual\"}' >/etc/mdevctl.d/mtty/$other"
        fails run "systemctl daemon-reload; systemctl start mdev@$other"
        run "journalctl -o cat -p err -u mdev@$other"
        say "The virtual machine is thrown away now."
}
