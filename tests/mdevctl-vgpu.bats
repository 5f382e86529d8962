#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl vgpu, and vGPUs in status, check and apply

# Variables of bats and of lib.bash; every test is a subshell.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
        load mdevctl-lib
        setup_mdevctl
        load vgpu-lib
        setup_vgpu
        file=$vgpus/$name
}

# A definition without white space.
stored() {
        tr -d ' \n' <"$1"
}

# A second function of the card.
another() {
        other=0000:41:00.5
        virtual_function "$other"
        controls "$other"
}

# A note of the unit: noted TYPE NUMBER
noted() {
        mkdir -p "$root/run/mdev-generator"
        printf 'STATE=active\nPARENT=%s\nDEVICE=%s\nTYPE=%s\nTYPE_NUMBER=%s\n' "$card" \
                "$(stat -Lc %i "$root/sys/bus/pci/devices/$name")" "$1" "$2" >"$root/run/mdev-generator/$name"
}

# Definitions.

@test "define writes the file, and undefine removes it" {
        rmdir "$vgpus"
        run -0 mdevctl vgpu define "$name" -t "NVIDIA L40S-24Q" --auto --addattr vgpu_params --value enable_uvm=1
        equal "$output" ""
        equal "$(stored "$file")" '{"vgpu_type":"NVIDIAL40S-24Q","start":"auto","attrs":[{"vgpu_params":"enable_uvm=1"}]}'
        equal "$(ls -A "$vgpus")" "$name"
        # udev has to look at a function that is there already.
        equal "$(<"$root/sys/bus/pci/devices/$name/uevent")" change
        run -1 mdevctl vgpu define "$name" -t 1155
        equal "$output" "Error: $name is defined already; edit /etc/vgpu.d/$name, or undefine it first"
        run -0 mdevctl vgpu undefine "$name"
        equal "$output" ""
        missing "$file"
        run -1 mdevctl vgpu undefine "$name"
        equal "$output" "Error: $name is not defined"
        # The type of the function is not theirs.
        equal "$(<"$directory/current_vgpu_type")" 0
}

# Links as systemctl enable makes them.
enable_vgpu() { # FUNCTION
        local wants
        for wants in "etc/systemd/system/sys-bus-pci-devices-$1.device.wants" run/systemd/system/multi-user.target.wants; do
                mkdir -p "$root/$wants"
                ln -s /usr/lib/systemd/system/vgpu@.service "$root/$wants/vgpu@$1.service"
        done
}

links_of_vgpus() {
        (cd "$root" && find etc/systemd run/systemd -type l -name 'vgpu@*' | sort)
}

@test "undefine takes back what systemctl enable has done, and so does apply" {
        another
        mdevctl vgpu define "$name" -t 1155
        mdevctl vgpu define "$other" -t 1155
        enable_vgpu "$name"
        enable_vgpu "$other"
        mkdir -p "$root/etc/systemd/system/masked.wants"
        ln -s /dev/null "$root/etc/systemd/system/masked.wants/vgpu@$name.service"
        mdevctl vgpu undefine "$name"
        equal "$(links_of_vgpus)" "etc/systemd/system/masked.wants/vgpu@$name.service
etc/systemd/system/sys-bus-pci-devices-$other.device.wants/vgpu@$other.service
run/systemd/system/multi-user.target.wants/vgpu@$other.service"
        rm -r "$root/etc/systemd/system/masked.wants"
        # An automatic definition may be enabled, too; one that has become manual is not.
        echo "[{\"/etc/vgpu.d\": [{\"$other\": {\"vgpu_type\": 1155, \"start\": \"auto\"}}]}]" >"$root/document"
        mdevctl apply "$root/document"
        equal "$(links_of_vgpus | wc -l)" 2
        sed -i s/auto/manual/ "$root/document"
        mdevctl apply "$root/document"
        equal "$(links_of_vgpus)" ""
        enable_vgpu "$other"
        echo '[{"/etc/vgpu.d": []}]' >"$root/document"
        mdevctl apply --prune "$root/document"
        equal "$(links_of_vgpus)" ""
        missing "$root/etc/systemd/system/sys-bus-pci-devices-$other.device.wants"
}

@test "define takes a file, and undefine removes an unreadable one" {
        echo '{"vgpu_type": 1155, "start": "manual", "other": 1}' >"$root/json"
        mdevctl vgpu define "$name" --jsonfile "$root/json"
        equal "$(stored "$file")" '{"vgpu_type":"1155","start":"manual","attrs":[]}'
        echo '{"mdev_type": "x", "start": "manual"}' >"$root/json"
        run -1 mdevctl vgpu define 0000:41:00.5 --jsonfile "$root/json"
        equal "$output" "Error: $root/json: \"vgpu_type\" is missing"
        echo '{' >"$file"
        mdevctl vgpu undefine "$name"
        missing "$file"
}

@test "define warns of what check would find" {
        run -0 mdevctl vgpu define "$name" -t "NVIDIA L40S-24Z"
        says "Warning: $file: error: card $card does not offer type NVIDIA L40S-24Z; " "[vgpu-not-creatable]"
        run -0 mdevctl vgpu define 0000:41:00.7 -t 1155
        equal "$output" "Warning: $vgpus/0000:41:00.7: warning: there is no PCI function 0000:41:00.7 at present; enable SR-IOV on its card, or correct the name of the file [vgpu-absent]"
}

@test "what cannot be is refused" {
        local function
        for function in 41:00.4 ../x "$name/" 0000:41:00.9; do
                run -1 mdevctl vgpu define "$function" -t 1155
                equal "$output" "Error: \"$function\" is not the address of a PCI function, such as 0000:41:00.4"
                run -1 mdevctl vgpu undefine "$function"
                equal "$output" "Error: \"$function\" is not the address of a PCI function, such as 0000:41:00.4"
        done
        run -1 mdevctl vgpu define "$name"
        equal "$output" "Error: No type specified"
        run -1 mdevctl vgpu define "$name" -t a/b
        says 'the type'"'"'s name "a/b"'
        run -1 mdevctl vgpu define "$name" -t 1155 --addattr ../x --value 1
        says "the attribute's name \"../x\""
        run -2 mdevctl vgpu define "$name" -t 1155 --addattr x
        says "--addattr needs --value, too"
        run -2 mdevctl vgpu undefine "$name" --auto
        says "error: mdevctl vgpu undefine has no option --auto"
        run -2 mdevctl vgpu define "$name" -t 1155 --json
        says "error: mdevctl vgpu define has no option --json"
        run -1 mdevctl vgpu define
        says "The function is missing"
        run -1 mdevctl vgpu list "$name"
        equal "$output" "Error: unexpected argument \"$name\""
        run -2 mdevctl vgpu start "$name"
        says 'error: "start" is not define, undefine, list or types'
        equal "$(ls -A "$vgpus")" ""
}

@test "list prints definitions, and types what can be created" {
        another
        vgpu "$name" '"NVIDIA L40S-24Q"' auto '{"a": "b"}'
        vgpu "$other" 1156 manual
        printf '{' >"$vgpus/0000:41:00.6"
        directory=$root/sys/bus/pci/devices/$name/nvidia
        present 1155
        run -0 --separate-stderr mdevctl vgpu list
        equal "$output" "$name auto NVIDIA L40S-24Q (active)
$other manual 1156"
        [[ $stderr == "Warning: $vgpus/0000:41:00.6: "* ]]
        run -0 --separate-stderr mdevctl vgpu list --json
        equal "$(tr -d ' \n' <<<"$output")" "[{\"/etc/vgpu.d\":[{\"$name\":{\"vgpu_type\":\"NVIDIAL40S-24Q\",\"start\":\"auto\",\"attrs\":[{\"a\":\"b\"}]}},{\"$other\":{\"vgpu_type\":\"1156\",\"start\":\"manual\",\"attrs\":[]}}]}]"
        run -0 mdevctl vgpu types
        equal "$output" "$name has NVIDIA L40S-24Q
  1155  NVIDIA L40S-24Q
  1156  NVIDIA L40S-48Q
$other
  1155  NVIDIA L40S-24Q
  1156  NVIDIA L40S-48Q"
        run -0 mdevctl vgpu types "$other"
        equal "${lines[0]}" "$other"
        run -0 mdevctl vgpu types "$other" --json
        equal "$(tr -d ' \n' <<<"$output")" "[{\"function\":\"$other\",\"card\":\"$card\",\"type\":null,\"types\":[{\"id\":1155,\"name\":\"NVIDIAL40S-24Q\"},{\"id\":1156,\"name\":\"NVIDIAL40S-48Q\"}]}]"
        run -1 mdevctl vgpu types 0000:42:00.4
        says "Neither function 0000:42:00.4 nor"
}

# check

@test "check finds nothing wrong with what is as defined" {
        vgpu "$name" '"NVIDIA L40S-24Q"'
        run -0 mdevctl check
        equal "$output" ""
        present 1155
        run -0 mdevctl check
        equal "$output" ""
}

@test "check: the function is absent or not ready" {
        vgpu 0000:41:00.7 1155
        vgpu "$name" 1155
        rm -r "$directory"
        run -1 mdevctl check
        equal "$output" "$file: warning: $name has no directory nvidia/; driver nvidia is bound to it; bind NVIDIA's driver for vGPUs [vgpu-absent]
$vgpus/0000:41:00.7: warning: there is no PCI function 0000:41:00.7 at present; enable SR-IOV on its card, or correct the name of the file [vgpu-absent]"
        run -1 mdevctl check -p 0000:41:00.7
        equal "${#lines[@]}" 1
        rm "$root/sys/bus/pci/devices/$name/physfn"
        run -1 mdevctl check -p "$name"
        says "$name is not a virtual function of SR-IOV"
}

@test "check: others have set another type, taken one back, or set one" {
        vgpu "$name" '"NVIDIA L40S-24Q"'
        present 1156
        run -1 mdevctl check
        says "$file: error: $name has type NVIDIA L40S-48Q, not NVIDIA L40S-24Q; " "[vgpu-differs]"
        # The list of the only function is empty.
        : >"$directory/creatable_vgpu_types"
        run -1 mdevctl check
        says "$name has type 1156; whether that is NVIDIA L40S-24Q is unknown"
        noted "NVIDIA L40S-24Q" 1156
        run -0 mdevctl check
        equal "$output" ""
        controls "$name"
        run -1 mdevctl check
        equal "$output" "$file: error: $name has no type, although its unit is active with type NVIDIA L40S-24Q; run \"systemctl restart vgpu@$name.service\" [vgpu-differs]"
        rm "$file"
        present 1155
        run -0 mdevctl check
        equal "$output" "$name: note: has type NVIDIA L40S-24Q, which others have set; it is gone after a reboot; run \"mdevctl vgpu define $name --auto --type 'NVIDIA L40S-24Q'\" [vgpu-undefined]"
}

@test "check: the card does not offer the type" {
        vgpu "$name" '"NVIDIA A100-4C"' manual
        run -1 mdevctl check
        equal "$output" "$file: error: card $card does not offer type NVIDIA A100-4C; run \"mdevctl vgpu types $name\", and correct the type or set up the mode of the card that it needs [vgpu-not-creatable]"
        vgpu "$name" 7
        run -1 mdevctl check
        says "does not offer type 7"
}

@test "check: the card is too small for all that is automatic" {
        another
        vgpu "$name" '"NVIDIA L40S-24Q"'
        vgpu "$other" '"NVIDIA L40S-48Q"'
        run -1 mdevctl check
        equal "$output" "$vgpus/$other: error: card $card has 48 GB, but the automatic vGPUs up to this one need 72 GB; make a definition of the card manual and disable its unit, or choose smaller types [vgpu-exceeded]"
        vgpu "$other" 1155
        run -0 mdevctl check
        vgpu "$other" '"NVIDIA L40S-48Q"' manual
        run -0 mdevctl check
        # Full.
        vgpu "$other" 1155
        : >"$directory/creatable_vgpu_types"
        directory=$root/sys/bus/pci/devices/$name/nvidia
        present 1155
        run -1 mdevctl check
        says "$vgpus/$other: error: card $card cannot create type 1155 beside its present vGPUs; " "[vgpu-exceeded]"
}

@test "check: files that cannot be used" {
        echo '{"vgpu_type": -1, "start": "auto"}' >"$file"
        : >"$vgpus/41:00.5"
        run -1 mdevctl check
        says "$file: error: \"vgpu_type\" is not a number from 0 to" \
                "correct the file, or run \"mdevctl vgpu undefine $name\" [definition-unreadable]" \
                "$vgpus/41:00.5: error: the name is not the address of a PCI function, such as 0000:41:00.4; rename or remove the file [definition-unreadable]"
        mdevctl check --json | tr -d ' \n' | grep -q "\"parent\":\"$name\""
}

# status

@test "status shows cards and what is defined or has a type" {
        another
        vgpu "$name" '"NVIDIA L40S-24Q"'
        vgpu 0000:42:00.4 1155 manual
        run -0 mdevctl status
        equal "$output" "unknown card
  0000:42:00.4  1155             manual      absent
$card  driver nvidia, 0 of 2 functions have a vGPU
  $name  NVIDIA L40S-24Q  auto        inactive"
        present 1156
        directory=$root/sys/bus/pci/devices/$name/nvidia
        present 1156
        echo '{' >"$vgpus/0000:42:00.4"
        run -0 --separate-stderr mdevctl status
        says "2 of 2 functions" "$name  NVIDIA L40S-48Q  auto        active, not as defined" \
                "$other  NVIDIA L40S-48Q  undefined   active" "0000:42:00.4  unknown          unreadable  absent"
        [[ $stderr == "Warning: $vgpus/0000:42:00.4: "* ]]
        run -0 mdevctl status -p "$card"
        [[ $output != *42:00.4* ]]
        run -0 mdevctl status -p mtty
        equal "$output" ""
        run -4 mdevctl status -u "$one"
        [[ $output != *41:00* ]]
}

@test "status of one function shows all of it" {
        vgpu "$name" '"NVIDIA L40S-24Q"' auto '{"vgpu_params": "x=1"}'
        present 1155
        run -0 mdevctl status -p "$name"
        equal "$output" "$name - NVIDIA L40S-24Q on $card
  Function: active; type NVIDIA L40S-24Q (1155); driver nvidia
Definition: $file; auto; type NVIDIA L40S-24Q
            vgpu_params: \"x=1\"
     Types: NVIDIA L40S-24Q (1155), NVIDIA L40S-48Q (1156)
      Unit: vgpu@$name.service; state unknown
 In use by: unknown"
}

@test "status prints JSON, and without vGPUs what it always did" {
        vgpu "$name" 1155
        present 1155
        run -0 mdevctl status --json
        equal "$(tr -d ' \n' <<<"$output")" "{\"parents\":[],\"vgpus\":[{\"function\":\"$name\",\"card\":\"$card\",\"driver\":\"nvidia\",\"type\":\"NVIDIAL40S-24Q\",\"type_number\":1155,\"present\":true,\"ready\":true,\"active\":true,\"state\":\"active\",\"defined\":true,\"definition\":{\"vgpu_type\":\"1155\",\"start\":\"auto\",\"attrs\":[]},\"fault\":null,\"iommu_group\":null,\"in_use\":null,\"unit\":{\"name\":\"vgpu@$name.service\",\"active_state\":null,\"sub_state\":null}}]}"
        rm -r "$file" "$directory"
        run -0 mdevctl status --json
        equal "$(tr -d ' \n' <<<"$output")" '{"parents":[]}'
}

# apply

# A document with both kinds: document [TYPE]
document() {
        cat <<END
[{"mtty": [{"$one": {"mdev_type": "mtty-2", "start": "auto", "attrs": []}}],
  "/etc/vgpu.d": [{"$name": {"vgpu_type": ${1:-1155}, "start": "auto", "attrs": [{"vgpu_params": "x=1"}]}}]}]
END
}

@test "apply takes both kinds from one document" {
        document >"$root/document"
        run -0 mdevctl apply "$root/document"
        equal "$output" "+ /etc/vgpu.d $name
+ mtty $one"
        exists "$definitions/mtty/$one"
        equal "$(stored "$file")" '{"vgpu_type":"1155","start":"auto","attrs":[{"vgpu_params":"x=1"}]}'
        run -0 mdevctl apply "$root/document"
        equal "$output" ""
        document '"NVIDIA L40S-24Q"' >"$root/document"
        run -0 mdevctl apply --dry-run "$root/document"
        equal "$output" "~ /etc/vgpu.d $name
    vgpu_type: 1155 -> NVIDIA L40S-24Q"
        run -0 mdevctl apply --json "$root/document"
        equal "$(tr -d ' \n' <<<"$output")" "{\"changed\":1,\"changes\":[{\"action\":\"modify\",\"parent\":\"/etc/vgpu.d\",\"uuid\":\"$name\",\"old\":{\"vgpu_type\":\"1155\",\"start\":\"auto\",\"attrs\":[{\"vgpu_params\":\"x=1\"}]},\"new\":{\"vgpu_type\":\"NVIDIAL40S-24Q\",\"start\":\"auto\",\"attrs\":[{\"vgpu_params\":\"x=1\"}]}}],\"failed\":[]}"
}

@test "an enabled unit makes a definition automatic, and the list is sorted by address" {
        local wants=$root/etc/systemd/system/sys-bus-pci-devices-$name.device.wants
        vgpu "$name" 1155 manual
        vgpu 0000:41:00.3 1155 manual
        rm -rf "$root/sys/bus/pci/devices/0000:41:00.5"
        vgpu 0000:41:00.5 1155 auto
        mkdir -p "$wants"
        ln -s /usr/lib/systemd/system/vgpu@.service "$wants/vgpu@$name.service"
        run -0 mdevctl vgpu list
        equal "$output" "0000:41:00.3 manual 1155
$name auto 1155
0000:41:00.5 auto 1155"
        run -0 mdevctl status -p "$name"
        says "/etc/vgpu.d/$name; auto"
        # A document has what the list says.
        mdevctl vgpu list --json >"$root/document"
        equal "$(grep -c '"start": *"auto"' "$root/document")" 2
        run -0 mdevctl apply "$root/document"
        equal "$output" ""
        [ -L "$wants/vgpu@$name.service" ]
        sed -i 's/"auto"/"manual"/' "$root/document"
        run -0 mdevctl apply "$root/document"
        says "start: auto -> manual"
        [ ! -L "$wants/vgpu@$name.service" ]
}

@test "a document of list --json applies as it is" {
        vgpu "$name" '"NVIDIA L40S-24Q"' auto '{"a": "b"}'
        vgpu 0000:41:00.5 7 manual
        mdevctl vgpu list --json >"$root/document"
        run -0 mdevctl apply --prune "$root/document"
        equal "$output" ""
        rm "$vgpus"/*
        mdevctl apply "$root/document"
        run -0 mdevctl vgpu list --json
        equal "$output" "$(<"$root/document")"
}

@test "apply --prune undefines vGPUs only if the document names them" {
        vgpu "$name" 1155
        echo '{' >"$vgpus/0000:41:00.5"
        echo '[{"mtty": []}]' >"$root/document"
        run -0 mdevctl apply --prune "$root/document"
        equal "$output" ""
        echo '[{"/etc/vgpu.d": []}]' >"$root/document"
        run -0 mdevctl apply "$root/document"
        equal "$output" ""
        exists "$file"
        run -0 mdevctl apply --prune "$root/document"
        equal "$output" "- /etc/vgpu.d $name
- /etc/vgpu.d 0000:41:00.5"
        equal "$(ls -A "$vgpus")" ""
}

@test "a fault in a vGPU of a document is named, and nothing changes" {
        local before="Error: $root/document: parent \"/etc/vgpu.d\", device 0"
        echo '[{"mtty": [], "/etc/vgpu.d": [{"41:00.4": {"vgpu_type": 1, "start": "auto"}}]}]' >"$root/document"
        run -1 mdevctl apply "$root/document"
        equal "$output" "$before, \"41:00.4\": the name is not the address of a PCI function, such as 0000:41:00.4"
        echo "[{\"/etc/vgpu.d\": [{\"$name\": {\"mdev_type\": \"a\", \"start\": \"auto\"}}]}]" >"$root/document"
        run -1 mdevctl apply "$root/document"
        equal "$output" "$before, \"$name\": \"vgpu_type\" is missing"
        echo "[{\"/etc/vgpu.d\": [{\"$name\": {\"vgpu_type\": 1, \"mdev_type\": \"a\", \"start\": \"auto\"}}]}]" >"$root/document"
        run -1 mdevctl apply "$root/document"
        equal "$output" "$before, \"$name\": a definition has no \"mdev_type\", only \"vgpu_type\", \"start\" and \"attrs\""
        echo "[{\"mtty\": [{\"$one\": {\"vgpu_type\": \"a\", \"start\": \"auto\"}}]}]" >"$root/document"
        run -1 mdevctl apply "$root/document"
        says "\"mdev_type\" is missing"
        equal "$(ls -A "$vgpus")" ""
}
