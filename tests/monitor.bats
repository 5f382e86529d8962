# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdev-monitor against a tree: which changes of the definitions lead to a reload. The virtual machines
# show that systemd then knows them, and everything that concerns devices.

bats_require_minimum_version 1.5.0

load lib

setup() {
        setup_tree
        log=$BATS_TEST_TMPDIR/log
        define mtty 1 mtty-1 manual
        reload
}

teardown() {
        [ -z "${monitor:-}" ] || kill "$monitor" 2>/dev/null || :
}

# What systemd does when it reloads.
reload() {
        rm -rf "$root/run/systemd"/generator*
        mkdir -p "$root/run/systemd/generator" "$root/run/systemd/generator.early"
        generator "$root/run/systemd/generator" "$root/run/systemd/generator.early" "$root/run/systemd/generator" 2>/dev/null
}

start_monitor() {
        : >"$log"
        "$build/monitor/mdev-monitor" 2>"$log" 3>&- &
        monitor=$!
        eventually 10 watches
        # The first comparison has been made.
        sleep 0.3
}

watches() {
        grep -qs '^inotify ' "/proc/$monitor/fdinfo/"*
}

reloads() {
        grep -c 'reloading systemd' "$log" || :
}

# Waits until there have been as many, and does what systemd would.
reloads_become() { # NUMBER
        eventually 10 eval '[ "$(reloads)" -ge '"$1"' ]'
        equal "$(reloads)" "$1"
        reload
}

# And remain as many.
reloads_remain() { # NUMBER
        sleep 0.9
        equal "$(reloads)" "$1"
        kill -0 "$monitor"
}

@test "a changed definition is one reload, whatever changes it" {
        start_monitor
        reloads_remain 0
        define mtty 1 mtty-2 manual
        reloads_become 1
        mv "$definitions/mtty/$(uuid 1)" "$definitions/mtty/$(uuid 2)"
        reloads_become 2
        ln "$definitions/mtty/$(uuid 2)" "$definitions/mtty/$(uuid 3)"
        reloads_become 3
        define mtty 4 mtty-1 auto
        reloads_become 4
        rm "$definitions/mtty/"*
        reloads_become 5
        reloads_remain 5
}

@test "what the generator would write again is no change" {
        start_monitor
        # An editor that writes a copy, keeps a backup and renames.
        cp "$definitions/mtty/$(uuid 1)" "$definitions/mtty/4913"
        mv "$definitions/mtty/$(uuid 1)" "$definitions/mtty/$(uuid 1)~"
        mv "$definitions/mtty/4913" "$definitions/mtty/$(uuid 1)"
        rm "$definitions/mtty/$(uuid 1)~"
        reloads_remain 0
        echo x >"$definitions/mtty/notes~"
        touch "$definitions/mtty/$(uuid 1)" "$definitions/../fstab"
        mkdir -p "$definitions/empty" "$definitions/scripts.d/callouts"
        reloads_remain 0
        # A broken definition is none.
        echo '{' >"$definitions/mtty/$(uuid 5)"
        reloads_remain 0
}

@test "changes that follow each other closely are one reload" {
        start_monitor
        for i in {10..30}; do
                define mtty "$i" mtty-1 manual
                sleep 0.05
        done
        reloads_become 1
        reloads_remain 1
}

@test "changes that do not end are applied all the same" {
        local start=$SECONDS pauses=0 before
        start_monitor
        for i in {10..45}; do
                before=${EPOCHREALTIME/./}
                define mtty "$i" mtty-1 manual
                sleep 0.2
                # On a busy machine this may be the end of the changes.
                ((${EPOCHREALTIME/./} - before < 400000)) || pauses=$((pauses + 1))
        done
        [ "$(reloads)" -ge 1 ]
        [ "$(reloads)" -le $((1 + pauses + (SECONDS - start) / 5)) ]
}

@test "a parent that comes, and what comes into its directory, are seen" {
        start_monitor
        mkdir "$definitions/new"
        reloads_remain 0
        define new 2 mtty-1 manual
        reloads_become 1
        rm -r "$definitions/new"
        reloads_become 2
        reloads_remain 2
}

@test "the directory of the definitions may go and come back" {
        start_monitor
        mv "$definitions" "$definitions.away"
        reloads_become 1
        cp "$definitions.away/mtty/$(uuid 1)" "$definitions.away/mtty/$(uuid 2)"
        reloads_remain 1
        mv "$definitions.away" "$definitions"
        reloads_become 2
        define mtty 3 mtty-1 manual
        reloads_become 3
        reloads_remain 3
}

@test "without the directory it waits for it" {
        rm -r "$definitions"
        reload
        start_monitor
        reloads_remain 0
        define mtty 1 mtty-1 manual
        reloads_become 1
        reloads_remain 1
}

@test "a definition that is a link is seen to change, wherever on the way" {
        local store=$BATS_TEST_TMPDIR/store
        mkdir -p "$store/a" "$store/b"
        mv "$definitions/mtty/$(uuid 1)" "$store/a/file"
        ln -s a "$store/current"
        ln -s current/file "$store/link"
        ln -s "$store/link" "$definitions/mtty/$(uuid 1)"
        reload
        start_monitor
        # The file is written, then replaced.
        printf '{"mdev_type": "mtty-3", "start": "manual"}' >"$store/a/file"
        reloads_become 1
        printf '{"mdev_type": "mtty-4", "start": "manual"}' >"$store/a/new"
        mv "$store/a/new" "$store/a/file"
        reloads_become 2
        # A link in the middle leads elsewhere, as in a volume of Kubernetes.
        printf '{"mdev_type": "mtty-5", "start": "manual"}' >"$store/b/file"
        ln -s b "$store/new"
        mv -T "$store/new" "$store/current"
        reloads_become 3
        printf '{"mdev_type": "mtty-6", "start": "manual"}' >"$store/b/file"
        reloads_become 4
        reloads_remain 4
}

@test "at the beginning, what has changed since the last reload is applied" {
        define mtty 1 mtty-2 manual
        start_monitor
        reloads_become 1
        reloads_remain 1
}

@test "a reload that changes nothing is not repeated" {
        start_monitor
        define mtty 1 mtty-2 manual
        eventually 10 eval '[ "$(reloads)" -ge 1 ]'
        touch "$definitions/mtty/$(uuid 1)"
        reloads_remain 1
}

@test "apply compares once" {
        run -0 "$build/monitor/mdev-monitor" apply
        equal "$output" ""
        define mtty 1 mtty-2 manual
        run -0 "$build/monitor/mdev-monitor" apply
        says "definitions have changed, reloading systemd"
        equal "$(ls "$root/run/mdev-generator")" ""
}

@test "a directory that cannot be watched is named, and the others are watched" {
        [ "$(id -u)" -ne 0 ] || skip "root may watch all"
        mkdir -m 0 "$definitions/closed"
        start_monitor
        grep -F "Failed to watch $definitions/closed: Permission denied" "$log"
        define mtty 1 mtty-2 manual
        reloads_become 1
}

@test "any number of parents takes one inotify instance more" {
        local before
        start_monitor
        before=$(grep -l '^inotify ' "/proc/$monitor/fdinfo/"* | wc -l)
        # On a busy host, writing them takes longer than the monitor waits for the next one.
        for i in {1..200}; do definitions=$root/new define "parent$i" "$i" mtty-1 manual; done
        mv "$root"/new/* "$definitions"
        reloads_become 1
        define parent200 300 mtty-2 manual
        reloads_become 2
        equal "$(grep -l '^inotify ' "/proc/$monitor/fdinfo/"* | wc -l)" "$before"
}

@test "other arguments are refused" {
        run "$build/monitor/mdev-monitor" now
        equal "$status" 64
        equal "$output" "mdev-monitor: usage: mdev-monitor [apply]"
}
