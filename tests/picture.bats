#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The picture in the README, made of what a terminal shows

bats_require_minimum_version 1.5.0

setup() {
        load lib
        top=$BATS_TEST_DIRNAME/..
}

picture() {
        LC_ALL=C awk -f "$top/docs/picture/svg.awk"
}

@test "each text is at its column, in its colour, as wide as on the terminal" {
        printf '\033[0;1ma&b\033[0m  driver <x>\n\033[0;90m└─\033[0m\033[0;1;31m×\033[0m one two   three  \n' |
                picture | grep '^<text' >"$BATS_TEST_TMPDIR/texts"
        equal "$(cat "$BATS_TEST_TMPDIR/texts")" '<text x="16.0" y="30" textLength="25.2" class="bold">a&amp;b</text>
<text x="58.0" y="30" textLength="84.0">driver &lt;x&gt;</text>
<text x="16.0" y="50" textLength="16.8" class="grey">└─</text>
<text x="32.8" y="50" textLength="8.4" class="red">×</text>
<text x="49.6" y="50" textLength="58.8">one two</text>
<text x="133.6" y="50" textLength="42.0">three</text>'
}

@test "what is no colour of mdevctl is an error" {
        run -1 picture <<<$'a\033[35mb'
        [[ $output == 'svg.awk: line 1 has the unknown colour "35"' ]]
        run -1 picture <<<$'a\n\033[2Jb'
        [[ $output == 'svg.awk: line 2 has a sequence that is no colour' ]]
}

# The README's picture was made by this script, and shows each state.
@test "the picture in the tree is up to date with its script" {
        style() { sed -n '/<style>/,/<\/style>/p'; }
        equal "$(style <"$top/docs/status.svg")" "$(picture <<<x | style)"
        for word in active failed inactive 'not registered' undefined 'used by qemu-system-x86'; do
                grep -q "$word" "$top/docs/status.svg"
        done
        grep -q '(docs/status.svg)' "$top/README.md"
}
