# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Prints one result of bench/native for people, after bench/medians.awk and bench/levels.awk

function spread(contender, metric) {
        if (!((shape, contender, metric) in median))
                return "-"
        return sprintf("%.2f (%.2f to %.2f)", median[shape, contender, metric], minimum[shape, contender, metric], maximum[shape, contender, metric])
}

END {
        form = "%-10s %-17s %8s %-17s | %-22s %-22s\n"
        printf "%s; seconds, and the ratios of neighbours\n", machine
        printf form, "", "    ours", "mdevctl", "   maker", "last device,", "last unit,"
        printf form, "shape", "  device     unit", "device", "  device     unit", "ours to mdevctl", "ours to the maker"
        for (s = 1; s <= n; s++) {
                shape = shapes[s]
                contender = "ours"
                ours = sprintf("%8s %8s", cell("device_ms", 1000, "%.3f"), cell("unit_ms", 1000, "%.3f"))
                contender = "maker"
                maker = sprintf("%8s %8s", cell("device_ms", 1000, "%.3f"), cell("unit_ms", 1000, "%.3f"))
                contender = "mdevctl"
                theirs = (shape, contender, "missing") in median ? "killed" : cell("device_ms", 1000, "%.3f")
                printf form, shape, ours, theirs, maker, spread("ours/mdevctl", "device_ms"), spread("ours/maker", "unit_ms")
        }
        print "\nThe latency from which on the last device comes sooner than with mdevctl"
        levels()
        for (l = 1; l <= level_count; l++) {
                shape = level_shape[l]
                split(shape, part, "x")
                cost = median[shape "@0", "ours", "unit_ms"] / (part[1] * part[2])
                printf "%-10s %s", shape, level_words(shape)
                if (cost > 0)
                        printf "; a unit costs %.1f ms", cost
                if (cost > 0 && level[shape] > 0)
                        printf ", ratio %.2f", level[shape] / cost
                print ""
        }
}
