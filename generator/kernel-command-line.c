/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel command line
 *
 * One switch, with the spelling rules of systemd's own switches: the last one
 * counts, and a missing value means yes. Its
 * name does not begin with "mdev.": that would be a parameter of the kernel's
 * module mdev.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "kernel-command-line.h"
#include "log.h"

#define SWITCH "systemd.mdev"

/* The kernel's own limit, COMMAND_LINE_SIZE, is 4096 at most. */
#define COMMAND_LINE_SIZE 4096

static int command_line_read(const struct env *env, char ret[static COMMAND_LINE_SIZE])
{
        const char *given = secure_getenv("SYSTEMD_PROC_CMDLINE");
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        ssize_t n;
        int r;

        if (given) {
                if ((size_t) snprintf(ret, COMMAND_LINE_SIZE, "%s", given) >= COMMAND_LINE_SIZE)
                        return -E2BIG;
                return 0;
        }
        r = env_path(env, path, "/proc/cmdline");
        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = read(fd, ret, COMMAND_LINE_SIZE - 1);
        if (n < 0)
                return -errno;
        ret[n] = '\0';
        return 0;
}

/* Cuts the next word off; double quotes keep white space inside a word. NULL at the end. */
static char *next_word(char **text)
{
        char *from = *text + strspn(*text, " \t\n"), *to = from, *word = from;
        bool quoted = false;

        if (*from == '\0')
                return NULL;
        for (; *from && (quoted || !strchr(" \t\n", *from)); from++)
                if (*from == '"')
                        quoted = !quoted;
                else
                        *to++ = *from;
        *text = *from ? from + 1 : from;
        *to = '\0';
        return word;
}

static bool is_switch(const char *word, size_t length)
{
        return length == strlen(SWITCH) && memcmp(word, SWITCH, length) == 0;
}

static int parse_boolean(const char *value)
{
        static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};
        static const char *const no[] = {"0", "no", "n", "false", "f", "off"};

        for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
                if (strcasecmp(value, yes[i]) == 0)
                        return true;
                if (strcasecmp(value, no[i]) == 0)
                        return false;
        }
        return -EINVAL;
}

bool kernel_command_line_wants_autostart(const struct env *env)
{
        char buffer[COMMAND_LINE_SIZE], *text = buffer, *word;
        bool wanted = true;
        int r;

        r = command_line_read(env, buffer);
        if (r < 0) {
                if (r != -ENOENT)
                        log_warning_errno(r, "cannot read the kernel command line, ignoring it: %m");
                return true;
        }
        while ((word = next_word(&text))) {
                size_t length = strcspn(word, "=");

                if (!is_switch(word, length))
                        continue;
                r = word[length] == '=' ? parse_boolean(word + length + 1) : true;
                if (r < 0)
                        log_warning("kernel command line: \"%s\" is neither yes nor no, ignoring it", word);
                else
                        wanted = r;
        }
        return wanted;
}
