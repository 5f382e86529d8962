# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Prints one result of bench/vm for people, after bench/medians.awk

# The ratio of our value to the reference, if there is one.
function ratio(metric, contender) {
        if (!((shape, contender, metric) in median))
                return "-"
        return sprintf("%.2f", median[shape, "ours", metric] / median[shape, contender, metric])
}

END {
        form = "%-10s %-8s %8s %8s | %8s %8s %8s | %6s %8s | %s\n"
        printf "%s; seconds\n", machine
        printf form, "", "", "last", "last", "CPU time", "CPU time", "CPU time", "PID 1", "daemon-", "ours to this one: last device,"
        printf form, "shape", "", "device", "unit", "PID 1", "udevd", "others", "MiB", "reload", "last unit, reload"
        split("ours mdevctl floor maker", contenders, " ")
        for (s = 1; s <= n; s++)
                for (c = 1; c <= 4; c++) {
                        shape = shapes[s]
                        contender = contenders[c]
                        against = ""
                        if (c > 1)
                                against = ratio("device_ms", contender) ", " ratio("unit_ms", contender) ", " ratio("reload_ms", contender)
                        printf form, c == 1 ? shape : "", contender,
                                cell("device_ms", 1000, "%.2f"), cell("unit_ms", 1000, "%.2f"),
                                cell("pid1_ms", 1000, "%.2f"), cell("udevd_ms", 1000, "%.2f"), cell("rest_ms", 1000, "%.2f"),
                                cell("rss_kib", 1024, "%.1f"), cell("reload_ms", 1000, "%.2f"), against
                }
}
