/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "differences.h"
#include "sysfs.h"

/* A sysfs file has at most one page. */
#define PAGE_SIZE 4096

bool differences_are_possible(const struct survey_device *device)
{
        return device->is_active && device->definition.type;
}

bool attribute_read(const struct device *device, const char *name, char *ret, size_t size)
{
        mode_t mode;

        /* Root could open a file of a tree that its mode makes write-only. */
        return device_get_attribute_mode(device, name, &mode) >= 0 && S_ISREG(mode) &&
               mode & (S_IRUSR | S_IRGRP | S_IROTH) && sysfs_read_value(device->fd, name, ret, size) >= 0;
}

static bool is_same(const char *defined, const char *running)
{
        size_t length = strlen(defined);

        while (length > 0 && defined[length - 1] == '\n')
                length--;
        return strncmp(defined, running, length) == 0 && running[length] == '\0';
}

static int add(struct differences *differences, const char *name, const char *defined, const char *running)
{
        struct difference *item = &differences->items[differences->n];

        *item = (struct difference){name, defined, strdup(running)};
        if (!item->running)
                return -ENOMEM;
        differences->n++;
        return 0;
}

/* True if a later attribute has the same name: its value is written last. */
static bool is_overwritten(const struct definition *definition, const cJSON *position, const char *name)
{
        const char *other, *value;

        while (definition_next_attribute(definition, &position, &other, &value))
                if (strcmp(other, name) == 0)
                        return true;
        return false;
}

static int compare_attributes(
        const struct device *device, const struct definition *definition, struct differences *ret)
{
        const cJSON *position = NULL;
        const char *name, *value;
        char running[PAGE_SIZE + 1];
        int r = 0;

        while (r >= 0 && definition_next_attribute(definition, &position, &name, &value))
                if (!is_overwritten(definition, position, name) &&
                        attribute_read(device, name, running, sizeof(running)) && !is_same(value, running))
                        r = add(ret, name, value, running);
        return r;
}

int differences_find(
        const struct root *root, const struct survey_device *survey_device, struct differences *ret)
{
        const struct definition *definition = &survey_device->definition;
        _cleanup_device_ struct device device = DEVICE_NONE;
        int r = 0;

        *ret = (struct differences){};
        if (!differences_are_possible(survey_device))
                return 0;
        ret->items = calloc(definition_count_attributes(definition) + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        if (strcmp(survey_device->running_type, definition->type) != 0)
                r = add(ret, DIFFERENCE_TYPE, definition->type, survey_device->running_type);
        if (r < 0 || !definition->attributes)
                return r;
        /* A later device of the UUID is not the one that the survey has seen. */
        if (device_find(root, survey_device->uuid, &device) > 0 && device.inode == survey_device->inode)
                r = compare_attributes(&device, definition, ret);
        return r;
}

void differences_done(struct differences *differences)
{
        for (size_t i = 0; i < differences->n; i++)
                free(differences->items[i].running);
        free(differences->items);
        *differences = (struct differences){};
}
