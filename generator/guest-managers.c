/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Services that start guests
 *
 * A guest that starts at boot must find its device, so devices start before
 * these services. The template does not name them all: systemd would search all
 * its directories for each missing service at the start of every device, which
 * costs more than the start itself. Installing such a service reloads systemd,
 * which runs the generator again.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest-managers.h"
#include "util.h"

static const char *const managers[] = {
        "libvirtd.service",
        "virtqemud.service",
        "virtnodedevd.service",
        "libvirt-guests.service",
        "nova-compute.service",
        "openstack-nova-compute.service",
        "kubelet.service",
        "k3s.service",
        "k3s-agent.service",
        "rke2-server.service",
        "rke2-agent.service",
        "pve-guests.service",
};

/* The directories for units of packages and administrators, wherever our own units are installed. */
static const char *const directories[] = {
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
};

void guest_managers_collect(const struct root *root, char ret[static GUEST_MANAGERS_SIZE])
{
        size_t used = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(managers); i++)
                for (size_t k = 0; k < ELEMENTSOF(directories); k++) {
                        char path[PATH_MAX];

                        if (root_path(root, path, "%s/%s", directories[k], managers[i]) < 0 ||
                                access(path, F_OK) < 0)
                                continue;
                        used += (size_t) snprintf(
                                ret + used, GUEST_MANAGERS_SIZE - used, " %s", managers[i]);
                        break;
                }
}
