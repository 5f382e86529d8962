#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion in bash offers what the help describes

# Variables of bats.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        completion=$BATS_TEST_DIRNAME/../completions/bash/mdevctl
}

# What may stand in place of the last word, sorted: completed WORD...
completed() {
        # shellcheck disable=SC2016,SC2034,SC2317
        bash -c '
                _init_completion() {
                        words=("${line[@]}")
                        cword=$((${#words[@]} - 1))
                        cur=${words[cword]}
                        prev=${words[cword - 1]}
                        split=false
                }
                __ltrim_colon_completions() { :; }
                . "$1"
                line=("${@:2}")
                _mdevctl
                printf "%s\n" "${COMPREPLY[@]}"' _ "$completion" "$build/mdevctl/mdevctl" "$@" | sort -u
}

# The commands of the help.
commands() {
        mdevctl help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | sort
}

@test "all commands" {
        [ "$(commands | wc -l)" -gt 10 ]
        equal "$(completed '' | grep -v '^-')" "$(commands)"
        equal "$(completed help '')" "$(commands | grep -vx help)"
}

@test "all options of each command" {
        local command n=0
        for command in $(commands | grep -vx help); do
                echo "$command"
                # The description of an option may name another one.
                equal "$(completed "$command" -)" \
                        "$(mdevctl "$command" --help | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z-]+)( .*)?$/\2/p' | sort -u)"
                n=$((n + 1))
        done
        [ $n -gt 10 ]
}

@test "UUIDs, parents and types of this system" {
        parent 0000:01:00.0 t1 t2
        parent mtty t3
        define absent 1 t1 manual
        active mtty 2 t3
        equal "$(completed status -p '')" $'0000:01:00.0\nabsent\nmtty'
        equal "$(completed check --parent 0000)" 0000:01:00.0
        equal "$(completed define --parent mtty --type '')" t3
        equal "$(completed define -t '')" $'t1\nt2\nt3'
        equal "$(completed hostdev --uuid '')" "$(uuid 1)"$'\n'"$(uuid 2)"
        equal "$(completed stop -u '')" "$(uuid 2)"
        equal "$(completed undefine -u '')" "$(uuid 1)"
        load vgpu-lib
        setup_vgpu
        equal "$(completed vgpu define 0000)" "$name"
        equal "$(completed vgpu define "$name" -t '')" $'1155\n1156'
}
