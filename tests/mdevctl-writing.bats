#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: several at a time, and killed

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        define mtty 1 mtty-1 manual
        writer=
}

teardown() {
        [ -z "$writer" ] || { kill "$writer"; wait "$writer"; } 2>/dev/null || :
}

@test "50 concurrent changes leave 50 attributes" {
        local pids=() pid
        for i in {1..50}; do
                mdevctl modify -u "$one" --addattr "a$i" --value "$i" &
                pids+=($!)
        done
        for pid in "${pids[@]}"; do
                wait "$pid"
        done
        equal "$(grep -c '"a[0-9]*": ' "$definitions/mtty/$one")" 50
        equal "$(grep -o '"a[0-9]*"' "$definitions/mtty/$one" | sort -u | wc -l)" 50
        equal "$(ls -A "$definitions/mtty")" "$one"
}

@test "a reader never sees half a definition" {
        (
                for _ in {1..150}; do
                        mdevctl modify -u "$one" --addattr a --value "$(printf 'x%.0s' {1..200})"
                done
                touch "$root/done"
        ) &
        while [ ! -e "$root/done" ]; do
                run --separate-stderr -0 mdevctl list -d --dumpjson -u "$one"
                equal "$stderr" ""
                [[ $output == "{"*"mtty-1"*"}" ]]
        done
        wait $!
}

@test "a reader never sees a definition cut off that is being replaced by a longer one" {
        cp "$definitions/mtty/$one" "$root/short"
        mdevctl modify -u "$one" --addattr a --value "$(printf 'x%.0s' {1..3000})"
        cp "$definitions/mtty/$one" "$root/long"
        perl -e 'while (1) { for (@ARGV[1, 2]) { link $_, "$_.new"; rename "$_.new", $ARGV[0] } }' \
                "$definitions/mtty/$one" "$root/short" "$root/long" 3>&- &
        writer=$!
        for _ in {1..100}; do
                run --separate-stderr -0 mdevctl list -d --dumpjson -u "$one"
                equal "$stderr" ""
        done
}

@test "of several that define a device one succeeds" {
        local pids=() pid succeeded=0
        for _ in {1..20}; do
                mdevctl define -u "$two" -p mtty -t mtty-1 2>/dev/null &
                pids+=($!)
        done
        for pid in "${pids[@]}"; do
                if wait "$pid"; then succeeded=$((succeeded + 1)); fi
        done
        equal $succeeded 1
}

@test "a writer that is killed leaves the old or the new definition" {
        local pid old new
        old=$(cat "$definitions/mtty/$one")
        mdevctl modify -u "$one" --addattr a --value 1
        new=$(cat "$definitions/mtty/$one")
        for i in {1..60}; do
                printf %s "$old" >"$definitions/mtty/$one"
                "$build/mdevctl/mdevctl" modify -u "$one" --addattr a --value 1 &
                pid=$!
                sleep "0.00$((i % 8))$((i % 10))"
                kill -KILL $pid 2>/dev/null || :
                wait $pid 2>/dev/null || :
                [ "$(cat "$definitions/mtty/$one")" = "$old" ] || equal "$(cat "$definitions/mtty/$one")" "$new"
                run --separate-stderr -0 mdevctl list -d
                equal "$stderr" ""
        done
        # Neither its remaining files nor its lock block another process.
        printf %s "$old" >"$definitions/mtty/$one"
        mdevctl modify -u "$one" --addattr a --value 1
        equal "$(ls -A "$definitions/mtty")" "$one"
}

@test "a temporary file that a killed writer has left" {
        echo garbage >"$definitions/mtty/.$one.new"
        run --separate-stderr -0 mdevctl list -d
        equal "$output$stderr" "$one mtty mtty-1 manual"
        run --separate-stderr -0 generator "$out/normal"
        equal "$stderr" ""
        mdevctl modify -u "$one" -a
        equal "$(ls -A "$definitions/mtty")" "$one"
}

@test "changes wait for each other" {
        local lock=$root/run/mdev-generator/.definitions.lock
        mdevctl modify -u "$one" -m
        equal "$(stat -c %a "$lock")" 600
        flock "$lock" sh -c 'sleep 1 && touch over' &
        sleep 0.2
        mdevctl modify -u "$one" -a
        exists over
        # Reading does not.
        flock "$lock" sleep 2 &
        sleep 0.2
        run timeout 1 "$build/mdevctl/mdevctl" list -d
        equal "$status" 0
        wait
}

# Everybody can open the directories.
@test "a lock that anybody can take stops no change" {
        mdevctl modify -u "$one" -m
        flock "$definitions" flock "$definitions/mtty" flock "$root/run/mdev-generator" sleep 5 &
        sleep 0.2
        timeout 3 "$build/mdevctl/mdevctl" modify -u "$one" -a
        kill %1
}

@test "what can be read needs no lock, and a change without one is refused" {
        touch "$root/run/mdev-generator"
        run -0 mdevctl list -d
        equal "$output" "$one mtty mtty-1 manual"
        run -1 mdevctl modify -u "$one" -a
        says "Failed to lock /etc/mdevctl.d with $root/run/mdev-generator/.definitions.lock: Not a directory"
        rm "$root/run/mdev-generator"
        rmdir "$root/run"
        run -0 mdevctl modify -u "$one" -a
}
