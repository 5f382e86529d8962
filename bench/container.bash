# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the measurements have in common that run natively: systemd of a Debian as process 1
# of a container, and a tree with a part of the helper that plays the kernel (tests/fake-sysfs.c)
#
# A measurement calls make_container, puts units into $root and a script into $tree/inside,
# and calls boot_container. The container has $tree as /bench.

# The variables of the measurements.
# shellcheck disable=SC2154

uuid() { printf '83b8f4f2-509f-382f-3c1e-%012d' "$1"; }

# Installs the build in a system of its own, with the reacting helper; sets $root, $tree, and $system, where
# units belong; all goes when the script ends: make_container SUITE
make_container() {
        root=$(mktemp -d "$top/build/bench-$1.XXXXXX")
        tree=$(mktemp -d /dev/shm/mdev-bench.XXXXXX)
        trap 'rm -rf "$root" "$root.log" "$tree"' EXIT
        (cd "$root" && cpio -idm --quiet) <"${MDEV_CACHE:-$top/build/vm}/$1/base.cpio"
        DESTDIR=$root cmake --install "$build" >/dev/null
        cmake --build "$build" --target helper-with-fake-sysfs >/dev/null
        cp "$build/tests/helper-with-fake-sysfs" "$(find "$root" -name mdev-helper -type f)"

        # Definitions are in the tree. The monitor would have nothing to do: it is for events of the kernel.
        rm -rf "$root/etc/mdevctl.d"
        ln -sT /bench/etc/mdevctl.d "$root/etc/mdevctl.d"
        system=$root/etc/systemd/system
        mkdir -p "$root/etc/systemd/system.conf.d" "$root/etc/systemd/system-generators" "$system/multi-user.target.wants"
        printf '[Manager]\nDefaultEnvironment=MDEVCTL_ENV_ROOT=/bench\n' >"$root/etc/systemd/system.conf.d/bench.conf"
        ln -s /dev/null "$system/mdev-monitor.service"
        ln -s /dev/null "$system/mdev-boot.service"
        ln -s /dev/null "$system/systemd-udev-trigger.service" # the devices of the host
        ln -s /dev/null "$system/dbus.socket" # does not run here, and systemctl does without
        ln -s /dev/null "$system/dbus.service"
        cat >"$system/bench.service" <<'END'
[Service]
ExecStart=/bin/bash /bench/inside
StandardOutput=file:/bench/result
StandardError=inherit
END
        ln -s ../bench.service "$system/multi-user.target.wants/"
        mkdir -p "$tree"/{etc/mdevctl.d,usr/lib/mdevctl/scripts.d/{callouts,notifiers},run,sys/class/mdev_bus,sys/bus/mdev/devices}
        : >"$tree/result"
}

# A parent of the tree, like a real one in memory: make_parent NAME INSTANCES
make_parent() {
        local type=$tree/sys/devices/virtual/$1/mdev_supported_types/small
        mkdir -p "$type" "$tree/etc/mdevctl.d/$1"
        touch "$type/create"
        echo "$2" >"$type/available_instances"
        ln -s "../../devices/virtual/$1" "$tree/sys/class/mdev_bus/$1"
}

# Boots the container with a command as its process 1 and waits until it ends; $tree/result has what
# $tree/inside printed: boot_container SECONDS COMMAND...
boot_container() {
        local seconds=$1
        shift
        timeout "$seconds" systemd-nspawn --quiet --register=no --keep-unit --private-network --kill-signal=SIGRTMIN+3 \
                --directory="$root" --bind="$tree:/bench" "$@" </dev/null >"$root.log" 2>&1 || :
}
