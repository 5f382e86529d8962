# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Draws when units started, as SVG
#
# Reads a line per unit: when systemd began to start it, when it was active, both in
# microseconds, and its label. A dark bar is the start, a light one the time after.
# The lines are in the order of the first time.

function seconds(usec) {
        return usec / 1000000
}

function x(usec) {
        return left + (usec - begin) * scale
}

function fail(what) {
        print "boot.awk: line " NR " " what >"/dev/stderr"
        failed = 1
        exit 1
}

BEGIN {
        size = 12
        height = 18
        margin = 16
        width = 880
        left = margin + 4
}

!/^[0-9]+ [0-9]+ ./ { fail("is no unit with two times") }
$1 + 0 == 0 || $2 < $1 { fail("has a unit that is not active") }

{
        starts[NR] = $1
        ends[NR] = $2
        sub(/^[0-9]+ [0-9]+ /, "")
        labels[NR] = $0
        order[NR] = NR
        if (!begin || starts[NR] < begin)
                begin = starts[NR]
        if (ends[NR] > end)
                end = ends[NR]
}

END {
        if (failed)
                exit 1
        for (i = 2; i <= NR; i++)
                for (j = i; j > 1 && starts[order[j]] < starts[order[j - 1]]; j--) {
                        k = order[j]
                        order[j] = order[j - 1]
                        order[j - 1] = k
                }
        # Ticks of a half second, or of whole seconds.
        step = end - begin > 8000000 ? 1000000 : 500000
        begin -= begin % step
        end += step - end % step
        scale = (width - left - margin) / (end - begin)
        bottom = margin + (NR + 1) * height + margin

        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
                width, bottom, width, bottom
        print "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
        print "<!-- docs/picture/make made this. -->"
        print "<title>A boot with 20 mediated devices</title>"
        print "<style>"
        print "text { font: " size "px system-ui, sans-serif; fill: #1f2328 } .time { fill: #6e7781 }"
        print ".back { fill: #f6f8fa; stroke: #d0d7de } .tick { stroke: #d0d7de }"
        print ".active { fill: #b6e3bd } .start { fill: #cf222e }"
        print "@media (prefers-color-scheme: dark) {"
        print "text { fill: #e6edf3 } .time { fill: #8b949e }"
        print ".back { fill: #0d1117; stroke: #30363d } .tick { stroke: #30363d }"
        print ".active { fill: #1b4721 } .start { fill: #ff7b72 }"
        print "}"
        print "</style>"
        printf "<rect class=\"back\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", width - 1, bottom - 1
        for (tick = begin; tick <= end; tick += step) {
                printf "<path class=\"tick\" d=\"M%.1f %d V%d\"/>\n", x(tick), margin + height - 4, bottom - margin
                if (tick < end)
                        printf "<text class=\"time\" x=\"%.1f\" y=\"%d\">%.1f s</text>\n", x(tick) + 3, margin + size - 4, seconds(tick)
        }
        for (i = 1; i <= NR; i++) {
                unit = order[i]
                y = margin + i * height
                printf "<rect class=\"active\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                        x(ends[unit]), y, x(end) - x(ends[unit]), height - 3
                printf "<rect class=\"start\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                        x(starts[unit]), y, (ends[unit] - starts[unit]) * scale + 1.5, height - 3
                # A label is beside the bar, where there is room.
                right = x(ends[unit]) < width * 0.6
                printf "<text x=\"%.1f\" y=\"%d\"%s>%s</text>\n", right ? x(ends[unit]) + 5 : x(starts[unit]) - 5,
                        y + size - 1, right ? "" : " text-anchor=\"end\"", labels[unit]
        }
        print "</svg>"
}
