# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Draws results of bench/native as SVG, after bench/levels.awk: a row of panels for each suite and a panel for each
# shape, with the time until the last device over the latency of the driver. Times differ a thousandfold, so
# their scale is logarithmic, and each panel has its own. Where we are sooner, the panel has a ground.
# Without a background, and with colours to be seen on a light and on a dark one.

function text(x, y, class, what) {
        printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, what
}

function seconds(ms) {
        return ms < 1000 ? sprintf("%.0f ms", ms) : sprintf(ms < 10000 ? "%.1f s" : "%.0f s", ms / 1000)
}

# Latencies have equal distances; a value between two of them is on the straight line.
function x_of(latency, i) {
        for (i = 2; i < steps && latency > step[i]; i++)
                ;
        return left + (i - 2 + (latency - step[i - 1]) / (step[i] - step[i - 1])) * WIDTH / (steps - 1)
}

function y_of(ms) {
        return top + HEIGHT - (log(ms) - low) / (high - low) * HEIGHT
}

function line(shape, who, i, points, key, last) {
        for (i = 1; i <= steps; i++) {
                key = shape "@" step[i] SUBSEP who SUBSEP "device_ms"
                if (!(key in median))
                        continue
                points = points sprintf(" %.1f,%.1f", x_of(step[i]), y_of(median[key]))
                last = step[i]
        }
        if (points == "")
                return
        printf "<polyline points=\"%s\" class=\"line %s\"/>\n", substr(points, 2), who
        key = shape "@" last SUBSEP who SUBSEP "device_ms"
        # The maker's line is that of ours, or nearly.
        if (who != "maker")
                text(x_of(last) + 4, y_of(median[key]) + 4, "small", seconds(median[key]))
}

function panel(shape, part, i, who, ms, decade) {
        split(shape, part, "x")
        text(left, top - 24, "shape", part[1] (part[1] == 1 ? " parent, " : " parents, ") part[2] (part[2] == 1 ? " device" : " devices") (part[1] == 1 ? "" : " each"))
        text(left, top - 9, "small", level_words(shape))
        low = ""
        for (i = 1; i <= steps; i++)
                for (who in names) {
                        if (!((shape "@" step[i], who, "device_ms") in median))
                                continue
                        ms = median[shape "@" step[i], who, "device_ms"]
                        if (low == "" || log(ms) < low)
                                low = log(ms)
                        if (high == "" || log(ms) > high)
                                high = log(ms)
                }
        if (low == "")
                return
        low -= 0.3
        high += 0.3
        if (shape in level)
                printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"ground\"/>\n", x_of(level[shape]), top, left + WIDTH - x_of(level[shape]), HEIGHT
        for (decade = 1; decade <= 1000000; decade *= 10)
                if (log(decade) > low && log(decade) < high) {
                        printf "<path d=\"M%d %.1fh%d\" class=\"grid\"/>\n", left, y_of(decade), WIDTH
                        printf "<text x=\"%d\" y=\"%.1f\" class=\"small end\">%s</text>\n", left - 5, y_of(decade) + 4, seconds(decade)
                }
        for (i = 1; i <= steps; i++)
                printf "<text x=\"%.1f\" y=\"%d\" class=\"small middle\">%s</text>\n", x_of(step[i]), top + HEIGHT + 15, step[i]
        line(shape, "maker")
        line(shape, "mdevctl")
        line(shape, "ours")
        high = ""
}

function key(class, what, width) {
        printf "<path d=\"M%d 9h24\" class=\"line %s\"/>\n", left, class
        text(left + 30, 13, "small", what)
        left += width
}

BEGIN {
        FS = "\t"
        WIDTH = 190
        HEIGHT = 120
        PANEL = 310
        ROW = 190
        COLUMNS = 3
        names["ours"]
        names["mdevctl"]
        names["maker"]
}

/^#/ || $1 == "suite" { next }

!($1 in title) {
        suites[++suite_count] = $1
        title[$1] = sprintf("systemd %s of Debian %s", $3, $1)
        machine = sprintf("Linux %s, %d cores", $2, $4)
}

{
        if (!least || $11 < least)
                least = $11
        if ($11 > most)
                most = $11
        if (!(($1, $5) in seen))
                all_shapes[$1, ++number[$1]] = $5
        seen[$1, $5] = 1
        all[$1, $5, $6, $7] = $8
        split($5, part, "@")
        if (!(part[2] in known)) {
                known[part[2]]
                for (i = ++steps; i > 1 && step[i - 1] > part[2] + 0; i--)
                        step[i] = step[i - 1]
                step[i] = part[2] + 0
        }
}

# Makes the results of one suite those of levels().
function choose(suite, i, who, metric) {
        split("", median)
        split("", level)
        split("", level_shape)
        level_count = 0
        n = number[suite]
        for (i = 1; i <= n; i++) {
                shapes[i] = all_shapes[suite, i]
                for (who in names)
                        if ((suite, shapes[i], who, "device_ms") in all)
                                median[shapes[i], who, "device_ms"] = all[suite, shapes[i], who, "device_ms"]
        }
        levels()
}

END {
        body = 0
        for (s = 1; s <= suite_count; s++) {
                choose(suites[s])
                rows[s] = int((level_count + COLUMNS - 1) / COLUMNS)
                body += 30 + rows[s] * ROW
        }
        if (steps < 2)
                exit
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">\n", COLUMNS * PANEL, 48 + body, COLUMNS * PANEL
        print "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
        print "<title>Time from the registration of parents to the last device, over the time that the driver takes for one</title>"
        print "<style>"
        print "text { font: 12px sans-serif; fill: #57606a }"
        print ".title { font-weight: bold; font-size: 14px } .shape { font-weight: bold } .small { font-size: 11px } .end { text-anchor: end } .middle { text-anchor: middle }"
        print ".line { fill: none; stroke-width: 2.5 } .grid { stroke: #8b949e; opacity: .35 } .ground { fill: #2f81f7; opacity: .12 }"
        print ".ours { stroke: #2f81f7 } .mdevctl { stroke: #db6d28 } .maker { stroke: #8b949e; stroke-dasharray: 3 3; stroke-width: 4 }"
        print "@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } }"
        print "</style>"
        left = 4
        key("ours", "mdev-generator", 140)
        key("mdevctl", "mdevctl 1.4.0", 130)
        key("maker", "bare units that make a device", 215)
        printf "<rect x=\"%d\" y=\"2\" width=\"24\" height=\"13\" class=\"ground\"/>\n", left
        text(left + 30, 13, "small", "mdev-generator is sooner")
        text(4, 34, "small", sprintf("Up: time until the last device. Right: ms that the driver takes for a device. (%s, median of %s)", machine, least < most ? least " to " most : most))
        y = 48
        for (s = 1; s <= suite_count; s++) {
                choose(suites[s])
                text(4, y + 14, "title", title[suites[s]])
                for (p = 1; p <= level_count; p++) {
                        left = (p - 1) % COLUMNS * PANEL + 50
                        top = y + 30 + int((p - 1) / COLUMNS) * ROW + 32
                        panel(level_shape[p])
                }
                y += 30 + rows[s] * ROW
        }
        print "</svg>"
}
