# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Draws results of bench/vm, a panel each, as SVG. The shapes differ a hundredfold, so
# each has its own scale: bars are to be compared within a shape, and have numbers.
# Without a background, and with colours to be seen on a light and on a dark one.

function text(x, y, class, what) {
        printf "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, what
}

function rect(x, y, width, class) {
        printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>\n", x, y, width, BAR - 2, class
}

function seconds(ms) {
        return sprintf(ms < 10000 ? "%.2f s" : "%.1f s", ms / 1000)
}

function max(a, b) {
        return a > b ? a : b
}

# A shape is PARENTSxDEVICES[@MILLISECONDS].
function words(shape, part) {
        split(shape, part, /[x@]/)
        text(left, y + BAR - 3, "shape", part[1] (part[1] == 1 ? " parent" : " parents"))
        text(left, y + 2 * BAR - 3, "", part[2] (part[2] == 1 ? " device" : " devices") (part[1] == 1 ? "" : " each"))
        if (part[3])
                text(left, y + 3 * BAR - 3, "", part[3] " ms a device")
}

function bars(s, shape, ours, unit, mdevctl, floor, maker, scale, x) {
        ours = median[s, shape, "ours", "device_ms"]
        unit = median[s, shape, "ours", "unit_ms"]
        mdevctl = median[s, shape, "mdevctl", "device_ms"]
        floor = median[s, shape, "floor", "unit_ms"]
        maker = median[s, shape, "maker", "device_ms"]
        scale = LENGTH / max(max(max(ours, unit), max(mdevctl, floor)), maker)
        x = left + NAMES
        rect(x, y, max(ours, unit) * scale, "late")
        rect(x, y, ours * scale, "ours")
        text(x + max(ours, unit) * scale + 6, y + BAR - 4, "small", seconds(ours) (unit > ours ? ", " seconds(unit) : ""))
        rect(x, y + BAR, mdevctl * scale, "mdevctl")
        text(x + mdevctl * scale + 6, y + 2 * BAR - 4, "small", seconds(mdevctl))
        rect(x, y + 2 * BAR, floor * scale, "floor")
        text(x + floor * scale + 6, y + 3 * BAR - 4, "small", seconds(floor))
        rect(x, y + 3 * BAR, maker * scale, "maker")
        text(x + maker * scale + 6, y + 4 * BAR - 4, "small", seconds(maker))
}

function key(class, what, width) {
        rect(left, y, 14, class)
        text(left + 20, y + BAR - 4, "small", what)
        left += width
}

BEGIN {
        FS = "\t"
        BAR = 14
        NAMES = 105
        LENGTH = 215
        PANEL = 440
        KEY = 900
}

# A shape with definitions that do not start is there for the time of a reload.
/^#/ || $1 == "suite" || $5 ~ /\+/ { next }

!($1 in title) {
        suites[++n] = $1
        title[$1] = sprintf("%s: Linux %s, systemd %s", $1, $2, $3)
}

{
        if (!(($1, $5) in seen))
                shapes[$1, ++number[$1]] = $5
        seen[$1, $5] = 1
        median[$1, $5, $6, $7] = $8
}

END {
        for (i = 1; i <= n; i++)
                rows = max(rows, number[suites[i]])
        width = max(n * PANEL, KEY)
        height = 56 + rows * (4 * BAR + 14)
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">\n", width, height, width
        print "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
        print "<title>Time from the registration of parents to the last device and the last unit</title>"
        print "<style>"
        print "text { font: 12px sans-serif; fill: #57606a }"
        print ".title, .shape { font-weight: bold } .small { font-size: 11px }"
        print ".ours { fill: #2f81f7 } .late { fill: #2f81f7; opacity: .45 } .mdevctl { fill: #db6d28 } .floor { fill: #8b949e } .maker { fill: #b1bac4 }"
        print "@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } }"
        print "</style>"
        y = 2
        key("ours", "mdev-generator: last device", 185)
        key("late", "last unit active", 120)
        key("mdevctl", "mdevctl 1.4.0: last device", 175)
        key("floor", "as many units that run true", 180)
        key("maker", "and that make a device: last device", 0)
        for (i = 1; i <= n; i++) {
                left = (i - 1) * PANEL
                text(left, 42, "title", title[suites[i]])
                y = 56
                for (s = 1; s <= number[suites[i]]; s++) {
                        words(shapes[suites[i], s])
                        bars(suites[i], shapes[suites[i], s])
                        y += 4 * BAR + 14
                }
        }
        print "</svg>"
}
