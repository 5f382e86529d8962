#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The documents agree with the catalog, the manual, the tests they name, and each other

# Variables of bats.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load lib
        top=$BATS_TEST_DIRNAME/..
        page=$top/docs/troubleshooting.md
}

# The rows of troubleshooting.md between two headings, without the column of the section.
rows() {
        sed -n "/^## $1/,/^## /p" "$page" | grep '^| `' | sed 's/ | \[.*//' | sort
}

@test "troubleshooting.md has each heading of journalctl -x" {
        [ "$(rows 'What `journalctl -x`' | wc -l)" -gt 10 ]
        equal "$(rows 'What `journalctl -x`')" "$(sed -n '/^-- /{s/^-- //;N;s/@MDEV_\([A-Z]*\)@/\1/g;s/\(.*\)\nSubject: \(.*\)/| `\1` | \2/p}' \
                "$top/units/mdev-generator.catalog" | sort)"
        equal "$(rows 'What `journalctl -x`' | grep -o '[0-9a-f]\{32\}')" \
                "$(sed -n 's/^#define MESSAGE_.*"\(.*\)"/\1/p' "$top/lib/message-id.h" | sort)"
}

@test "troubleshooting.md has each code of mdevctl check, as the manual describes it" {
        local codes
        codes=$(sed -n 's/^ *\[FINDING_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p' "$top/mdevctl/check.c" | sort)
        [ "$(wc -l <<<"$codes")" -gt 10 ]
        equal "$(rows 'What `mdevctl check`' | cut -d '`' -f 2)" "$codes"
        # The manual's columns: code, level, meaning.
        equal "$(rows 'What `mdevctl check`')" \
                "$(sed -n 's/ Pa \([^ ]*\)/ `\1`/; s/^\.It Cm \([a-z-]*\) Ta \(error\|warning\|note\) Ta \(.*\)/| `\1` | \2 | \3/p' "$top/man/mdevctl.8.in" | sort)"
}

# The anchors of a page's headings, as Markdown makes them.
anchors() {
        sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9_ -]//g; s/ /-/g'
}

@test "links between documents lead somewhere" {
        local file link target n=0
        while IFS= read -r file; do
                while IFS= read -r link; do
                        n=$((n + 1))
                        target=$file
                        [[ $link == '#'* ]] || target=$(dirname "$file")/${link%%#*}
                        [ -e "$target" ] || { echo "$file: $link leads nowhere" && return 1; }
                        [[ $link != *'#'* ]] || anchors "$target" | grep -qx -e "${link#*#}" || {
                                echo "$file: there is no heading ${link#*#}"
                                return 1
                        }
                done < <(grep -o '](\(#\|[a-zA-Z.]\)[^):]*)' "$file" | sed 's/^](//; s/)$//')
        done < <(find "$top"/*.md "$top/docs" "$top/bench" -name '*.md')
        [ $n -gt 50 ]
}

# "GROUP: test_..." names a test of tests/vm/groups, "compare: REASON" a case of tests/compare, and "tests/..." a file.
@test "tests that documents name exist" {
        local name n=0
        while IFS= read -r name; do
                n=$((n + 1))
                grep -qs "^${name#*: }() {" "$top/tests/vm/groups/${name%%:*}.bash" || { echo "there is no $name" && return 1; }
        done < <(grep -rhoE '`[a-z0-9-]+: test_[a-z_0-9]+`' "$top/docs" | tr -d '`')
        [ $n -gt 20 ]
        while IFS= read -r name; do
                [ -e "$top/$name" ] || { echo "there is no $name" && return 1; }
        done < <(grep -rhoE '`tests/[a-z0-9/.-]+`' "$top/docs/mdevctl.md" "$top/docs/recipes" | tr -d '`')
}

@test "each recipe ends with how far it is tried, and the list has it" {
        local file n=0
        for file in "$top"/docs/recipes/*.md; do
                [[ $file != */README.md ]] || continue
                n=$((n + 1))
                echo "${file##*/}"
                [[ $(awk -v RS= 'END { print }' "$file") == Tried*\`*:* ]]
                grep -q "^| \[${file##*/}\](${file##*/}) |" "$top/docs/recipes/README.md"
        done
        [ $n -gt 10 ]
}

@test "mdevctl.md lists what differs as tests/compare knows it" {
        local reasons
        reasons=$(sed -n 's/^other "\([^"$]*\)".*/\1/p; s/^        other "\([^"]*\)".*/\1/p; s/^help="\(.*\)"/\1/p' "$top/tests/compare/cases" | sort -u)
        [ "$(wc -l <<<"$reasons")" -gt 15 ]
        equal "$(grep -o 'compare: [^|;]*' "$top/docs/mdevctl.md" | sed 's/compare: //; s/ *$//' | sort -u)" "$reasons"
}
