#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Recipes that need no system, with the text taken from the pages; see tests/vm/groups/recipes.bash

# Variables of bats.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        recipes=$BATS_TEST_DIRNAME/../docs/recipes
}

# The blocks of a page that are in this language: block PAGE LANGUAGE
block() {
        awk -v begin="\`\`\`$2" '$0 == begin {on = 1; next} /^```$/ {on = 0} on' "$recipes/$1.md"
}

@test "node_exporter gets the free instances, and which devices exist and are in use" {
        block fleets sh >metrics
        parent mtty mtty-1 mtty-2
        # shellcheck disable=SC1003
        parent 'a "b\' t
        echo 0 >"$(type_of mtty mtty-2)/available_instances"
        define absent 1 t9 auto
        active mtty 2 mtty-1
        mkdir collector
        PATH=$build/mdevctl:$PATH run --separate-stderr -0 sh metrics collector
        equal "$output$stderr" ""
        equal "$(ls collector)" mdev.prom
        equal "$(grep -v '^#' collector/mdev.prom)" "mdev_available_instances{parent=\"a \\\"b\\\\\",type=\"t\"} 2
mdev_available_instances{parent=\"mtty\",type=\"mtty-1\"} 2
mdev_available_instances{parent=\"mtty\",type=\"mtty-2\"} 0
mdev_device_active{parent=\"absent\",uuid=\"$one\",type=\"t9\"} 0
mdev_device_active{parent=\"mtty\",uuid=\"$two\",type=\"mtty-1\"} 1"
        equal "$(grep -c '^# TYPE mdev_[a-z_]* gauge$' collector/mdev.prom)" 3
        # Nothing new rather than half of it.
        rm "$(type_of mtty mtty-1)/available_instances"
        PATH=$build/mdevctl:$PATH run ! sh metrics collector
        grep -q mtty-1 collector/mdev.prom
}

# What holds a device cannot be seen in a tree, so the status is a made-up one.
@test "node_exporter gets the holders" {
        block fleets sh >metrics
        mkdir bin
        cat >bin/mdevctl <<'END'
#!/bin/sh
echo '{"parents": [{"name": "p", "types": [], "devices": [
        {"uuid": "a", "type": "t", "active": true, "holders": [{"pid": 7, "name": "qemu"}]},
        {"uuid": "b", "type": null, "active": true, "holders": []},
        {"uuid": "c", "type": "t", "active": false, "holders": null}]}]}'
END
        chmod +x bin/mdevctl
        PATH=$PWD/bin:$PATH sh metrics .
        equal "$(grep '^mdev_device_in_use' mdev.prom)" 'mdev_device_in_use{parent="p",uuid="a",type="t"} 1
mdev_device_in_use{parent="p",uuid="b",type=""} 0'
}

@test "the playbook's command changes definitions once" {
        local command document='[{"0000:3b:00.0": [{"'$one'": {"mdev_type": "nvidia-63", "start": "auto", "attrs": []}}]}]'
        command=$(block fleets yaml | sed -n "s/.*\[\('mdevctl', .*'-'\)\].*/\1/p" | tr -d "',")
        # The playbook reads this number.
        changed() {
                # shellcheck disable=SC2086
                $command "$@" <<<"$document" | jq .changed
        }
        define 0000:3b:00.0 1 nvidia-63 manual
        equal "$(changed --dry-run)" 1
        equal "$(changed)" 1
        equal "$(changed)" 0
        equal "$(mdevctl list -d)" "$one 0000:3b:00.0 nvidia-63 auto"
}

# Ansible is large, and each of its runs takes four seconds of a processor.
@test "Ansible changes definitions once, and only says so under --check" {
        [ -n "${MDEV_ANSIBLE:-}" ] || skip "MDEV_ANSIBLE is not set"
        block fleets yaml >playbook.yaml
        play() {
                HOME=$BATS_TEST_TMPDIR ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0 PATH=$build/mdevctl:$PATH LC_ALL=C.UTF-8 \
                        ansible-playbook -i vgpu, -c local -e ansible_become=false "$@" playbook.yaml |
                        sed -n 's/^vgpu *: ok=[0-9]* *\(changed=[0-9]*\) .*\(failed=[0-9]*\).*/\1 \2/p'
        }
        define 0000:3b:00.0 1 nvidia-63 manual
        equal "$(play --check)" 'changed=1 failed=0'
        equal "$(ls "$definitions/0000:3b:00.0")" "$one"
        equal "$(play)" 'changed=1 failed=0'
        equal "$(mdevctl list -dv)" '83b8f4f2-509f-482f-bc1e-e6bfe0fa1001 0000:3b:00.0 nvidia-63 auto
  Attrs:
    @{0}: {"nvidia/vgpu_params":"frame_rate_limiter=0"}'
        equal "$(play)" 'changed=0 failed=0'
}
