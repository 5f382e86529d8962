# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for mdevctl and lsmdev: "mdevctl complete" has the candidates

function __mdevctl_complete
    set -l words (commandline -opc)
    set -l program (string replace -r 'lsmdev$' mdevctl -- $words[1])
    # The word has its quotes, even one that is still open.
    set -l word (string replace -ra '[\\\\"\']' '' -- (commandline -ct))
    $program complete $words "$word" 2>/dev/null
    if test $status -eq 3
        __fish_complete_path (string replace -r '^--[a-z]*=' '' -- "$word")
    end
end

complete -c mdevctl -f -a '(__mdevctl_complete)'
complete -c lsmdev -f -a '(__mdevctl_complete)'
