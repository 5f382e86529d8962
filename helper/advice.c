/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "advice.h"
#include "device.h"

const char *advice_on_refusal(int r)
{
        switch (-r) {
        case ENOSPC:
        case EUSERS:
                return "stop another device of this parent first";
        case EAGAIN:
        case EBUSY:
                return "the driver or its hardware is busy, start again later";
        case ENOMEM:
                return "the kernel has no memory left for it";
        case EROFS:
                return "/sys is mounted read-only here, as in many containers";
        case EEXIST:
                return "the UUID is taken by a device that is still being created or removed";
        default:
                return "see the kernel log for the driver's reason";
        }
}

/* vfio_ap answers ENODEV and the errors of addresses, see drivers/s390/crypto/vfio_ap_ops.c. */
const char *advice_on_value(int r)
{
        switch (-r) {
        case EINVAL:
                return "correct the definition";
        case ENODEV:
                return "the parent does not have what the value names (vfio_ap: the number is too large)";
        case EADDRINUSE:
                return "another mediated device has such a queue, see " DEVICES_DIR "/*/matrix";
        case EADDRNOTAVAIL:
                return "the host keeps such a queue, see apmask and aqmask in /sys/bus/ap";
        default:
                return advice_on_refusal(r);
        }
}
