/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "definition.h"
#include "name.h"

static const struct {
        const char *type; /* the member with the type */
        bool type_may_be_number;
} kinds[_DEFINITION_KINDS] = {
        [DEFINITION_MDEV] = {"mdev_type", false},
        [DEFINITION_VGPU] = {"vgpu_type", true},
};

const char *definition_type_member(enum definition_kind kind)
{
        return kinds[kind].type;
}

static int attributes_check(cJSON *attributes, struct reason *reason)
{
        cJSON *entry;
        size_t index = 0;

        if (!attributes)
                return 0;
        if (!cJSON_IsArray(attributes))
                return reason_set(reason, -EINVAL, "\"attrs\" is not an array");
        cJSON_ArrayForEach(entry, attributes)
        {
                const cJSON *member = json_only_member(entry);
                const char *wrong;

                if (!member)
                        return reason_set(reason, -EINVAL,
                                "attribute %zu in \"attrs\" is not an object with exactly one member",
                                index);
                wrong = stored_attribute_name_check(member->string);
                if (wrong)
                        return reason_set(reason, -EINVAL, "attribute %zu: the name \"%s\" %s", index,
                                member->string, wrong);
                if (!cJSON_IsString(member))
                        return reason_set(reason, -EINVAL,
                                "attribute %zu: the value of \"%s\" is not a string", index, member->string);
                index++;
        }
        return 0;
}

/* Replaces a number with its digits, so that every reader sees a string. */
static int number_to_string(cJSON *json, cJSON **number, struct reason *reason)
{
        const double value = (*number)->valuedouble;
        char text[32];
        cJSON *string;

        if (value < 0 || value > INT_MAX || value != (double) (int) value)
                return reason_set(
                        reason, -EINVAL, "\"%s\" is not a number from 0 to %d", (*number)->string, INT_MAX);
        snprintf(text, sizeof(text), "%d", (int) value);
        string = cJSON_CreateString(text);
        if (!string)
                return reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
        string->string = TAKE_PTR((*number)->string);
        cJSON_ReplaceItemViaPointer(json, *number, string);
        *number = string;
        return 0;
}

int definition_from_json_kind(
        enum definition_kind kind, cJSON *json, struct definition *ret, struct reason *reason)
{
        struct definition definition = {.kind = kind, .json = json};
        const char *const member = kinds[kind].type;
        const cJSON *start;
        cJSON *type;
        const char *wrong;
        int r;

        if (!cJSON_IsObject(json))
                return reason_set(reason, -EINVAL, "is not a JSON object");

        type = json_member(json, member);
        if (!type)
                return reason_set(reason, -EINVAL, "\"%s\" is missing", member);
        if (cJSON_IsNumber(type) && kinds[kind].type_may_be_number) {
                r = number_to_string(json, &type, reason);
                if (r < 0)
                        return r;
        }
        if (!cJSON_IsString(type))
                return reason_set(reason, -EINVAL, "\"%s\" is not a string%s", member,
                        kinds[kind].type_may_be_number ? " or a number" : "");
        definition.type = type->valuestring;
        wrong = name_check(definition.type);
        if (wrong)
                return reason_set(reason, -EINVAL, "\"%s\": \"%s\" %s", member, definition.type, wrong);

        start = json_member(json, "start");
        if (!start)
                return reason_set(reason, -EINVAL, "\"start\" is missing");
        definition.autostart = cJSON_IsString(start) && strcmp(start->valuestring, "auto") == 0;

        definition.attributes = json_member(json, "attrs");
        r = attributes_check(definition.attributes, reason);
        if (r < 0)
                return r;

        *ret = definition;
        return 0;
}

int definition_from_json(cJSON *json, struct definition *ret, struct reason *reason)
{
        return definition_from_json_kind(DEFINITION_MDEV, json, ret, reason);
}

int definition_parse_kind(enum definition_kind kind, const char *text, size_t size, struct definition *ret,
        struct reason *reason)
{
        _cleanup_json_ cJSON *json = NULL;
        int r = json_parse(text, size, &json, reason);

        if (r >= 0)
                r = definition_from_json_kind(kind, json, ret, reason);
        if (r >= 0)
                json = NULL;
        return r;
}

int definition_parse(const char *text, size_t size, struct definition *ret, struct reason *reason)
{
        return definition_parse_kind(DEFINITION_MDEV, text, size, ret, reason);
}

/* Tells a dangling link, which is an error, from a file that another program just removed. */
static int stat_failed(int dirfd, const char *name, struct reason *reason)
{
        const int r = -errno;
        char target[PATH_MAX];
        const ssize_t n = readlinkat(dirfd, name, target, sizeof(target) - 1);

        if (n < 0)
                return reason_set(reason, r, "%s", strerror(-r));
        target[n] = '\0';
        return reason_set(
                reason, r, "the symbolic link to %.150s cannot be followed: %s", target, strerror(-r));
}

/* Opens a regular file only: opening a FIFO could block, opening a device could have side effects. */
static int definition_open(int dirfd, const char *name, size_t *ret_size, struct reason *reason)
{
        _cleanup_close_ int fd = -1;
        struct stat st;

        if (fstatat(dirfd, name, &st, 0) < 0)
                return stat_failed(dirfd, name, reason);
        if (S_ISDIR(st.st_mode))
                return reason_set(reason, -EISDIR, "is a directory, not a definition file");
        if (!S_ISREG(st.st_mode))
                return reason_set(reason, -EINVAL, "is not a regular file");

        /* rename(2) may just have replaced the file with one of another size. The open file keeps its size,
         * because programs never change a definition in place. */
        fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return reason_set(reason, -errno, "%s", strerror(errno));
        if (st.st_size > DEFINITION_SIZE_MAX)
                return reason_set(reason, -EFBIG, "has %lld bytes, more than the %d a definition may have",
                        (long long) st.st_size, DEFINITION_SIZE_MAX);
        *ret_size = (size_t) st.st_size;
        return TAKE_FD(fd);
}

int definition_load_kind(enum definition_kind kind, int dirfd, const char *name, struct definition *ret,
        struct reason *reason)
{
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        size_t size = 0, used = 0;

        fd = definition_open(dirfd, name, &size, reason);
        if (fd < 0)
                return fd;

        text = malloc(size + 1);
        if (!text)
                return reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
        while (used < size) {
                ssize_t n = read(fd, text + used, size - used);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return reason_set(reason, -errno, "%s", strerror(errno));
                if (n == 0)
                        break;
                used += (size_t) n;
        }
        text[used] = '\0';
        return definition_parse_kind(kind, text, used, ret, reason);
}

int definition_load(int dirfd, const char *name, struct definition *ret, struct reason *reason)
{
        return definition_load_kind(DEFINITION_MDEV, dirfd, name, ret, reason);
}

void definition_done(struct definition *definition)
{
        cJSON_Delete(definition->json);
        *definition = (struct definition){};
}

bool definition_next_attribute(const struct definition *definition, const cJSON **position,
        const char **ret_name, const char **ret_value)
{
        const cJSON *entry = definition->attributes;

        if (entry)
                entry = *position ? (*position)->next : entry->child;
        if (!entry)
                return false;
        *position = entry;
        *ret_name = entry->child->string;
        *ret_value = entry->child->valuestring;
        return true;
}

size_t definition_count_attributes(const struct definition *definition)
{
        return (size_t) cJSON_GetArraySize(definition->attributes);
}

bool definition_is_temporary(const char *name)
{
        size_t length = strlen(name);

        return name[0] == '.' && length > strlen(DEFINITION_TEMPORARY) &&
               strcmp(name + length - strlen(DEFINITION_TEMPORARY), DEFINITION_TEMPORARY) == 0;
}
