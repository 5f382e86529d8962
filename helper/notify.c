/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"
#include "notify.h"
#include "text.h"

void notify_status(const char *format, ...)
{
        static const char prefix[] = "STATUS=";
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        const char *path = getenv("NOTIFY_SOCKET");
        _cleanup_close_ int fd = -1;
        char text[512];
        size_t length;
        va_list ap;

        if (!path || (path[0] != '/' && path[0] != '@'))
                return;
        length = strlen(path);
        if (length >= sizeof(address.sun_path))
                return;
        memcpy(address.sun_path, path, length);
        if (path[0] == '@')
                address.sun_path[0] = '\0';

        memcpy(text, prefix, sizeof(prefix));
        va_start(ap, format);
        text_format(text + strlen(prefix), sizeof(text) - strlen(prefix), format, ap);
        va_end(ap);
        /* A newline would begin another field. */
        for (char *p = text; *p; p++)
                if ((unsigned char) *p < 0x20)
                        *p = '?';

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0)
                sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *) &address,
                        (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length));
}
