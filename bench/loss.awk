# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Prints one result of bench/loss for people, after bench/medians.awk

function is_bare(name) {
        return name == "maker" || name == "remover"
}

function ratio(bare, metric) {
        if (!((shape, bare, metric) in median) || median[shape, bare, metric] == 0)
                return "-"
        return sprintf("%.2f", median[shape, contender, metric] / median[shape, bare, metric])
}

# Of a contender to the bare template units.
function against(metric) {
        return is_bare(contender) ? "" : " (" ratio("maker", metric) ", " ratio("remover", metric) ")"
}

function measured(metric, unit, format) {
        return cell(metric, unit, format) against(metric)
}

!is_bare($6) && !named[$6]++ { names = names $6 " " }

END {
        contenders_n = split(names "maker remover", contenders, " ")
        split("remove1 remove100 1x100 20x5 adopt100", order, " ")
        split("one device removed by others|100 devices removed by others|a parent with 100 devices leaves|20 parents with 5 devices leave|100 devices made by others", what, "|")
        form = "%-34s %-14s %21s %19s %20s %20s %20s %8s %8s\n"
        printf "%s; seconds, and in brackets the ratios to maker and to remover\n", machine
        printf form, "", "", "until the", "", "CPU time", "CPU time", "CPU time", "of it", "longest"
        printf form, "", "", "end", "processes", "PID 1", "udevd", "others", "resident", "answer"
        for (o = 1; o in order; o++)
                for (k = 1; k <= contenders_n; k++) {
                        if (k == 1)
                                title = what[o]
                        shape = order[o]
                        contender = contenders[k]
                        if (!((shape, contender, "wall_ms") in median))
                                continue
                        printf form, title, contender, measured("wall_ms", 1000, "%.2f"),
                                measured("processes", 1, "%d"), measured("pid1_ms", 1000, "%.2f"),
                                measured("udevd_ms", 1000, "%.2f"), measured("rest_ms", 1000, "%.2f"),
                                cell("ours_ms", 1000, "%.2f"), cell("answer_ms", 1000, "%.2f")
                        title = ""
                }
        print ""
        for (k = 1; k <= contenders_n; k++) {
                contender = contenders[k]
                shape = "remove1"
                if ((shape, contender, "gone_ms") in median)
                        printf "%s: one unit ended %s s after its device, at most %.2f s\n", contender,
                                cell("gone_ms", 1000, "%.2f"), maximum[shape, contender, "gone_ms"] / 1000
                shape = "idle"
                if ((shape, contender, "pss_kib") in median)
                        printf "%s: the resident process has %s KiB (PSS %s) and wakes up %s times in an idle minute\n",
                                contender, cell("rss_kib", 1, "%d"), cell("pss_kib", 1, "%d"), cell("wakeups", 1, "%d")
        }
}
