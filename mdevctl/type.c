/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "name.h"
#include "sysfs.h"
#include "type.h"

/* Reads a value without the white space around it. */
static int read_value(int fd, const char *file, char *ret, size_t size)
{
        char text[TYPE_PAGE_SIZE + 1];
        int r = sysfs_read(fd, file, text, sizeof(text));

        if (r < 0) {
                ret[0] = '\0';
                return r;
        }
        utf8_replace_invalid(text + strspn(text, " \t\r\n"), ret, size);
        return 0;
}

/* Copies text and joins its lines into one. */
static void join_lines(const char *text, char ret[static 2 * TYPE_VALUE_SIZE])
{
        for (; *text; text++)
                if (*text == '\n') {
                        *ret++ = ',';
                        *ret++ = ' ';
                } else
                        *ret++ = *text;
        *ret = '\0';
}

static int parse_number(const char *text, long *ret)
{
        char *end;

        *ret = strtol(text, &end, 10);
        return end == text || *end != '\0' ? -EBADMSG : 0;
}

void type_read(int fd, struct type *ret)
{
        char description[TYPE_VALUE_SIZE];

        ret->available = 0;
        ret->available_error =
                read_value(fd, "available_instances", ret->available_text, sizeof(ret->available_text));
        if (ret->available_error == 0)
                ret->available_error = parse_number(ret->available_text, &ret->available);
        ret->api_error = read_value(fd, "device_api", ret->api, sizeof(ret->api));
        ret->name_error = read_value(fd, "name", ret->name, sizeof(ret->name));
        ret->description_error = read_value(fd, "description", description, sizeof(description));
        join_lines(description, ret->description);
}

static int is_type(const struct dirent *entry)
{
        return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

int type_list(int types_fd, char ***ret)
{
        struct dirent **entries;
        _cleanup_type_names_ char **names = NULL;
        int r = 0, n = scandirat(types_fd, ".", &entries, is_type, compare_entries);

        if (n < 0)
                return -errno;
        names = calloc((size_t) n + 1, sizeof(char *));
        for (int i = 0; i < n; i++) {
                if (names && r == 0)
                        names[i] = strdup(entries[i]->d_name);
                if (!names || !names[i])
                        r = -ENOMEM;
                free(entries[i]);
        }
        free(entries);
        if (r < 0 || !names)
                return -ENOMEM;
        *ret = TAKE_PTR(names);
        return n;
}

void type_names_free(char ***names)
{
        for (char **p = *names; p && *p; p++)
                free(*p);
        free(*names);
        *names = NULL;
}
