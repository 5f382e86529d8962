/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stddef.h>

#include "table.h"
#include "util.h"

#define ANY 255
#define PRESENT (DEVICE_INCOMPLETE | DEVICE_OWN | DEVICE_OTHER)
#define NOT_OWN (DEVICE_ABSENT | DEVICE_OTHER)
#define HAD_ONE (NOTED_ACTIVE | NOTED_LOST)
#define STARTS (UNIT_RISING | UNIT_ASKED)
#define UP (UNIT_UP | UNIT_UP_AND_ASKED)

/*
 * The first matching row gives the action.
 *
 * In words: a helper at work finishes first. The monitor stops a unit without
 * its device, and restarts it if a start is pending. It adopts a device without
 * a unit, once. If a unit lost its device with its parent, and systemd dropped the
 * start when the parent returned, the monitor starts the unit again.
 *
 * The monitor reads the unit first, then note and device. If a unit goes down in
 * between, it seems up while its note says "stopped"; it then gets another look.
 */
/* clang-format off */
static const struct {
        int device, note, unit;
        enum action action;
} table[] = {
        /* device            note            unit               action */
        {ANY,                NOTED_WORK,     ANY,               ACTION_WAIT},
        {ANY,                ANY,            UNIT_FALLING,      ACTION_WAIT},
        {ANY,                ANY,            UNIT_MASKED,       ACTION_NONE},

        {DEVICE_ABSENT,      NOTED_ADOPTION, STARTS,            ACTION_CANCEL},
        {NOT_OWN,            HAD_ONE,        UNIT_RISING,       ACTION_EXPIRE},
        {PRESENT,            ANY,            STARTS,            ACTION_WAIT},
        {DEVICE_ABSENT,      ANY,            STARTS,            ACTION_NONE},

        {NOT_OWN,            NOTED_LOST,     UP,                ACTION_RESTART},
        {NOT_OWN,            NOTED_ACTIVE,   UNIT_UP_AND_ASKED, ACTION_RESTART},
        {NOT_OWN,            NOTED_ACTIVE,   UNIT_UP,           ACTION_STOP},
        {DEVICE_ABSENT,      NOTED_NOTHING,  UP,                ACTION_STOP},
        {DEVICE_ABSENT,      ANY,            UP,                ACTION_EXPIRE},
        {PRESENT,            ANY,            UP,                ACTION_NONE},

        {DEVICE_ABSENT,      NOTED_NOTHING,  UNIT_DOWN,         ACTION_NONE},
        {DEVICE_ABSENT,      ANY,            UNIT_DOWN,         ACTION_RETURN},
        {DEVICE_INCOMPLETE,  ANY,            UNIT_DOWN,         ACTION_WAIT},
        {DEVICE_OWN,         NOTED_LEFT,     UNIT_DOWN,         ACTION_NONE},
        {PRESENT,            ANY,            UNIT_DOWN,         ACTION_ADOPT},
};
/* clang-format on */

enum action action_choose(enum device_fact device, enum note_fact note, enum unit_fact unit)
{
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if ((table[i].device & (int) device) && (table[i].note & (int) note) &&
                        (table[i].unit & (int) unit))
                        return table[i].action;
        return ACTION_NONE;
}

const char *action_to_text(enum action action)
{
        static const char *const texts[] = {
                [ACTION_NONE] = "none",
                [ACTION_WAIT] = "wait",
                [ACTION_STOP] = "stop",
                [ACTION_CANCEL] = "cancel",
                [ACTION_EXPIRE] = "expire",
                [ACTION_RESTART] = "restart",
                [ACTION_ADOPT] = "adopt",
                [ACTION_RETURN] = "return",
        };

        return texts[action];
}
