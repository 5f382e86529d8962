# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Functions for the tests of the programs
#
# Every test has a tree of its own, $root, in which the programs find
# /etc/mdevctl.d, /sys and /run, and a directory $out for what the generator
# writes. The programs are those of the build directory $MDEV_BUILD.

# Some variables are for the tests, and bats sets output.
# shellcheck disable=SC2034,SC2154

build=$(realpath "${MDEV_BUILD:-$BATS_TEST_DIRNAME/../build/dev}")

# With MDEV_REFUSE="ENOSYS openat2" and the like, the kernel refuses a system call to the programs.
refused=()
if [ -n "${MDEV_REFUSE:-}" ]; then
        # shellcheck disable=SC2206
        refused=("$build/tests/refuse-syscall" $MDEV_REFUSE)
fi

# Makes the tree; to be called in setup().
setup_tree() {
        local temporary
        temporary=$(realpath "$BATS_TEST_TMPDIR")
        root=$temporary/root
        out=$temporary/out
        definitions=$root/etc/mdevctl.d
        mkdir -p "$definitions" "$root"/{run,dev,proc,sys/bus/mdev/devices,sys/class/mdev_bus} "$out"/{normal,early,late}

        export LC_ALL=C MDEVCTL_ENV_ROOT=$root SYSTEMD_PROC_CMDLINE=
        unset SYSTEMD_EXEC_PID SYSTEMD_IN_INITRD SYSTEMD_LOG_LEVEL JOURNAL_STREAM NOTIFY_SOCKET
        # A program with a sanitizer: to be told from a program that fails, and not to mind the preloaded library.
        export ASAN_OPTIONS=exitcode=99:verify_asan_link_order=0 UBSAN_OPTIONS=exitcode=99
}

# The UUID with a number.
uuid() {
        printf '83b8f4f2-509f-382f-3c1e-%012d' "$1"
}

# define PARENT NUMBER TYPE START [ATTRIBUTES]
define() {
        mkdir -p "$definitions/$1"
        printf '{"mdev_type": "%s", "start": "%s", "attrs": [%s]}' "$3" "$4" "${5:-}" >"$definitions/$1/$(uuid "$2")"
}

# parent NAME TYPE...: registers a parent.
parent() {
        local name=$1 type directory
        shift
        for type in "$@"; do
                directory=$root/sys/devices/virtual/$name/mdev_supported_types/$type
                mkdir -p "$directory/.template"
                touch "$directory/create"
                echo 2 >"$directory/available_instances"
                echo vfio-pci >"$directory/device_api"
        done
        mkdir -p "$root/sys/devices/virtual/$name/mdev_supported_types"
        ln -s "../../devices/virtual/$name" "$root/sys/class/mdev_bus/$name"
}

# The directory of a type: type_of PARENT TYPE
type_of() {
        echo "$root/sys/devices/virtual/$1/mdev_supported_types/$2"
}

# attributes PARENT TYPE NAME...: its devices will have these attributes.
attributes() {
        local template name
        template=$(type_of "$1" "$2")/.template
        shift 2
        for name in "$@"; do
                mkdir -p "$(dirname "$template/$name")"
                touch "$template/$name"
        done
}

# Buses, and devices whose drivers can be chosen.

# A PCI function with the driver nic; vfio-pci is loaded, too. Its directory is $directory.
setup_bus() {
        directory=$root/sys/devices/pci0000:3a/0000:3b:00.0
        overrides=$root/etc/driverctl.d
        mkdir -p "$overrides" "$root/usr/sbin"
        driver pci nic
        driver pci vfio-pci
        bus_device pci 0000:3b:00.0 nic
}

# driver BUS NAME: loads a driver.
driver() {
        mkdir -p "$root/sys/bus/$1/drivers/$2" "$root/sys/bus/$1/devices"
        touch "$root/sys/bus/$1/drivers_probe" "$root/sys/bus/$1/drivers/$2"/{bind,unbind}
}

# bus_device BUS NAME DRIVER: adds a device to which the kernel binds the driver by itself.
bus_device() {
        local at=$root/sys/devices/pci0000:3a/$2
        mkdir -p "$at"
        echo '(null)' >"$at/driver_override"
        echo "$3" >"$at/.default"
        ln -sfn "../../../devices/pci0000:3a/$2" "$root/sys/bus/$1/devices/$2"
        [ ! -e "$root/sys/bus/$1/drivers/$3" ] || ln -s "$root/sys/bus/$1/drivers/$3" "$at/driver"
}

# override NAME DRIVER
override() {
        echo "$2" >"$overrides/$1"
}

# has_driver DRIVER [OVERRIDE]: that driver and that override are set, which is none if empty.
has_driver() {
        equal "$(basename "$(readlink "$directory/driver")")" "$1"
        equal "$(grep -vx '(null)' "$directory/driver_override")" "${2:-}"
}

# The programs. None may hang, whatever it is given.

# From here on the generator may read and write what the modes of files allow it, even as root.
without_privileges() {
        [ "$(id -u)" -ne 0 ] || unprivileged=(setpriv --bounding-set=-all --inh-caps=-all)
}
unprivileged=()

generator() {
        "${unprivileged[@]}" timeout 20 "${refused[@]}" "$build/generator/mdev-generator" "$@"
}

with_sysfs() {
        LD_PRELOAD=$build/tests/fake-sysfs.so timeout --foreground 20 "${refused[@]}" "$@"
}

helper() {
        with_sysfs "$build/tests/mdev-helper" "$@"
}

driver_helper() {
        with_sysfs "$build/tests/mdev-driver-helper" "$@"
}

vgpu_helper() {
        with_sysfs "$build/tests/vgpu-helper" "$@"
}

# Conditions, used as the last command of a line: they show the actual value when they fail.

# equal IS EXPECTED
equal() {
        [ "$1" = "$2" ] || {
                printf 'is:       %q\nexpected: %q\n' "$1" "$2"
                return 1
        }
}

# The output of the last "run" contains each text.
says() {
        local text
        for text in "$@"; do
                [[ $output == *"$text"* ]] || {
                        printf 'the output is: %s\nexpected in it: %s\n' "$output" "$text"
                        return 1
                }
        done
}

exists() {
        [ -e "$1" ] || {
                echo "$1 does not exist"
                return 1
        }
}

missing() {
        if [ -e "$1" ] || [ -L "$1" ]; then
                echo "$1 exists"
                return 1
        fi
}

# eventually SECONDS COMMAND...: tries until the command succeeds.
eventually() {
        local end=$((SECONDS + $1))
        shift
        until "$@" >/dev/null; do
                [ $SECONDS -lt $end ] || {
                        echo "never came true: $*"
                        return 1
                }
                sleep 0.01
        done
}
