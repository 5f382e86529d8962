# SPDX-License-Identifier: LGPL-2.1-or-later
#
# From which latency on the last device always comes sooner than with mdevctl, for a shape without its latency.
# The value between two latencies that were measured is on the straight line. Callers have
# median[shape "@" latency, contender, metric] and, in their order, shapes[1 ... n].

# Sets level_shape[1 ... level_count], and level[shape] where there is one: 0 says always.
function levels(s, part, ours, theirs, difference, before, at) {
        for (s = 1; s <= n; s++) {
                split(shapes[s], part, "@")
                if (!(part[1] in before)) {
                        level_shape[++level_count] = part[1]
                        before[part[1]] = ""
                }
                ours = median[shapes[s], "ours", "device_ms"]
                theirs = median[shapes[s], "mdevctl", "device_ms"]
                if (ours == "" || theirs == "")
                        continue
                difference = ours - theirs
                if (difference > 0)
                        delete level[part[1]]
                else if (!(part[1] in level))
                        level[part[1]] = before[part[1]] == "" ? part[2] + 0 : \
                                at[part[1]] + (part[2] - at[part[1]]) * before[part[1]] / (before[part[1]] - difference)
                before[part[1]] = difference
                at[part[1]] = part[2]
        }
}

function level_words(shape) {
        if (!(shape in level))
                return "mdevctl is sooner at all latencies measured"
        if (level[shape] == 0)
                return "mdev-generator is sooner at all latencies"
        return sprintf("mdev-generator is sooner from %.1f ms on", level[shape])
}
