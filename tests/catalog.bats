#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The ids of messages and the catalog that explains them

# Variables of bats.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load lib
        top=$BATS_TEST_DIRNAME/..
        catalog=$top/units/mdev-generator.catalog
        header=$top/lib/message-id.h
}

@test "each id has one text, and each text an id" {
        equal "$(sed -n 's/^-- //p' "$catalog" | sort)" "$(sed -nE 's/^#define MESSAGE_[A-Z_]+ "([0-9a-f]{32})"$/\1/p' "$header" | sort -u)"
        equal "$(grep -c '^#define MESSAGE_' "$header")" "$(grep -c '^-- ' "$catalog")"
}

@test "each id belongs to a message, and is nowhere else" {
        local name
        while read -r name; do
                grep -q "\b$name\b" "$top"/helper/*.c || {
                        echo "$name is not used"
                        return 1
                }
        done < <(sed -nE 's/^#define (MESSAGE_[A-Z_]+) .*/\1/p' "$header")
        equal "$(grep -rlE '\b[0-9a-f]{32}\b' "$top"/{lib,helper,generator,monitor,mdevctl}/*.[ch])" "$header"
}

@test "each text has a subject, its origin, a manual page, and three paragraphs" {
        awk '
                function check() {
                        if (id && (subject != 1 || defined != 1 || !manual || paragraphs < 3)) {
                                print id ": " subject, defined, manual, paragraphs
                                failed = 1
                        }
                }
                /^-- / { check(); id = $2; subject = defined = manual = paragraphs = 0; next }
                /^Subject: / { subject++ }
                /^Defined-By: mdev-generator$/ { defined++ }
                /^Documentation: man:[a-z@.-]+\([58]\)$/ { manual++ }
                id && blank && NF { paragraphs++ }
                { blank = !NF }
                END { check(); exit failed }' "$catalog"
}

@test "only fields of these messages are used" {
        equal "$(grep -o '@[A-Z_]\+@' "$catalog" | sort -u | paste -sd ' ')" '@MDEV_ATTRIBUTE@ @MDEV_DRIVER@ @MDEV_PARENT@ @MDEV_TYPE@ @MDEV_UUID@'
}

@test "systemd reads the catalog" {
        command -v journalctl >/dev/null || skip "no journalctl"
        local root=$BATS_TEST_TMPDIR
        mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
        cp "$catalog" "$root/usr/lib/systemd/catalog/"
        equal "$(journalctl --root="$root" --update-catalog 2>&1)" ""
        equal "$(journalctl --root="$root" --list-catalog | grep -c ' mdev-generator: ')" "$(grep -c '^-- ' "$catalog")"
}
