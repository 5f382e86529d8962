# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Draws what a terminal shows as SVG
#
# Reads lines with the colours of mdevctl (SGR sequences); other sequences are an
# error. A run of text without two spaces in a row is placed at its column and
# stretched to its width, because the browser chooses the font. Run it with LC_ALL=C:
# it counts characters itself, as bytes that do not continue one.

function cells(text) {
        gsub(/[\200-\277]/, "", text)
        return length(text)
}

function escape(text) {
        gsub(/&/, "\\&amp;", text)
        gsub(/</, "\\&lt;", text)
        gsub(/>/, "\\&gt;", text)
        return text
}

function place(text) {
        out = out sprintf("<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s>%s</text>\n",
                margin + column * advance, margin + (NR - 1) * height + size, cells(text) * advance,
                class == "" ? "" : " class=\"" class "\"", escape(text))
        column += cells(text)
}

# Draws the text and moves on behind it.
function draw(text) {
        while (text != "") {
                match(text, /^ */)
                column += RLENGTH
                text = substr(text, RLENGTH + 1)
                if (text == "")
                        break
                if (match(text, /  +/)) {
                        place(substr(text, 1, RSTART - 1))
                        text = substr(text, RSTART)
                } else {
                        rest = text
                        sub(/ +$/, "", rest)
                        place(rest)
                        column += length(text) - length(rest)
                        text = ""
                }
        }
}

function fail(what) {
        print "svg.awk: line " NR " has " what >"/dev/stderr"
        failed = 1
        exit 1
}

BEGIN {
        size = 14
        height = 20
        advance = 8.4
        margin = 16
        classes["0"] = ""
        classes["0;1"] = "bold"
        classes["0;1;31"] = "red"
        classes["0;1;32"] = "green"
        classes["0;1;33"] = "yellow"
        classes["0;90"] = "grey"
}

{
        column = 0
        class = ""
        line = $0
        while (match(line, /\033\[[0-9;]*m/)) {
                begin = RSTART
                end = RSTART + RLENGTH
                draw(substr(line, 1, begin - 1))
                code = substr(line, begin + 2, end - begin - 3)
                if (!(code in classes))
                        fail("the unknown colour \"" code "\"")
                class = classes[code]
                line = substr(line, end)
        }
        if (index(line, "\033"))
                fail("a sequence that is no colour")
        draw(line)
        if (column > width)
                width = column
}

END {
        if (failed)
                exit 1
        right = int(2 * margin + width * advance + 0.5)
        bottom = 2 * margin + NR * height
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
                right, bottom, right, bottom
        print "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
        print "<!-- docs/picture/make made this. -->"
        print "<title>mdevctl status</title>"
        print "<style>"
        print "text { font: " size "px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; white-space: pre }"
        print ".bold, .red, .green, .yellow { font-weight: bold }"
        print ".red { fill: #cf222e } .green { fill: #116329 } .yellow { fill: #7d4e00 } .grey { fill: #6e7781 }"
        print "rect { fill: #f6f8fa; stroke: #d0d7de }"
        print "@media (prefers-color-scheme: dark) {"
        print "text { fill: #e6edf3 }"
        print ".red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 } .grey { fill: #8b949e }"
        print "rect { fill: #0d1117; stroke: #30363d }"
        print "}"
        print "</style>"
        printf "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", right - 1, bottom - 1
        printf "%s</svg>\n", out
}
