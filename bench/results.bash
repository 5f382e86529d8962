# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# How bench/vm and bench/loss keep what virtual machines have printed:
#
#   machine KERNEL SYSTEMD PROCESSORS
#   round NUMBER SHAPE CONTENDER [METRIC VALUE]...

# The rounds on stdin as lines of the result, without the header: summary SUITE
summary() {
        awk -v OFS='\t' -v suite="$1" '
                $1 == "machine" { machine = suite OFS $2 OFS $3 OFS $4 }
                $1 == "round" {
                        for (i = 5; i < NF; i += 2) {
                                key = machine OFS $3 OFS $4 OFS $i
                                if (!count[key]++)
                                        keys[++n] = key
                                # In order of their size.
                                for (at = count[key]; at > 1 && value[key, at - 1] > $(i + 1); at--)
                                        value[key, at] = value[key, at - 1]
                                value[key, at] = $(i + 1) + 0
                        }
                }
                END {
                        for (k = 1; k <= n; k++) {
                                c = count[keys[k]]
                                print keys[k], value[keys[k], int((c + 1) / 2)], value[keys[k], 1], value[keys[k], c], c
                        }
                }'
}

# Puts the rounds on stdin into a file of results, in place of those with one of the words in a column:
# results_replace FILE SUITE COLUMN WORD...
results_replace() {
        local file=$1 suite=$2 column=$3
        shift 3
        touch "$file"
        {
                echo '# SPDX-License-Identifier: LGPL-2.1-or-later'
                printf '%s\n' suite kernel systemd cores shape contender metric median min max rounds | paste -s
                {
                        awk -F '\t' -v column="$column" -v words=" $* " \
                                '!/^#/ && $1 != "suite" && !index(words, " " $column " ")' "$file"
                        summary "$suite"
                } | sort -s -t $'\t' -k 5,5V
        } >"$file.new"
        mv "$file.new" "$file"
}
