#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What docs/stability.md promises is what the programs do

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

top=$BATS_TEST_DIRNAME/..
page=$top/docs/stability.md

setup() {
        load mdevctl-lib
        setup_mdevctl
        parent mtty mtty-1 mtty-2
}

# The rows of the tables that begin with a cell.
rows() { # CELL
        grep "^| $1" "$page"
}

@test "JSON documents have the promised keys" {
        local row document object keys n=0
        define mtty 1 mtty-1 auto
        define absent 2 mtty-1 auto
        active mtty 1 mtty-1
        echo '[{"mtty": [{"83b8f4f2-509f-382f-3c1e-000000000003": {"mdev_type": "mtty-2", "start": "manual", "attrs": []}}]}]' >"$BATS_TEST_TMPDIR/document"
        while IFS='|' read -r _ document object keys _; do
                document=${document//\`/} object=${object//[\` ]/} keys=${keys//\`/}
                # shellcheck disable=SC2086
                "$build/mdevctl/mdevctl" ${document#* mdevctl } <"$BATS_TEST_TMPDIR/document" >"$BATS_TEST_TMPDIR/json" || :
                # shellcheck disable=SC2086
                for row in $keys; do
                        jq -e --arg key "$row" "[$object | objects | has(\$key)] | length > 0 and all" "$BATS_TEST_TMPDIR/json" ||
                                { echo "$document: $object has no $row" && cat "$BATS_TEST_TMPDIR/json" && return 1; }
                        n=$((n + 1))
                done
                rm -f "$definitions/mtty/83b8f4f2-509f-382f-3c1e-000000000003"
        done < <(rows '`mdevctl ')
        [ "$n" -gt 40 ]
}

@test "JSON documents have no key that is not promised" {
        local key
        define mtty 1 mtty-1 auto
        define absent 2 mtty-1 auto
        "$build/mdevctl/mdevctl" status --json >"$BATS_TEST_TMPDIR/json"
        for key in $(jq -r '.. | objects | keys[]' "$BATS_TEST_TMPDIR/json" | sort -u); do
                grep -q "\`$key\`" "$page" || { echo "$key" && return 1; }
        done
}

@test "the promised statuses of the helper are those of the code, with their names in sysexits.h" {
        local status name
        equal "$(sed -n 's/^| \([67][0-9]\) | \([A-Z]*\) .*/\2 \1/p' "$page" | sort)" \
                "$(grep -o '\bEX_[A-Z]*' "$top/helper/program.c" | sort -u | while read -r name; do
                        echo "${name#EX_} $(echo "$name" | gcc -include sysexits.h -E -P - | tail -n 1)"
                done | sort)"
}

@test "the promised units and files are installed" {
        local name
        DESTDIR=$BATS_TEST_TMPDIR/installed cmake --install "$build"
        for name in $(sed -n '/^## Units/,/^## Commands/p' "$page" | grep -o '`mdev[@a-z.<>-]*`' | tr -d '\`' | sed 's/<[^.]*>//'); do
                [ -n "$(find "$BATS_TEST_TMPDIR/installed" -name "$name")" ] || { echo "$name" && return 1; }
        done
        [ -d "$BATS_TEST_TMPDIR/installed/etc/mdevctl.d" ]
}

@test "every program prints a version" {
        local version program
        version=$(sed -n 's/^project(.* VERSION \([^ ]*\) .*/\1/p' "$top/CMakeLists.txt")
        equal "$("$build/generator/mdev-generator" --version)" "mdev-generator $version"
        for program in mdev-helper mdev-driver-helper vgpu-helper; do
                equal "$("$build/helper/$program" --version)" "$program $version"
        done
        equal "$("$build/monitor/mdev-monitor" --version)" "mdev-monitor $version"
        equal "$("$build/mdevctl/mdevctl" --version)" "mdevctl 1.4.0"
        equal "$("$build/mdevctl/lsmdev" --version)" "lsmdev 1.4.0"
}

# One version, in files whose format needs it written out.
@test "all packages have the version of the project" {
        local version
        version=$(sed -n 's/^project(.* VERSION \([^ ]*\) .*/\1/p' "$top/CMakeLists.txt")
        [ -n "$version" ]
        equal "$(sed -n '1s/^mdev-generator (\(.*\)) .*/\1/p' "$top/debian/changelog")" "$version"
        equal "$(sed -n 's/^Version: //p' "$top/packaging/rpm/mdev-generator.spec")" "$version"
        equal "$(sed -n 's/^pkgver=//p' "$top/packaging/arch/PKGBUILD")" "$version"
        grep -q "^## $version" "$top/NEWS.md"
}
