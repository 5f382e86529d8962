# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdev-definitions-watch against a tree: what counts as a change. That systemd then reads the
# definitions, and that nothing is missed meanwhile, is tested in the virtual machines.

load lib

setup() {
        setup_tree
        generated=$root/run/systemd/generator
        log=$BATS_TEST_TMPDIR/log
        mkdir -p "$generated"
        define mtty 1 mtty-1 manual
        applied 1
}

teardown() {
        [ -z "${watch:-}" ] || kill "$watch" 2>/dev/null || :
}

# As if the generator had run, some seconds after the definitions were written: applied NUMBER...
applied() {
        local number
        for number; do
                mkdir -p "$generated/mdev@$(uuid "$number").service.d"
                touch -d '+5 seconds' "$generated/mdev@$(uuid "$number").service.d"
        done
}

start_watch() { # [DIRECTORIES]
        : >"$log"
        "$build/generator/mdev-definitions-watch" 2>"$log" 3>&- &
        watch=$!
        # All parents, the directory of the definitions if there is one, and the one above.
        eventually 10 watches "${1:-$(($(find "$definitions" -maxdepth 1 -type d ! -name scripts.d | wc -l) + 1))}"
}

watches() { # NUMBER
        [ "$(cat "/proc/$watch/fdinfo/"* 2>/dev/null | grep -c '^inotify ')" = "$1" ]
}

reloads() {
        grep -c 'having systemd reload' "$log" || :
}

# Waits until there have been as many.
reloads_become() { # NUMBER
        eventually 10 eval '[ "$(reloads)" -ge '"$1"' ]'
        equal "$(reloads)" "$1"
}

# And remain as many.
reloads_remain() { # NUMBER
        sleep 0.8
        equal "$(reloads)" "$1"
        kill -0 "$watch"
}

@test "a change to a definition is one reload, whatever makes it" {
        start_watch
        reloads_remain 0
        echo '{}' >"$definitions/mtty/$(uuid 1)"
        reloads_become 1
        mv "$definitions/mtty/$(uuid 1)" "$definitions/mtty/$(uuid 2)"
        reloads_become 2
        ln "$definitions/mtty/$(uuid 2)" "$definitions/mtty/$(uuid 3)"
        reloads_become 3
        chmod 000 "$definitions/mtty/$(uuid 2)"
        reloads_become 4
        rm "$definitions/mtty/"*
        reloads_become 5
        reloads_remain 5
}

@test "changes that follow each other closely are one reload" {
        start_watch
        for i in {10..30}; do
                define mtty "$i" mtty-1 manual
                sleep 0.05
        done
        reloads_become 1
        reloads_remain 1
}

@test "changes that do not end are applied all the same" {
        start_watch
        for _ in {1..35}; do
                define mtty 10 mtty-1 manual
                sleep 0.2
        done
        [ "$(reloads)" -ge 1 ]
        [ "$(reloads)" -le 2 ]
}

@test "a parent that comes, and what comes into its directory, are seen" {
        start_watch
        mkdir "$definitions/new"
        reloads_become 1
        define new 2 mtty-1 manual
        reloads_become 2
        mkdir "$definitions/other"
        define other 3 mtty-1 manual
        reloads_become 3
        rm -r "$definitions/new"
        reloads_become 4
        reloads_remain 4
}

@test "the directory of the definitions may go and come back" {
        start_watch
        mv "$definitions" "$definitions.away"
        reloads_become 1
        touch "$definitions.away/mtty/$(uuid 1)"
        reloads_remain 1
        mv "$definitions.away" "$definitions"
        reloads_become 2
        touch "$definitions/mtty/$(uuid 1)"
        reloads_become 3
        reloads_remain 3
}

@test "without the directory it waits for it" {
        rm -r "$definitions" "$generated"
        start_watch
        reloads_remain 0
        define mtty 1 mtty-1 manual
        reloads_become 1
        reloads_remain 1
}

@test "what is no definition is no change" {
        mkdir -p "$definitions/scripts.d/callouts"
        touch -d '+5 seconds' "$generated"/*
        start_watch
        reloads_remain 0
        touch "$definitions/../fstab" "$definitions/scripts.d/new" "$definitions/mtty/.$(uuid 1).new" "$definitions/scripts.d/callouts/ap-check"
        cat "$definitions/mtty/$(uuid 1)" >/dev/null
        ls "$definitions/mtty" >/dev/null
        reloads_remain 0
}

@test "at the beginning, what has changed since the generator ran is a change" {
        touch -d '-5 seconds' "$generated"/*
        start_watch
        reloads_become 1
        reloads_remain 1
}

@test "at the beginning, a definition without anything generated is a change" {
        rm -r "$generated"
        start_watch
        reloads_become 1
        reloads_remain 1
}

@test "at the beginning, something generated without the directory is a change" {
        rm -r "$definitions"
        start_watch
        reloads_become 1
        reloads_remain 1
}

@test "at the beginning, something generated in the future is a change" {
        touch -d '+1 hour' "$generated"/*
        start_watch
        reloads_become 1
        reloads_remain 1
}

@test "a directory that cannot be watched is named, and the others are watched" {
        [ "$(id -u)" -ne 0 ] || skip "root may watch all"
        mkdir -m 0 "$definitions/closed"
        applied 1
        start_watch 3
        grep -F "$definitions/closed: cannot be watched: Permission denied" "$log"
        define mtty 1 mtty-1 manual
        reloads_become 1
}

@test "any number of parents takes one inotify instance" {
        for i in {1..200}; do define "parent$i" "$i" mtty-1 manual; done
        applied 1
        start_watch
        equal "$(grep -l '^inotify ' "/proc/$watch/fdinfo/"* | wc -l)" 1
        touch "$definitions/parent200/$(uuid 200)"
        reloads_become 1
        reloads_remain 1
        equal "$(grep -l '^inotify ' "/proc/$watch/fdinfo/"* | wc -l)" 1
        eventually 10 watches 203
}

@test "arguments are refused" {
        run "$build/generator/mdev-definitions-watch" now
        equal "$status" 64
        equal "$output" "mdev-definitions-watch: usage: mdev-definitions-watch"
}
