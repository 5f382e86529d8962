/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks of what systemd knows about definitions, from its files */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "manager.h"
#include "text.h"
#include "unit-name.h"

#define GENERATED_DIR "/run/systemd/generator"

void check_enablement_stale(struct check *check)
{
        const struct enablement *enablement = &check->survey->enablement;

        for (size_t i = 0; i < enablement->n; i++) {
                const struct enablement_link *link = &enablement->links[i];
                const char *parent = link->directory->parent;
                const bool is_runtime = strncmp(link->directory->path, "/run/", strlen("/run/")) == 0;
                const struct survey_device *const *devices;
                const size_t n = check_find(check, link->uuid, &devices);
                char path[PATH_MAX], others[1024] = "";
                bool is_right = false;
                struct finding *finding;

                for (size_t k = 0; k < n; k++)
                        if (devices[k]->is_defined) {
                                is_right = is_right || strcmp(devices[k]->parent, parent) == 0;
                                text_list(others, sizeof(others), devices[k]->parent);
                        }
                if (is_right || link->is_mask ||
                        root_path(check->root, path, "%s/mdev@%s.service", link->directory->path,
                                link->uuid) < 0)
                        continue;
                finding = findings_add(&check->findings, FINDING_ENABLEMENT_STALE, path, link->uuid, parent);
                if (others[0] == '\0') {
                        finding_say(finding, "enables a unit without a definition under parent %s", parent);
                        finding_advise(finding, "run \"systemctl disable %smdev@%s.service\"",
                                is_runtime ? "--runtime " : "", link->uuid);
                } else {
                        finding_say(finding,
                                "enables the unit under parent %s, but the definition is under parent %s",
                                parent, others);
                        finding_advise(finding,
                                "run \"systemctl reenable %smdev@%s.service\" to move the link",
                                is_runtime ? "--runtime " : "", link->uuid);
                }
        }
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
        return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* True if a definition changed, or its name began to lead to it, after the generator wrote its drop-in. */
static bool is_newer(const char *file, const struct timespec *generated)
{
        struct stat st;

        return (lstat(file, &st) == 0 && is_later(&st.st_ctim, generated)) ||
               (stat(file, &st) == 0 &&
                       (is_later(&st.st_ctim, generated) || is_later(&st.st_mtim, generated)));
}

void check_not_applied(struct check *check)
{
        if (!manager_is_running(check->root))
                return;
        for (size_t i = 0; i < check->survey->n_devices; i++) {
                const struct survey_device *device = &check->survey->devices[i];
                char path[PATH_MAX], unit[UNIT_NAME_SIZE];
                struct finding *finding;
                struct stat st;
                bool is_known;

                /* The generator skips an unreadable definition and one whose parent has too long a name. */
                if (!device->definition.type || unit_name_of_parent(unit, device->parent) < 0)
                        continue;
                unit_name_of_definition(unit, device->uuid);
                if (root_path(check->root, path, GENERATED_DIR "/%s.d/50-mdev.conf", unit) < 0)
                        continue;
                is_known = lstat(path, &st) == 0;
                if (is_known && !is_newer(device->file, &st.st_mtim))
                        continue;
                finding = check_add(check, FINDING_NOT_APPLIED, device);
                if (is_known)
                        finding_say(finding, "the definition has changed since systemd's last reload");
                else
                        finding_say(finding, "systemd does not know the definition yet");
                finding_advise(finding, "run \"systemctl daemon-reload\"");
        }
}
