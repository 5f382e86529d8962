/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "uuid.h"

#define URN "urn:uuid:"
#define DIGITS 32

static bool is_hyphen_place(size_t i)
{
        return i == 8 || i == 13 || i == 18 || i == 23;
}

int uuid_parse(const char *text, char ret[static UUID_LENGTH + 1])
{
        size_t length = strlen(text);
        bool hyphens = true;
        char uuid[UUID_LENGTH + 1];

        if (length == DIGITS)
                hyphens = false;
        else if (length == UUID_LENGTH + 2 && text[0] == '{' && text[length - 1] == '}')
                text++;
        else if (length == strlen(URN) + UUID_LENGTH && strncmp(text, URN, strlen(URN)) == 0)
                text += strlen(URN);
        else if (length != UUID_LENGTH)
                return -EINVAL;

        for (size_t i = 0; i < UUID_LENGTH; i++) {
                const int c = is_hyphen_place(i) && !hyphens ? '-' : *text++;

                uuid[i] = (char) (c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
        }
        uuid[UUID_LENGTH] = '\0';
        if (!uuid_is_canonical(uuid))
                return -EINVAL;
        strcpy(ret, uuid);
        return 0;
}

int uuid_generate(char ret[static UUID_LENGTH + 1])
{
        unsigned char bytes[16];
        char *p = ret;

        if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
                return errno ? -errno : -EIO;
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        for (size_t i = 0; i < sizeof(bytes); i++)
                p += sprintf(p, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
        return 0;
}
