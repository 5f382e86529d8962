/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "callout-script.h"
#include "cleanup.h"
#include "text.h"

/* The scripts of the first directory are tried first. */
static const char *const script_dirs[] = {
        "/usr/lib/mdevctl/scripts.d",
        DEFINITIONS_DIR "/" DEFINITIONS_SCRIPTS,
};

static const char *const action_names[] = {
        [CALLOUT_START] = "start",
        [CALLOUT_STOP] = "stop",
        [CALLOUT_DEFINE] = "define",
        [CALLOUT_UNDEFINE] = "undefine",
        [CALLOUT_MODIFY] = "modify",
        [CALLOUT_ATTRIBUTES] = "attributes",
        [CALLOUT_CAPABILITIES] = "capabilities",
};

static const char *const event_names[] = {
        [CALLOUT_PRE] = "pre",
        [CALLOUT_POST] = "post",
        [CALLOUT_NOTIFY] = "notify",
        [CALLOUT_GET] = "get",
        [CALLOUT_LIVE] = "live",
};

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))

const char callout_capabilities_offer[] =
        "{\"provides\":{\"version\":2,"
        "\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\",\"attributes\","
        "\"capabilities\"],"
        "\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}";

const char *callout_action_name(enum callout_action action)
{
        return action_names[action];
}

const char *callout_event_name(enum callout_event event)
{
        return event_names[event];
}

void callouts_warn(const struct callouts *callouts, const char *format, ...)
{
        char text[512];
        va_list ap;

        if (!callouts->handler.on_warning)
                return;
        va_start(ap, format);
        text_format(text, sizeof(text), format, ap);
        va_end(ap);
        callouts->handler.on_warning(callouts->handler.userdata, text);
}

static int compare_scripts(const void *a, const void *b)
{
        return strcmp(((const struct callout_script *) a)->name, ((const struct callout_script *) b)->name);
}

/* Not with faccessat(3): it uses faccessat2(2) and falls back only on ENOSYS, not on EPERM. */
static bool is_executable_file(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Adds a file to the list if it is executable. */
static int list_add(struct callout_list *list, const char *dir, const char *name)
{
        struct callout_script *scripts, *script;
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", dir, name) < 0)
                return -ENOMEM;
        if (!is_executable_file(path))
                return 0;
        scripts = reallocarray(list->scripts, list->n + 1, sizeof(*scripts));
        if (!scripts)
                return -ENOMEM;
        list->scripts = scripts;
        script = &scripts[list->n];
        *script = (struct callout_script){.path = TAKE_PTR(path)};
        script->name = script->path + strlen(dir) + 1;
        list->n++;
        return 0;
}

static int list_read_dir(struct callouts *callouts, struct callout_list *list, const char *path)
{
        _cleanup_closedir_ DIR *dir = opendir(path);
        const size_t first = list->n;
        struct dirent *entry;

        if (!dir && errno != ENOENT && errno != ENOTDIR)
                callouts_warn(callouts, "Failed to read %s: %s", path, strerror(errno));
        while (dir && (errno = 0, entry = readdir(dir)))
                if (list_add(list, path, entry->d_name) < 0)
                        return -ENOMEM;
        if (dir && errno != 0)
                callouts_warn(callouts, "Failed to read %s: %s", path, strerror(errno));
        if (list->n > first)
                qsort(list->scripts + first, list->n - first, sizeof(*list->scripts), compare_scripts);
        return 0;
}

int callout_list_read(struct callouts *callouts, struct callout_list *list, const char *kind)
{
        if (list->read)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(script_dirs); i++) {
                char path[PATH_MAX];
                int r = root_path(callouts->root, path, "%s/%s", script_dirs[i], kind);

                if (r >= 0)
                        r = list_read_dir(callouts, list, path);
                if (r < 0) {
                        callout_list_done(list);
                        return r;
                }
        }
        list->read = true;
        return 0;
}

void callout_list_done(struct callout_list *list)
{
        for (size_t i = 0; i < list->n; i++)
                free(list->scripts[i].path);
        free(list->scripts);
        *list = (struct callout_list){};
}

/* Converts a list of names into bits. */
static int parse_names(
        const cJSON *array, const char *const *names, size_t n_names, uint32_t *ret, char unknown[static 64])
{
        const cJSON *entry;

        if (!cJSON_IsArray(array))
                return -EINVAL;
        cJSON_ArrayForEach(entry, array)
        {
                const char *name = cJSON_GetStringValue(entry);
                size_t i = 0;

                if (!name)
                        return -EINVAL;
                while (i < n_names && strcmp(names[i], name) != 0)
                        i++;
                if (i < n_names)
                        *ret |= UINT32_C(1) << i;
                else if (unknown[0] == '\0')
                        snprintf(unknown, 64, "%s", name);
        }
        return 0;
}

static bool is_version(const cJSON *item)
{
        return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX &&
               item->valuedouble == (double) (uint32_t) item->valuedouble;
}

int callout_capabilities_parse(const char *text, struct callout_capabilities *ret)
{
        _cleanup_json_ cJSON *json = NULL;
        const cJSON *supports;
        struct reason reason;
        int r;

        *ret = (struct callout_capabilities){};
        r = json_parse(text, strlen(text), &json, &reason);
        if (r < 0)
                return r;
        supports = json_member(json, "supports");
        if (!is_version(json_member(supports, "version")))
                return -EINVAL;
        r = parse_names(json_member(supports, "actions"), action_names, ELEMENTSOF(action_names),
                &ret->actions, ret->unknown);
        if (r < 0)
                return r;
        return parse_names(json_member(supports, "events"), event_names, ELEMENTSOF(event_names),
                &ret->events, ret->unknown);
}
