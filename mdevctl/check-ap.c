/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Checks of the queues of vfio_ap devices
 *
 * The driver refuses a queue that another device or the host has. Two automatic
 * definitions therefore conflict at the next boot, and a definition conflicts
 * with an active device as soon as it starts.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ap-queues.h"
#include "check.h"
#include "cleanup.h"
#include "device.h"
#include "open-beneath.h"
#include "sysfs.h"
#include "text.h"

#define AP_BUS_DIR "/sys/bus/ap"

/* A list of queues, and one of devices, in a message. */
#define LIST_SIZE 1024

/* The kernel's text has one page, but a file of a tree may have all queues. */
#define MATRIX_SIZE_MAX (AP_NUMBERS * AP_NUMBERS * sizeof("05.0004"))

/* The queues that a device has or gets, see find_claims(). */
struct claim {
        const struct survey_device *device;
        struct ap_queues now, at_boot;
};

struct claims {
        struct claim *list;
        size_t n;
};

static void claims_done(struct claims *claims)
{
        free(claims->list);
}
#define _cleanup_claims_ __attribute__((cleanup(claims_done)))

static bool is_ap_device(const struct survey_device *device)
{
        return device->running_type && ap_is_type(device->running_type);
}

static bool is_ap_definition(const struct survey_device *device)
{
        return device->definition.type && ap_is_type(device->definition.type);
}

bool check_has_queues(const struct survey_device *device)
{
        return is_ap_device(device) || is_ap_definition(device);
}

/* False if the matrix cannot be read. */
static bool read_matrix(const struct check *check, const char *uuid, struct ap_queues *ret)
{
        _cleanup_device_ struct device device = DEVICE_NONE;
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -1;
        size_t used = 0;
        ssize_t n;

        if (device_find(check->root, uuid, &device) <= 0)
                return false;
        fd = open_beneath(device.fd, "matrix", O_RDONLY | O_NONBLOCK);
        text = fd < 0 ? NULL : malloc(MATRIX_SIZE_MAX + 1);
        if (!text)
                return false;
        while ((n = read(fd, text + used, MATRIX_SIZE_MAX - used)) > 0)
                used += (size_t) n;
        if (n < 0)
                return false;
        text[used] = '\0';
        ap_queues_of_matrix(text, ret);
        return true;
}

/* An active device has the queues in its matrix until it stops. What starts by itself gets those of its
 * definition: at once if it is inactive, else after a reboot. */
static void find_claim(const struct check *check, const struct survey_device *device, struct claim *ret)
{
        *ret = (struct claim){.device = device};
        if (is_ap_definition(device) && check_starts_by_itself(check, device))
                ap_queues_of_definition(&device->definition, &ret->at_boot);
        if (!is_ap_device(device) || !read_matrix(check, device->uuid, &ret->now))
                ret->now = ret->at_boot;
}

static bool find_claims(const struct check *check, struct claims *ret)
{
        const struct survey *survey = check->survey;
        size_t n = 0;

        for (size_t i = 0; i < survey->n_devices; i++)
                n += check_has_queues(&survey->devices[i]);
        ret->list = calloc(n + 1, sizeof(struct claim));
        for (size_t i = 0; ret->list && i < survey->n_devices; i++)
                if (check_has_queues(&survey->devices[i]))
                        find_claim(check, &survey->devices[i], &ret->list[ret->n++]);
        return ret->list;
}

/* Gets the queues that two devices claim at the same time. */
static bool find_conflict(const struct claim *a, const struct claim *b, struct ap_queues *ret)
{
        struct ap_queues now, at_boot;
        bool any = ap_queues_intersect(&a->now, &b->now, &now);

        if (strcmp(a->device->uuid, b->device->uuid) == 0)
                return false;
        any |= ap_queues_intersect(&a->at_boot, &b->at_boot, &at_boot);
        ap_queues_unite(&now, &at_boot);
        *ret = now;
        return any;
}

static void check_claim(struct check *check, const struct claims *claims, const struct claim *claim)
{
        struct ap_queues all = {}, some;
        char queues[LIST_SIZE], others[LIST_SIZE] = "";
        struct finding *finding;

        for (size_t i = 0; i < claims->n; i++)
                if (find_conflict(claim, &claims->list[i], &some)) {
                        ap_queues_unite(&all, &some);
                        text_list(others, sizeof(others), claims->list[i].device->uuid);
                }
        if (others[0] == '\0')
                return;
        ap_queues_list(&all, queues, sizeof(queues));
        finding = check_add(check, FINDING_AP_QUEUE_SHARED, claim->device);
        finding_say(finding, "the device and %s get the same queues: %s", others, queues);
        finding_advise(finding, "assign each queue to one device");
}

void check_ap_queue_shared(struct check *check)
{
        _cleanup_claims_ struct claims claims = {};

        if (!find_claims(check, &claims)) {
                check->findings.is_incomplete = true;
                return;
        }
        for (size_t i = 0; i < claims.n; i++)
                check_claim(check, &claims, &claims.list[i]);
}

/* Opens the directory of the AP bus, or returns -1: it exists on s390 only. */
static int open_bus(const struct check *check)
{
        char path[PATH_MAX];

        return root_path(check->root, path, AP_BUS_DIR) < 0 ? -1
                                                            : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Adds a finding to each definition that assigns some of the queues, or other queues than those. */
static void check_assigned(struct check *check, enum finding_code code,
        bool (*choose)(const struct ap_queues *a, const struct ap_queues *b, struct ap_queues *ret),
        const struct ap_queues *queues, const char *message, const char *remedy)
{
        struct ap_queues assigned;
        char list[LIST_SIZE];

        for (size_t i = 0; i < check->survey->n_devices; i++) {
                const struct survey_device *device = &check->survey->devices[i];
                struct finding *finding;

                if (!is_ap_definition(device))
                        continue;
                ap_queues_of_definition(&device->definition, &assigned);
                if (!choose(&assigned, queues, &assigned))
                        continue;
                ap_queues_list(&assigned, list, sizeof(list));
                finding = check_add(check, code, device);
                finding_say(finding, "%s: %s", message, list);
                finding_advise(finding, "%s", remedy);
        }
}

void check_ap_queue_host(struct check *check)
{
        _cleanup_close_ int bus_fd = open_bus(check);
        char apmask[128], aqmask[128];
        struct ap_queues host;

        if (bus_fd >= 0 && sysfs_read(bus_fd, "apmask", apmask, sizeof(apmask)) >= 0 &&
                sysfs_read(bus_fd, "aqmask", aqmask, sizeof(aqmask)) >= 0 &&
                ap_queues_of_masks(apmask, aqmask, &host))
                check_assigned(check, FINDING_AP_QUEUE_HOST, ap_queues_intersect, &host,
                        "apmask and aqmask leave queues to the host",
                        "take their adapters out of " AP_BUS_DIR
                        "/apmask or their domains out of " AP_BUS_DIR "/aqmask, or assign others");
}

/* Gets the queues that the AP bus has. False if it is unknown. */
static bool find_present(const struct check *check, struct ap_queues *ret)
{
        _cleanup_closedir_ DIR *dir = NULL;
        struct dirent *entry;
        char path[PATH_MAX];

        if (root_path(check->root, path, AP_BUS_DIR "/devices") < 0 || !(dir = opendir(path)))
                return false;
        *ret = (struct ap_queues){};
        while ((errno = 0, entry = readdir(dir)))
                (void) ap_queues_add_name(ret, entry->d_name);
        return errno == 0;
}

void check_ap_queue_absent(struct check *check)
{
        struct ap_queues present;

        if (find_present(check, &present))
                check_assigned(check, FINDING_AP_QUEUE_ABSENT, ap_queues_subtract, &present,
                        "the host does not have queues", "configure them for the host, or assign others");
}
