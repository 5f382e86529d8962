# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Reads results, for the tables: shapes[1 ... n] in their order, median[shape,
# contender, metric], minimum[] and maximum[] likewise, and of the machine a line.

function cell(metric, unit, format) {
        return (shape, contender, metric) in median ? sprintf(format, median[shape, contender, metric] / unit) : "-"
}

BEGIN { FS = "\t" }

/^#/ || $1 == "suite" { next }

{
        if (!n)
                machine = sprintf("%s: Linux %s, systemd %s, %d cores, median of %d", $1, $2, $3, $4, $11)
        if (!seen[$5]++)
                shapes[++n] = $5
        median[$5, $6, $7] = $8
        minimum[$5, $6, $7] = $9
        maximum[$5, $6, $7] = $10
}
