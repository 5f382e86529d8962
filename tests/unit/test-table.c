/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The monitor's table: the stories that it has to tell, and what must hold for
 * every combination of facts
 */

#include "table.h"
#include "test.h"

static void test_stories(void)
{
        static const struct {
                const char *story;
                enum device_fact device;
                enum note_fact note;
                enum unit_fact unit;
                enum action action;
        } cases[] = {
                {"at rest", DEVICE_ABSENT, NOTED_NOTHING, UNIT_DOWN, ACTION_NONE},
                {"active", DEVICE_OWN, NOTED_ACTIVE, UNIT_UP, ACTION_NONE},
                {"a start works", DEVICE_ABSENT, NOTED_WORK, UNIT_RISING, ACTION_WAIT},
                {"a start waits for its parent", DEVICE_ABSENT, NOTED_DOWN, UNIT_ASKED, ACTION_NONE},
                {"a stop works", DEVICE_OWN, NOTED_WORK, UNIT_FALLING, ACTION_WAIT},
                {"a stop ends", DEVICE_ABSENT, NOTED_DOWN, UNIT_FALLING, ACTION_WAIT},
                {"stopped", DEVICE_ABSENT, NOTED_DOWN, UNIT_DOWN, ACTION_RETURN},
                {"the device was removed", DEVICE_ABSENT, NOTED_ACTIVE, UNIT_UP, ACTION_STOP},
                {"removed and made anew", DEVICE_OTHER, NOTED_ACTIVE, UNIT_UP, ACTION_STOP},
                {"removed, and a start waits", DEVICE_ABSENT, NOTED_ACTIVE, UNIT_UP_AND_ASKED,
                        ACTION_RESTART},
                {"a start took the place of the stop", DEVICE_ABSENT, NOTED_LOST, UNIT_UP, ACTION_RESTART},
                {"removed while a script of the start runs", DEVICE_ABSENT, NOTED_ACTIVE, UNIT_RISING,
                        ACTION_EXPIRE},
                {"removed while unit was masked", DEVICE_ABSENT, NOTED_ACTIVE, UNIT_MASKED, ACTION_NONE},
                {"made by somebody else", DEVICE_OTHER, NOTED_NOTHING, UNIT_DOWN, ACTION_ADOPT},
                {"another one after a failed start", DEVICE_OTHER, NOTED_LEFT, UNIT_DOWN, ACTION_ADOPT},
                {"not complete yet", DEVICE_INCOMPLETE, NOTED_NOTHING, UNIT_DOWN, ACTION_WAIT},
                {"in use when it was stopped", DEVICE_OWN, NOTED_LEFT, UNIT_DOWN, ACTION_NONE},
                {"the start failed, the device is complete", DEVICE_OWN, NOTED_ACTIVE, UNIT_DOWN,
                        ACTION_ADOPT},
                {"a killed start left it", DEVICE_OWN, NOTED_STALE, UNIT_DOWN, ACTION_ADOPT},
                {"an adoption works", DEVICE_OWN, NOTED_ADOPTION, UNIT_RISING, ACTION_WAIT},
                {"an adoption did not come", DEVICE_OWN, NOTED_ADOPTION, UNIT_DOWN, ACTION_ADOPT},
                {"gone before it was adopted", DEVICE_ABSENT, NOTED_ADOPTION, UNIT_RISING, ACTION_CANCEL},
                {"the same, and the start waits", DEVICE_ABSENT, NOTED_ADOPTION, UNIT_ASKED, ACTION_CANCEL},
                {"active without a note", DEVICE_OTHER, NOTED_NOTHING, UNIT_UP, ACTION_NONE},
                {"went down between the looks", DEVICE_ABSENT, NOTED_DOWN, UNIT_UP, ACTION_EXPIRE},
                {"active without note and device", DEVICE_ABSENT, NOTED_NOTHING, UNIT_UP, ACTION_STOP},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_STRING(cases[i].story,
                        action_to_text(action_choose(cases[i].device, cases[i].note, cases[i].unit)),
                        action_to_text(cases[i].action));
}

static void check_combination(int device, int note, int unit)
{
        const enum action action =
                action_choose((enum device_fact) device, (enum note_fact) note, (enum unit_fact) unit);
        char about[64];

        snprintf(about, sizeof(about), "device %d, note %d, unit %d", device, note, unit);
        if (note == NOTED_WORK || unit == UNIT_FALLING)
                CHECK_STRING(about, action_to_text(action), "wait");
        /* Nobody stops a unit that has its device. */
        if (action == ACTION_STOP || action == ACTION_RESTART || action == ACTION_EXPIRE)
                CHECK_INT(about, device == DEVICE_ABSENT || device == DEVICE_OTHER, true);
        if (action == ACTION_STOP || action == ACTION_RESTART)
                CHECK_INT(about, unit == UNIT_UP || unit == UNIT_UP_AND_ASKED, true);
        if (action == ACTION_CANCEL)
                CHECK_INT(about, unit == UNIT_RISING || unit == UNIT_ASKED, true);
        /* Only a start of the monitor's own is cancelled before it begins. */
        if (unit == UNIT_ASKED && action == ACTION_CANCEL)
                CHECK_INT(about, note, NOTED_ADOPTION);
        if (action == ACTION_ADOPT)
                CHECK_INT(about, device != DEVICE_ABSENT && device != DEVICE_INCOMPLETE && unit == UNIT_DOWN,
                        true);
        if (action == ACTION_RETURN)
                CHECK_INT(
                        about, device == DEVICE_ABSENT && note != NOTED_NOTHING && unit == UNIT_DOWN, true);
        /* A unit without its device and a device without its unit do not last. */
        if (unit == UNIT_UP && device == DEVICE_ABSENT && note != NOTED_WORK)
                CHECK_INT(about,
                        action == ACTION_STOP || action == ACTION_RESTART || action == ACTION_EXPIRE, true);
        if (unit == UNIT_DOWN && device == DEVICE_OTHER && note != NOTED_WORK)
                CHECK_INT(about, action, ACTION_ADOPT);
}

static void test_all_combinations(void)
{
        for (int device = DEVICE_ABSENT; device <= DEVICE_OTHER; device *= 2)
                for (int note = NOTED_NOTHING; note <= NOTED_ADOPTION; note *= 2)
                        for (int unit = UNIT_DOWN; unit <= UNIT_RISING; unit *= 2)
                                check_combination(device, note, unit);
}

int main(void)
{
        test_stories();
        test_all_combinations();
        return test_result();
}
