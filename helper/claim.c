/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean-up of a claim
 *
 * - An unfinished start or stop becomes a finished stop, so that a device that
 *   had a driver has one, and that no vGPU is half configured.
 * - If a stop arrives too late for the start to notice, systemd does not run
 *   ExecStop=. The clean-up then does its work.
 * - A device may leave and return before its unit has stopped. systemd then
 *   refuses the start that the returning device wants, so ask again.
 */

#include <errno.h>

#include "claim.h"
#include "cleanup.h"
#include "log.h"
#include "systemctl.h"

void claim_forget(const struct root *root, const char *name)
{
        _cleanup_close_ int lock = note_lock(root);

        if (lock >= 0)
                (void) note_remove(root, name);
}

/* The device keeps what it has. The next start finds in the note what to give back later. */
static void leave(const struct root *root, const char *name, struct note *note)
{
        note->state = NOTE_LEFT;
        note->process = 0;
        (void) note_save(root, name, note);
}

int claim_clean_up(const struct root *root, const struct claim *claim, struct note *note)
{
        int r = 0;

        if (claim->device == 0) {
                claim_forget(root, claim->name);
                return 0;
        }
        if (note->device != claim->device) {
                log_info("%s: the device left and returned", claim->name);
                claim_forget(root, claim->name);
                if (root_is_live(root))
                        systemctl_start(claim->name);
                return 0;
        }
        if (note->state == NOTE_CREATING || note->state == NOTE_STOPPING ||
                (note->state == NOTE_ACTIVE && !systemd_says_failure())) {
                r = claim->give_back(root, claim, note);
                if (r != -EBUSY)
                        return r;
        }
        leave(root, claim->name, note);
        return r;
}
