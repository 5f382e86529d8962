#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The pictures in the README, made of what a terminal shows and of the times of units

bats_require_minimum_version 1.5.0

setup() {
        load lib
        top=$BATS_TEST_DIRNAME/..
}

picture() {
        LC_ALL=C awk -f "$top/docs/picture/svg.awk"
}

boot() {
        LC_ALL=C awk -f "$top/docs/picture/boot.awk"
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

@test "each unit has a bar for its start, one for its time, and a label beside them" {
        printf '%s\n' '1900000 2000000 late.service' '500000 1000000 early.service' |
                boot | sed -n '/^<rect class="[as]/p; /^<text x/p' >"$BATS_TEST_TMPDIR/bars"
        # 422 pixels are a second.
        equal "$(cat "$BATS_TEST_TMPDIR/bars")" '<rect class="active" x="231.0" y="34" width="633.0" height="15"/>
<rect class="start" x="20.0" y="34" width="212.5" height="15"/>
<text x="236.0" y="45">early.service</text>
<rect class="active" x="653.0" y="52" width="211.0" height="15"/>
<rect class="start" x="610.8" y="52" width="43.7" height="15"/>
<text x="605.8" y="63" text-anchor="end">late.service</text>'
}

@test "a unit without its times is an error" {
        run -1 boot <<<'0 0 x.service'
        [[ $output == 'boot.awk: line 1 has a unit that is not active' ]]
        run -1 boot <<<$'1 2 x.service\nx.service'
        [[ $output == 'boot.awk: line 2 is no unit with two times' ]]
}

@test "the picture of the boot in the tree is up to date with its script, and has 20 devices" {
        style() { sed -n '/<style>/,/<\/style>/p'; }
        equal "$(style <"$top/docs/boot.svg")" "$(boot <<<'1 2 x' | style)"
        equal "$(grep -c '<text.*>mdev@…00[0-9]*.service on ' "$top/docs/boot.svg")" 20
        grep -q '(docs/boot.svg)' "$top/README.md"
}
